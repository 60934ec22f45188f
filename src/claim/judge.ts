import { holdsAutoAttack } from '../engine/report/autoAttack';
import type { Figure } from '../engine/report/schema';
import { namedAttack } from './attackNames';
import { reportsFor } from './attribute';
import type { Sentence } from './document/types';
import type { EvidenceIndex, EvidenceReport, MeasuredThreat } from './evidence';
import type { Facts, StatedEpsilon, StatedFigure } from './extract';
import type { ClaimKind, ClaimVerdict, Evidence } from './types';

export interface Judgement {
  readonly verdict: ClaimVerdict;
  readonly evidence: Evidence | null;
  /** One sentence: why. */
  readonly reason: string;
  /** Whether the repository holds any report at all. */
  readonly searched: boolean;
}

type Outcome = {
  readonly verdict: 'supported' | 'contradicted' | 'overreaching' | 'unsupported';
  readonly reason: string;
};

/** Faults of an evaluation that void its robust accuracy: the attack did not work, so its failure shows nothing. */
const voiding = new Set(
  [
    'gradient-masking',
    'zero-gradient',
    'no-gradient',
    'iterative-weaker-than-single-step',
    'success-not-growing-with-epsilon',
    'unbounded-attack-fails',
  ].map((name) => `pitfalls/${name}`),
);

const share = (value: number) => `${(100 * value).toFixed(1)} %`;
const interval = (figure: Figure) => `${share(figure.value)} [${share(figure.low)}, ${share(figure.high)}]`;
const conditionOf = (threat: MeasuredThreat, epsilon = threat.epsilonText) => `${threat.norm}, ε = ${epsilon}`;

/** ε as a person rounds it: 0.031 for 8/255. */
function sameEpsilon(stated: number, measured: number): boolean {
  return Math.abs(stated - measured) <= 0.02 * measured || Math.abs(stated / 255 - measured) <= 1e-6 * measured;
}

/** Whether a stated figure, with its rounding, can be the measured one, within its interval. */
export function agrees(stated: StatedFigure, measured: Figure): boolean {
  const low = stated.value - stated.rounding;
  const high = stated.value + stated.rounding;
  if (stated.bound === 'lower') return measured.high >= low;
  if (stated.bound === 'upper') return measured.low <= high;
  return high >= measured.low && low <= measured.high;
}

export function describe(report: EvidenceReport): string[] {
  const lines = report.clean ? [`clean accuracy ${interval(report.clean)}, n = ${report.clean.n}`] : [];
  for (const threat of report.threatModels) {
    if (threat.robustAccuracy)
      lines.push(
        `robust accuracy at most ${interval(threat.robustAccuracy)} (${conditionOf(threat)}, ${threat.knowledge})`,
      );
    if (threat.certifiedAccuracy)
      lines.push(`certified accuracy ${interval(threat.certifiedAccuracy)} (${conditionOf(threat)})`);
  }
  if (report.corruptions) lines.push(`mean accuracy under corruptions ${interval(report.corruptions.meanAccuracy)}`);
  return lines;
}

const evidenceOf = (report: EvidenceReport): Evidence => ({
  report: report.path,
  model: report.model,
  figures: describe(report),
  stale: report.stale,
  pointer: null,
  corrections: [],
});

/** Measured figure for a norm and ε, or why there is none. */
function measuredAt(
  threats: readonly MeasuredThreat[],
  epsilon: number,
  certified: boolean,
): { figure: Figure; at: string; exact: boolean } | Outcome {
  const figureOf = (threat: MeasuredThreat) => (certified ? threat.certifiedAccuracy : threat.robustAccuracy);
  for (const threat of threats) {
    const figure = figureOf(threat);
    if (figure && sameEpsilon(epsilon, threat.epsilon)) return { figure, at: conditionOf(threat), exact: true };
  }
  if (!certified) {
    for (const threat of threats) {
      const point = threat.curve.find((one) => sameEpsilon(epsilon, one.epsilon));
      if (point) return { figure: point.accuracy, at: conditionOf(threat, String(epsilon)), exact: true };
    }
  }
  const largest = Math.max(...threats.filter((threat) => figureOf(threat)).map((threat) => threat.epsilon));
  if (!Number.isFinite(largest))
    return {
      verdict: 'overreaching',
      reason:
        'This claims a certificate, but the report holds results of attacks alone; certify the model, or claim what the attacks show.',
    };
  if (epsilon > largest && !sameEpsilon(epsilon, largest))
    return {
      verdict: 'overreaching',
      reason: `This claims ε = ${epsilon}, but the largest measured is ${largest}; evaluate at this ε, or claim the smaller one.`,
    };
  // Robustness at a larger ε implies it at a smaller one: the next larger measurement is a lower bound.
  const above = threats
    .filter((threat) => figureOf(threat) && threat.epsilon >= epsilon)
    .sort((a, b) => a.epsilon - b.epsilon)[0]!;
  return { figure: figureOf(above)!, at: conditionOf(above), exact: false };
}

function clean(facts: Facts, report: EvidenceReport): Outcome | null {
  const { clean: measured } = report;
  if (!measured) return null;
  const wrong = facts.figures.find(
    (figure) => figure.role === 'clean' && figure.value <= 1 && !agrees(figure, measured),
  );
  return wrong
    ? {
        verdict: 'contradicted',
        reason: `The report measured a clean accuracy of ${interval(measured)}, not ${share(wrong.value)}; correct the figure.`,
      }
    : null;
}

/** Why the report is no evidence for an attack that the sentence names; null where it is. */
function unmeasuredAttack(
  facts: Facts,
  epsilons: readonly StatedEpsilon[],
  threats: readonly MeasuredThreat[],
): string | null {
  // A curve is measured by one attack, so only threat models at the stated ε say which attacks ran there.
  const meant =
    epsilons.length === 0
      ? threats
      : threats.filter((threat) => epsilons.some(({ value }) => sameEpsilon(value, threat.epsilon)));
  const ran = [...new Set(meant.flatMap((threat) => onAll(threat).map(({ name }) => name)))];
  const instead = ran.length > 0 ? `ran ${ran.join(', ')}` : 'ran no attack at this ε';
  if (facts.attacks.includes('autoattack') && !meant.some(holdsAutoAttack))
    return `This claims a result under AutoAttack, but the report ${instead}, which is not its standard version; run the standard suite, or name the attacks that ran.`;
  if (ran.length === 0) return null;
  for (const name of facts.attacks) {
    const { measuredAs, title } = namedAttack(name) ?? {};
    if (measuredAs === undefined || measuredAs.some((one) => ran.includes(one))) continue;
    return `This claims a result under ${title ?? name}, but the report ${instead}; run it, or name the attacks that ran.`;
  }
  return null;
}

/** Attacks that were given all examples. */
const onAll = (threat: MeasuredThreat) => threat.attacks.filter(({ sample }) => sample !== true);

function adversarial(kind: ClaimKind, facts: Facts, nearby: Facts, report: EvidenceReport): Outcome {
  const certified = kind === 'certified';
  const norms = facts.norms.length > 0 ? facts.norms : nearby.norms;
  const measuredNorms = new Set(report.threatModels.map((threat) => threat.norm));
  const missing = norms.find((norm) => !measuredNorms.has(norm));
  if (missing !== undefined)
    return {
      verdict: 'overreaching',
      reason: `This claims robustness in ${missing}, but the report measured ${[...measuredNorms].join(', ') || 'no threat model'} alone; evaluate in ${missing}, or claim what was measured.`,
    };
  const threats = report.threatModels.filter((threat) => norms.length === 0 || norms.includes(threat.norm));
  if (threats.length === 0)
    return { verdict: 'unsupported', reason: 'The report of this model measured no threat model; evaluate one.' };
  const stated = facts.figures.filter(
    (figure) => figure.role === (certified ? 'certified' : 'robust') && figure.value <= 1,
  );
  const success = facts.figures.filter((figure) => figure.role === 'success' && figure.value <= 1);
  const epsilons = facts.epsilons.length > 0 ? facts.epsilons : nearby.epsilons;
  const notRun = certified ? null : unmeasuredAttack(facts, epsilons, threats);
  if (notRun !== null) return { verdict: 'overreaching', reason: notRun };
  const fault = certified
    ? undefined
    : report.pitfalls.find((pitfall) => pitfall.severity === 'error' && voiding.has(pitfall.rule));
  if (fault && stated.length > 0)
    return { verdict: 'contradicted', reason: `The evaluation behind this figure is void: ${fault.message}` };
  if (epsilons.length === 0) {
    const only = threats.length === 1 ? threats[0]! : null;
    const figure = only && (certified ? only.certifiedAccuracy : only.robustAccuracy);
    const wrong = figure && stated.find((one) => !agrees(one, figure));
    if (only && figure && wrong)
      return {
        verdict: 'contradicted',
        reason: `The report measured ${interval(figure)} (${conditionOf(only)}), not ${share(wrong.value)}; correct the figure.`,
      };
    return { verdict: 'unsupported', reason: 'Without ε, the claim cannot be held against the report; state ε.' };
  }
  let compared = 0;
  for (const [i, epsilon] of epsilons.entries()) {
    const measured = measuredAt(threats, epsilon.value, certified);
    if ('verdict' in measured) return measured;
    // "62 % at ε = 0.1 and 31 % at ε = 0.2": figures and radii go in pairs; otherwise every figure is for the one ε.
    const figures =
      epsilons.length > 1 && stated.length === epsilons.length ? [stated[i]!] : epsilons.length === 1 ? stated : [];
    for (const figure of figures) {
      compared++;
      const fits = measured.exact
        ? agrees(figure, measured.figure)
        : figure.value - figure.rounding <= measured.figure.high;
      // Another attack of the cascade may be the one that the figure is for.
      const other = threats.some(
        (threat) =>
          sameEpsilon(epsilon.value, threat.epsilon) &&
          threat.attacks.some(
            (attack) =>
              facts.attacks.some(
                (name) =>
                  attack.name === name ||
                  (name === 'single-step' && attack.name === 'fgsm') ||
                  namedAttack(name)?.measuredAs?.includes(attack.name),
              ) && agrees(figure, attack.accuracyAfter),
          ),
      );
      if (fits || other) continue;
      if (!measured.exact)
        return {
          verdict: 'unsupported',
          reason: `Nothing was measured at ε = ${epsilon.text}; evaluate there, or claim what was measured (${measured.at}: ${interval(measured.figure)}).`,
        };
      return {
        verdict: 'contradicted',
        reason: `The report measured ${interval(measured.figure)} (${measured.at}), not ${share(figure.value)}; correct the figure or evaluate again.`,
      };
    }
    for (const figure of epsilons.length === 1 ? success : []) {
      const rate = threats.find((threat) => sameEpsilon(epsilon.value, threat.epsilon))?.attackSuccessRate;
      if (!rate) continue;
      compared++;
      if (!agrees(figure, rate))
        return {
          verdict: 'contradicted',
          reason: `The report measured an attack success rate of ${interval(rate)}, not ${share(figure.value)}; correct the figure.`,
        };
    }
  }
  return compared > 0
    ? { verdict: 'supported', reason: 'The report agrees.' }
    : {
        verdict: 'unsupported',
        reason: 'The claim gives no figure that could be held against the report; state the robust accuracy.',
      };
}

const corruptionPatterns: readonly (readonly [string, RegExp])[] = [
  ['gaussian_noise', /\bnois/i],
  ['gaussian_blur', /\bblur/i],
  ['brightness', /\bbright|\blighting|\billuminat/i],
  ['contrast', /\bcontrast\b/i],
];

function corruption(sentence: Sentence, facts: Facts, report: EvidenceReport): Outcome {
  const measured = report.corruptions;
  if (!measured)
    return {
      verdict: 'unsupported',
      reason: 'The report of this model measured no corruption; evaluate with corruptions.',
    };
  const stated = facts.figures.filter(
    (figure) => (figure.role === 'robust' || figure.role === 'plain' || figure.role === 'other') && figure.value <= 1,
  );
  if (stated.length === 0)
    return {
      verdict: 'unsupported',
      reason:
        'The claim gives no figure that could be held against the report; state the accuracy under the corruption.',
    };
  const named = corruptionPatterns.filter(([, pattern]) => pattern.test(sentence.plain)).map(([name]) => name);
  const severity = /\bseverity (?:level )?([1-5])\b/i.exec(sentence.plain)?.[1];
  const rows = measured.byCorruption.filter(
    (row) => named.includes(row.name) && (severity === undefined || row.severity === Number(severity)),
  );
  const mean = named.length !== 1 || /\b(?:mean|average|averaged)\b/i.test(sentence.plain);
  if (named.length > 0 && rows.length === 0 && !mean)
    return { verdict: 'overreaching', reason: `The report did not measure ${named.join(', ')}; evaluate with it.` };
  const figures = [...rows.map((row) => row.accuracy), ...(mean ? [measured.meanAccuracy] : [])];
  const wrong = stated.find((figure) => figures.every((one) => !agrees(figure, one)));
  if (!wrong) return { verdict: 'supported', reason: 'The report agrees.' };
  const range = [...figures].sort((a, b) => a.value - b.value);
  return {
    verdict: 'contradicted',
    reason: `The report measured ${share(range[0]!.value)} to ${share(range.at(-1)!.value)} under ${named.join(', ') || 'corruptions'}, not ${share(wrong.value)}; correct the figure.`,
  };
}

/** A claim of bare robustness about a model that attacks break to below chance. */
function collapsed(report: EvidenceReport): MeasuredThreat | null {
  const measured = report.threatModels.filter((threat) => threat.robustAccuracy);
  const chance = 1 / Math.max(2, report.classes);
  const smallest = [...measured].sort((a, b) => b.robustAccuracy!.value - a.robustAccuracy!.value)[0];
  return smallest && smallest.robustAccuracy!.high < chance ? smallest : null;
}

/** Holds a claim against the reports of the model that it speaks of. */
export function judge(
  claim: {
    readonly sentence: Sentence;
    readonly kind: ClaimKind;
    readonly facts: Facts;
    readonly nearby: Facts;
    readonly path: string;
  },
  index: EvidenceIndex,
): Judgement {
  const searched = index.reports.length > 0;
  const candidates = reportsFor(claim.sentence, claim.path, index);
  if (candidates.length === 0) {
    const reason = searched
      ? 'No report could be tied to this claim; name the model that it speaks of, or evaluate it.'
      : 'No report was found; evaluate the model.';
    return { verdict: 'unsupported', evidence: null, reason, searched };
  }
  const { kind, facts, nearby, sentence } = claim;
  const judgeOne = (report: EvidenceReport): Outcome => {
    const wrongClean = clean(facts, report);
    if (wrongClean) return wrongClean;
    if (kind === 'corruption') return corruption(sentence, facts, report);
    if (
      kind === 'adversarial' ||
      kind === 'certified' ||
      (kind === 'general' && (facts.epsilons.length > 0 || facts.figures.some((figure) => figure.role === 'robust')))
    )
      return adversarial(kind, facts, nearby, report);
    return { verdict: 'unsupported', reason: 'The report measured nothing of this kind.' };
  };
  // Several reports of one model: fresh before stale, and the most favourable answer, as each covers its own threat models.
  const order = ['supported', 'contradicted', 'overreaching', 'unsupported'];
  const outcomes = candidates
    .map((report) => ({ report, outcome: judgeOne(report) }))
    .sort(
      (a, b) =>
        Number(a.report.stale) - Number(b.report.stale) ||
        order.indexOf(a.outcome.verdict) - order.indexOf(b.outcome.verdict),
    );
  const { report, outcome } = outcomes[0]!;
  const evidence = evidenceOf(report);
  if (report.stale)
    return {
      verdict: 'stale',
      evidence,
      searched,
      reason: `The model changed after it was evaluated (${report.path}); evaluate it again.`,
    };
  if (
    outcome.verdict === 'unsupported' &&
    facts.figures.length === 0 &&
    (kind === 'adversarial' || kind === 'general')
  ) {
    const broken = collapsed(report);
    if (broken)
      return {
        verdict: 'contradicted',
        evidence,
        searched,
        reason: `The report measured a robust accuracy of at most ${interval(broken.robustAccuracy!)} (${conditionOf(broken)}): the model is not robust; withdraw the claim or retrain.`,
      };
  }
  return { verdict: outcome.verdict, evidence, searched, reason: outcome.reason };
}
