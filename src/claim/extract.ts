import type { Norm } from '../engine/attack/types';
import { namedAttacks } from './attackNames';

/**
 * What a stated share is a share of. `plain` is an accuracy that nothing qualifies; `change` is a difference, a drop or
 * a relative improvement.
 */
export type FigureRole = 'clean' | 'plain' | 'robust' | 'certified' | 'success' | 'change' | 'other';

/** A number that a sentence offers as a result. */
export interface StatedFigure {
  /** As a share, 0..1, for percentages; as written for other scores. */
  readonly value: number;
  /** Half a unit of the last digit that was written, in the units of `value`. */
  readonly rounding: number;
  readonly role: FigureRole;
  /** `at least`, `at most` or neither. */
  readonly bound: 'lower' | 'upper' | null;
  readonly percent: boolean;
  /** Offsets into the text that was read. */
  readonly start: number;
  readonly end: number;
}

export interface StatedEpsilon {
  readonly value: number;
  readonly text: string;
}

/** What can be read out of one piece of text. */
export interface Facts {
  readonly figures: readonly StatedFigure[];
  readonly epsilons: readonly StatedEpsilon[];
  readonly norms: readonly Norm[];
  /** Canonical names: `fgsm`, `pgd`, `autoattack` ... */
  readonly attacks: readonly string[];
  readonly knowledge: 'white-box' | 'black-box' | null;
  /** Number of examples behind the figures. */
  readonly count: number | null;
}

const norms: readonly (readonly [Norm, RegExp])[] = [
  [
    'linf',
    /(?:\bl|ℓ|\\ell)[-_ \\{]*(?:inf\w*|∞|infty|infinity)|\blinf|infinity[- ]norm|max(?:imum)?[- ]norm|sup[- ]norm|ℓ∞|l∞|\binf norm/i,
  ],
  ['l2', /(?:\bl|ℓ|\\ell)[-_ \\{]*[2₂²]\b|ℓ₂|\bl₂|euclidean/i],
  ['l1', /(?:\bl|ℓ|\\ell)[-_ \\{]*[1₁]\b|ℓ₁/i],
  ['l0', /(?:\bl|ℓ|\\ell)[-_ \\{]*[0₀]\b|ℓ₀/i],
];

const epsilonPattern =
  /(?:ε|ϵ|𝜖|\\(?:var)?epsilon|\beps(?:ilon)?\b|\bradius\b|\bradii\b|\b(?:perturbation|attack) (?:size|budget|bound|strength)s?|\bperturbations? (?:bounds? )?(?:of|up to|within|bounded by)(?: size| at most)?|\bbounded by|\bof (?:size|magnitude)|\bbound(?: of)?|\bnorm(?: ball)? (?:of|at most|up to)|[=_]?(?:linf|l2|l∞)\s*[=≤<])[\s$*`~(]*(?:=|≤|<=|<|≈|of|:|is|at|up to|\\leq?|size|\)=)?[\s$*`~]*(\d+(?:\.\d+)?)(?:\s*\/\s*(\d+))?(?!\s?\\?%|[\d.]*x\b)/gi;
const greyLevels = /(?<![\d./])(\d+(?:\.\d+)?)\s*\/\s*255(?!\d)/g;

function readEpsilons(text: string): StatedEpsilon[] {
  const found = new Map<string, StatedEpsilon>();
  for (const pattern of [epsilonPattern, greyLevels]) {
    for (const match of text.matchAll(pattern)) {
      const top = Number(match[1]);
      const bottom = pattern === greyLevels ? 255 : match[2] === undefined ? 1 : Number(match[2]);
      const value = top / bottom;
      if (!Number.isFinite(value) || value <= 0) continue;
      found.set(value.toPrecision(6), { value, text: bottom === 1 ? String(top) : `${top}/${bottom}` });
    }
  }
  return [...found.values()];
}

const roleCues: readonly (readonly [FigureRole, RegExp])[] = [
  ['certified', /\b(?:certif\w+|verified|provabl\w+)/gi],
  ['success', /\b(?:attack success|success rate|asr|evasion|fooling rate|broken)\b/gi],
  [
    'robust',
    /\b(?:robust\w*(?= (?:test )?(?:accurac\w+|acc\b|error|figure|score)|\W{0,4}$)|adversarial(?! training)\w*|attack(?:s|ed|er)?|(?:a|t)?pgd\S*|i?-?fgsm|autoattack|deepfool|c&w|perturb\w*|worst[- ]case|corrupt\w*|noisy?|blur\w*|fog\w*|rain\w*|snow\w*|occlu\w*|dark|low[- ]light|weather|ood|out-of-(?:distribution|domain)|shifts?|linf|eps(?:ilon)?|under [a-z]+|unseen|stress\w*|withstands?|resists?|survives?)\b|^[\s*]{0,3}robust\w*(?! (?:performance|model|results?|classif|detect|predict|generali))|ε|ϵ|ℓ/gi,
  ],
  [
    'clean',
    /\b(?:clean|natural|standard|benign|unperturbed|undisturbed|in-distribution|original|nominal|undefended|ordinary|(?<!\d |\bof (?:the |all |our |its )?)(?:test(?:ing)?|validation)|un(?:occluded|corrupted|distorted|blurred|attacked|compressed|modified))\b/gi,
  ],
];

const figurePattern =
  /(?<![\w./-])(~|≈|>|<|≥|≤)?\s?([+−-])?(\d{1,3}(?:\.\d+)?)\s?\\?(%|percent\b|pp\b|(?:percentage )?points?\b|p\.p\.)|(?<![\w./=-])(\d{1,3})\/(100)(?!\d)|(?<![\w./=-])(0?\.\d{2,}|1\.0+)(?![\w/%]|\.\d)|(?:reward|score)s? (?:of |over |above )+(\d[\d,.]*)/giu;

/** The role whose cue stands nearest to the figure, on either side, without another figure between. */
function roleOf(text: string, start: number, end: number, from: number, to: number): FigureRole {
  let best: FigureRole = 'other';
  let nearest = Number.POSITIVE_INFINITY;
  const before = text.slice(from, start);
  const after = text.slice(end, to);
  // A clause mark before the figure's cue costs: "clean accuracy 97 %, robust accuracy 12 %".
  const penalty = (gap: string) => gap.length + (/[,;|]|\band\b/.test(gap) ? 25 : 0);
  for (const [role, cue] of roleCues) {
    for (const match of before.matchAll(cue)) {
      const distance = penalty(before.slice(match.index + match[0].length));
      if (distance < nearest) [best, nearest] = [role, distance];
    }
    for (const match of after.matchAll(cue)) {
      const distance = penalty(after.slice(0, match.index)) + 1;
      if (distance < nearest) [best, nearest] = [role, distance];
    }
  }
  // "certified robust accuracy": the certificate decides although "robust" stands nearer.
  if (best === 'robust' && /\bcertif\w+ (?:adversarially )?robust[\w ]*$/i.test(before.slice(-60))) return 'certified';
  if (best === 'robust' && /^\W*certified robust/i.test(after)) return 'certified';
  if (
    best === 'other' &&
    /\b(?:accuracy|f1|auc|auroc|precision|recall|m?iou|dice|r2|score)\b/i.test(before.slice(-60) + after.slice(0, 30))
  )
    return 'plain';
  return best;
}

const lowerBound = /\b(?:at least|over|above|more than|exceed(?:s|ing)?|no less than|beyond|>=?)\s*$|[>≥]\s*$/i;
const upperBound = /\b(?:at most|below|under|less than|up to|no more than|<=?)\s*$|[<≤]\s*$/i;

function readFigures(text: string): StatedFigure[] {
  const matches = [...text.matchAll(figurePattern)];
  return matches.flatMap((match, i): StatedFigure[] => {
    const written = match[3] ?? match[5] ?? match[7] ?? match[8]!.replace(/[,.]+$/, '').replaceAll(',', '');
    const percent = match[4] !== undefined || match[6] !== undefined;
    const number = Number(written);
    if (!Number.isFinite(number) || (percent && number > 100)) return [];
    const start = match.index;
    const end = start + match[0].length;
    const lead = text.slice(Math.max(0, start - 30), start);
    // ε, thresholds and parameters are no results.
    if (
      !percent &&
      match[8] === undefined &&
      /(?:[=~≤<±]|\bof size|eps(?:ilon)?(?: of)?|ε|radius(?: of)?|sigma|σ|lr|rate|alpha|threshold(?: of)?|within|bound of|noise)\s*$/i.test(
        lead,
      ) &&
      !/accuracy|auc|f1/i.test(lead)
    )
      return [];
    if (percent && /\b(?:top|first|last|split|subset|sample|remaining|dropout)\W{0,3}$|@ ?$/i.test(lead)) return [];
    // The 95 of a "95 % confidence interval".
    if (
      percent &&
      /^\W*(?:confidence|ci\b|interval|fpr\b|of (?:the )?(?:training|data|parameters|pixels))/i.test(
        text.slice(end, end + 24),
      )
    )
      return [];
    if (/±\s*$/.test(lead)) return [];
    const decimals = /\.(\d+)$/.exec(written)?.[1]?.length ?? 0;
    const scale = percent ? 100 : 1;
    const difference =
      match[2] !== undefined ||
      /^(?:pp|percentage|points?|p\.p)/i.test(match[4] ?? '') ||
      /\b(?:by|improvement of|drop of|gain of|increase of|reduction of|drops?|loses?|gains?)(?: an?| about| approximately| only| less than| over| more than)?\s*$/i.test(
        lead,
      ) ||
      /^\W*(?:relative|absolute|improvement|reduction|increase|drop|better|worse|more|less|lower|higher|percentage point)/i.test(
        text.slice(end, end + 30),
      );
    const role = difference
      ? 'change'
      : roleOf(
          text,
          start,
          end,
          Math.max(0, start - 120, matches[i - 1] ? matches[i - 1]!.index + matches[i - 1]![0].length : 0),
          Math.min(text.length, end + 60, matches[i + 1]?.index ?? text.length),
        );
    return [
      {
        value: number / scale,
        rounding: (0.5 * 10 ** -decimals) / scale,
        role,
        bound:
          lowerBound.test(lead) || /[>≥]/.test(match[1] ?? '')
            ? 'lower'
            : upperBound.test(lead) || /[<≤]/.test(match[1] ?? '')
              ? 'upper'
              : null,
        percent,
        start,
        end,
      },
    ];
  });
}

function readCount(text: string): number | null {
  const match =
    /\bn\s*=\s*(\d[\d, ]*)|(?<![\d.])(\d[\d,]*) (?:held-out |test |unseen )*(?:examples|images|samples|inputs)\b/i.exec(
      text,
    );
  const digits = (match?.[1] ?? match?.[2])?.replace(/[, ]/g, '');
  return digits ? Number(digits) : null;
}

/** Figures, ε, norms, attacks and sample sizes stated in a sentence, its heading or a table cell. */
export function extractFacts(text: string): Facts {
  const bounded = text.length > 4000 ? text.slice(0, 4000) : text;
  return {
    figures: readFigures(bounded),
    epsilons: readEpsilons(bounded),
    norms: norms.flatMap(([norm, pattern]) => (pattern.test(bounded) ? [norm] : [])),
    attacks: namedAttacks.flatMap(({ name, pattern }) => (pattern.test(bounded) ? [name] : [])),
    knowledge: /\bwhite[- ]box/i.test(bounded)
      ? 'white-box'
      : /\b(?:black|gr[ae]y)[- ]box/i.test(bounded)
        ? 'black-box'
        : null,
    count: readCount(bounded),
  };
}

/** The facts of several pieces of text, read apart so that no figure takes its role from another sentence. */
export function mergeFacts(parts: readonly Facts[]): Facts {
  const unique = <T>(values: readonly T[]) => [...new Set(values)];
  return {
    figures: parts.flatMap((part) => part.figures),
    epsilons: parts.flatMap((part) => part.epsilons),
    norms: unique(parts.flatMap((part) => part.norms)),
    attacks: unique(parts.flatMap((part) => part.attacks)),
    knowledge: parts.find((part) => part.knowledge !== null)?.knowledge ?? null,
    count: parts.find((part) => part.count !== null)?.count ?? null,
  };
}
