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
    /(?:\bl|ℓ|\\ell)[-_^ \\{]*(?:inf\w*|∞|infty|infinity)|chebyshev|\blinf|infinity[- ]norm|max(?:imum)?[- ]norm|sup[- ]norm|ℓ∞|l∞|\binf norm/i,
  ],
  [
    'l2',
    /(?:\bl|ℓ|\\ell)[-_^ \\{]*[2₂²]\b(?! ?-?(?:loss|regulari|penalt|cache|error|normali|decay|feature))|ℓ₂|\bl₂|euclidean/i,
  ],
  ['l1', /(?:\bl|ℓ|\\ell)[-_^ \\{]*[1₁]\b(?! ?-?(?:loss|regulari|penalt|cache|error|normali|decay|feature))|ℓ₁/i],
  ['l0', /(?:\bl|ℓ|\\ell)[-_ \\{]*[0₀]\b|ℓ₀/i],
];

const epsilonPattern =
  /(?:ε|ϵ|𝜖|\\(?:var)?epsilon|\beps(?:ilon)?\b|\bradius\b|\bradii\b|\b(?:perturbation|attack) (?:size|budget|bound|strength)s?|\bbudget(?! of \d[\d,.]* ?(?:queries|steps|iterations|gpus?|hours|minutes|parameters|tokens|examples)\b)|\bperturbations? (?:bounds? )?(?:of|up to|within|bounded by)(?: size| at most)?|\bbounded by|\bof (?:size|magnitude)|\bbound(?: of)?|\bnorm(?: ball)? (?:of|at most|up to)|[=_]?(?:linf|l2|l∞)\s*[=≤<])[\s$*`~(]*(?:=|≤|<=|<|≈|of|:|is|at|up to|\\leq?|size|\)=)?[\s$*`~]*(\d+(?:\.\d+)?|\.\d+)(?:\s*\/\s*(\d+))?(?!\s?\\?%|[\d.]*x\b)/gi;
/** `ε ∈ {2, 4, 8}/255`: each is one. */
const epsilonSet =
  /(?:ε|ϵ|𝜖|\\(?:var)?epsilon|\beps(?:ilon)?)[\s$]{0,3}(?:∈|\\in|in|=)[\s$]{0,3}\\?[{[(]([\d.,/ ]{1,80})\\?[}\])](?:\s?\/\s?(\d{1,3}))?/gi;
const pixelValues = /(?<![\d./])(\d{1,3}) (?:(?:pixel|gr[ae]y|intensity)[- ](?:levels?|values?)|out of 255)\b/gi;
const greyLevels = /(?<![\d./])(\d+(?:\.\d+)?)\s*\/\s*255(?!\d)/g;

function readEpsilons(text: string): StatedEpsilon[] {
  const found = new Map<string, StatedEpsilon>();
  const add = (top: number, bottom: number) => {
    const value = top / bottom;
    if (!Number.isFinite(value) || value <= 0) return;
    found.set(value.toPrecision(6), { value, text: bottom === 1 ? String(top) : `${top}/${bottom}` });
  };
  for (const [, list, over] of text.matchAll(epsilonSet)) {
    for (const item of list!.split(',')) {
      const [top, bottom] = item.split('/');
      add(Number(top), Number(bottom ?? over ?? 1));
    }
  }
  for (const [, level] of text.matchAll(pixelValues)) add(Number(level), 255);
  for (const pattern of [epsilonPattern, greyLevels]) {
    for (const match of text.matchAll(pattern)) {
      const top = Number(match[1]);
      const bottom = pattern === greyLevels ? 255 : match[2] === undefined ? 1 : Number(match[2]);
      add(top, bottom);
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
    /\b(?:clean|natural|standard|benign|unperturbed|undisturbed|in-distribution|original|nominal|undefended|ordinary|(?<!\d |\bof (?:the |all |our |its )?)(?:test(?:ing)?|validation)|un(?:occluded|corrupted|distorted|blurred|attacked|compressed|modified)|without (?:the |any |an )?(?:noise|attacks?|them|it|corruptions?|perturbations?|blur|occlusions?|fog|rain|shift)|on its own|in distribution|in[- ]domain)\b/gi,
  ],
];

const tens = ['ten', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const ones = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** Parts: a range "45–50 %", a share "62.1 ± 0.3 %", "45/100", a score "0.62", "reward of 4,000", "seventy-five percent". */
const figurePattern = new RegExp(
  [
    String.raw`(?<![\w./–-]|from )(?<low>\d{1,3}(?:\.\d+)?)\s?(?:\\?%)?\s?(?:–|—|-|to)\s?(?<high>\d{1,3}(?:\.\d+)?)\s?\\?(?:%|percent\b)`,
    String.raw`(?<![\w./-])(?<about>~|≈|>|<|≥|≤)?\s?(?<sign>[+−-])?(?<share>\d{1,3}(?:\.\d+)?)(?:\s?±\s?\d+(?:\.\d+)?)?\s?\$?\\?(?<unit>%|percent\b|per cent\b|pp\b|(?:percentage )?points?\b|p\.p\.)`,
    String.raw`(?<![\w./=-])(?<part>\d{1,3})\/(?<whole>100)(?!\d)`,
    String.raw`(?<![\w./=-])(?<score>0?\.\d{2,}|1\.0+)(?![\w/%]|\.\d)`,
    String.raw`(?:reward|score)s? (?:of |over |above )+(?<reward>\d[\d,.]*)`,
    String.raw`\b(?<tens>${tens.join('|')})(?:[- ](?<ones>${ones.join('|')}))?[- ](?:percent|per cent|%)`,
  ].join('|'),
  'giu',
);

/** "clean/robust accuracy of 91.2/53.4". */
const pairPattern =
  /\b(?:clean|natural|standard|nominal) ?\/ ?(?:robust|adversarial|adv|pgd|autoattack|aa)\b[^\d.;]{0,40}(\d{1,3}(?:\.\d+)?) ?%? ?\/ ?(\d{1,3}(?:\.\d+)?)(?!\d)/gi;

function readPairs(text: string): StatedFigure[] {
  return [...text.matchAll(pairPattern)].flatMap((match) => {
    const numbers = [match[1]!, match[2]!];
    let from = match.index;
    return numbers.map((written, i): StatedFigure => {
      // The numbers stand at the end of the match, in this order.
      const start =
        i === 0 ? match.index + match[0].lastIndexOf(written, match[0].lastIndexOf('/')) : text.indexOf(written, from);
      from = start + written.length + 1;
      const scale = Number(written) > 1 ? 100 : 1;
      return {
        value: Number(written) / scale,
        rounding: roundingOf(written) / scale,
        role: i === 0 ? 'clean' : 'robust',
        bound: null,
        percent: scale === 100,
        start,
        end: start + written.length,
      };
    });
  });
}

/** Half a unit of the last digit. */
function roundingOf(written: string): number {
  const decimals = /\.(\d+)$/.exec(written)?.[1]?.length ?? 0;
  return 0.5 * 10 ** -decimals;
}

/** The number as it is written, in digits. */
function writtenNumber(groups: Record<string, string | undefined>): string {
  const { share, part, score, reward, tens: ten, ones: one } = groups;
  if (reward !== undefined) return reward.replace(/[,.]+$/, '').replaceAll(',', '');
  if (ten !== undefined) {
    const small = one === undefined ? 0 : ones.indexOf(one.toLowerCase()) + 1;
    return String(10 * (tens.indexOf(ten.toLowerCase()) + 1) + small);
  }
  return share ?? part ?? score ?? '';
}

/** Where the last match of a pattern with the flag `g` ends, which never matches nothing; -1 for none. */
function endOfLast(pattern: RegExp, text: string): number {
  let end = -1;
  pattern.lastIndex = 0;
  while (pattern.exec(text) !== null) end = pattern.lastIndex;
  return end;
}

/** The role whose cue stands nearest to the figure, on either side, without another figure between. */
function roleOf(text: string, start: number, end: number, from: number, to: number): FigureRole {
  let best: FigureRole = 'other';
  let nearest = Number.POSITIVE_INFINITY;
  const before = text.slice(from, start);
  const after = text.slice(end, to);
  // A clause mark before the figure's cue costs: "clean accuracy 97 %, robust accuracy 12 %".
  const penalty = (gap: string) => gap.length + (/[,;|]|\band\b/.test(gap) ? 25 : 0);
  for (const [role, cue] of roleCues) {
    // Of several cues on one side none is nearer than the one beside the figure.
    const last = endOfLast(cue, before);
    if (last >= 0) {
      const distance = penalty(before.slice(last));
      if (distance < nearest) [best, nearest] = [role, distance];
    }
    const first = after.search(cue);
    if (first >= 0) {
      const distance = penalty(after.slice(0, first)) + 1;
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

const originLead = /\bfrom (?:about |around |only |roughly )?$/i;

/** Where the figure before ends; what a result came from stands in the way of no cue. */
function endOfPrevious(text: string, matches: readonly RegExpExecArray[], i: number): number {
  let k = i - 1;
  if (k >= 0 && originLead.test(text.slice(Math.max(0, matches[k]!.index - 20), matches[k]!.index))) k--;
  const previous = matches[k];
  return previous === undefined ? 0 : previous.index + previous[0].length;
}

function readFigures(text: string): StatedFigure[] {
  const matches = [...text.matchAll(figurePattern)];
  return matches.flatMap((match, i): StatedFigure[] => {
    const groups: Record<string, string | undefined> = match.groups ?? {};
    const { low, high, about, sign, unit, reward, whole, tens: ten } = groups;
    const range = low !== undefined && high !== undefined;
    const written = range ? high : writtenNumber(groups);
    const percent = range || unit !== undefined || whole !== undefined || ten !== undefined;
    // A range is its middle, known to half its width.
    const number = range ? (Number(low) + Number(high)) / 2 : Number(written);
    if (!Number.isFinite(number) || (percent && number > 100)) return [];
    const start = match.index;
    const end = start + match[0].length;
    const lead = text.slice(Math.max(0, start - 30), start);
    // ε, thresholds and parameters are no results.
    if (
      !percent &&
      reward === undefined &&
      /(?:[=~≤<±]|\bof size|eps(?:ilon)?(?: of)?|ε|radius(?: of)?|sigma|σ|lr|rate|alpha|threshold(?: of)?|within|bound of|noise|budget(?: of)?|step(?: size)?(?: of)?|dropout(?: of)?|temperature(?: of)?|momentum(?: of)?|weight decay(?: of)?|p ?[<=])\s*$/i.test(
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
    const scale = percent ? 100 : 1;
    const difference =
      sign !== undefined ||
      /^(?:pp|percentage|points?|p\.p)/i.test(unit ?? '') ||
      /\b(?:by|improvement of|drop of|gain of|increase of|reduction of|drops?|loses?|gains?)(?: an?| about| approximately| only| less than| over| more than)?\s*$/i.test(
        lead,
      ) ||
      /^\W*(?:relative|absolute|improvement|reduction|increase|drop|better|worse|more|less|lower|higher|percentage point)/i.test(
        text.slice(end, end + 30),
      );
    // "from 10 % to 45 %": the first is where it came from.
    const origin = originLead.test(lead) && /^\W{0,3}(?:to|up to|down to)\b|^ ?→/i.test(text.slice(end, end + 12));
    const role = difference
      ? 'change'
      : origin
        ? 'other'
        : roleOf(
            text,
            start,
            end,
            Math.max(0, start - 120, endOfPrevious(text, matches, i)),
            Math.min(text.length, end + 60, matches[i + 1]?.index ?? text.length),
          );
    return [
      {
        value: number / scale,
        rounding: (range ? Math.abs(Number(high) - Number(low)) / 2 : roundingOf(written)) / scale,
        role,
        bound:
          lowerBound.test(lead) || /[>≥]/.test(about ?? '')
            ? 'lower'
            : upperBound.test(lead) || /[<≤]/.test(about ?? '')
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
    /\bn\s*=\s*(\d[\d, ]*)|(?<![\d.])(\d[\d,]*)( ?k)? (?:(?:held-out|test|unseen|validation|evaluation|random|clean|natural|adversarial|CIFAR-?\d*|ImageNet|MNIST|SVHN) ){0,3}(?:examples|images|samples|inputs|prompts|sentences|recordings)\b/i.exec(
      text,
    );
  const digits = (match?.[1] ?? match?.[2])?.replace(/[, ]/g, '');
  if (!digits) return null;
  return Number(digits) * (match?.[3] === undefined ? 1 : 1000);
}

/** Numbers in words count as figures where they are shares. */
const mayState = (text: string) => /\d|%|\bper ?cent\b/i.test(text);

function readAllFigures(text: string): StatedFigure[] {
  if (!mayState(text)) return [];
  const pairs = readPairs(text);
  const others = readFigures(text).filter(
    ({ start, end }) => !pairs.some((pair) => pair.start < end && start < pair.end),
  );
  return [...pairs, ...others].sort((a, b) => a.start - b.start);
}

/** The figures of `extractFacts` alone. */
export const extractFigures = (text: string): StatedFigure[] => readAllFigures(text.slice(0, 4000));

/** Figures, ε, norms, attacks and sample sizes stated in a sentence, its heading or a table cell. */
export function extractFacts(text: string): Facts {
  const bounded = text.length > 4000 ? text.slice(0, 4000) : text;
  // Most sentences state no number, and these patterns are the dearest.
  const isNumeric = /\d/.test(bounded);
  return {
    figures: readAllFigures(bounded),
    epsilons: isNumeric ? readEpsilons(bounded) : [],
    norms: norms.flatMap(([norm, pattern]) => (pattern.test(bounded) ? [norm] : [])),
    attacks: namedAttacks.flatMap(({ name, pattern }) => (pattern.test(bounded) ? [name] : [])),
    knowledge: /\bwhite[- ]box/i.test(bounded)
      ? 'white-box'
      : /\b(?:black|gr[ae]y)[- ]box/i.test(bounded)
        ? 'black-box'
        : null,
    count: isNumeric ? readCount(bounded) : null,
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
