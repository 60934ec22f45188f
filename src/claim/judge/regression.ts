import type { Figure } from '../../engine/report/schema';
import type { EvidenceReport, RegressionEvidence } from '../evidence';
import type { StatedFigure } from '../extract';
import {
  agrees,
  conditionOf,
  contradicted,
  gravest,
  interval,
  overreaching,
  sameEpsilon,
  supported,
  unsupported,
} from './agree';
import { isShare } from './stated';
import type { Outcome, Subject } from './types';
import { voidedBy } from './void';

/** A number with the measure that it is of; these have units, so they are read apart from shares. */
const measures =
  /\b(mae|mean absolute error|rmse|root[- ]mean[- ]squared? error|r2|r²|median error|(?:largest|maximum|max|worst) change|chang(?:es?|ed) by|mov(?:es?|ed) by|deviat(?:es?|ed) by)\b[^\d%]{0,40}?(\d+(?:\.\d+)?)(?!\s?\\?%|\d|\/)/giu;
const underAttack = /\b(?:worst[- ]case|under|attack\w*|perturb\w*|adversar\w*|within)\b|ε/i;

type Threat = RegressionEvidence['threatModels'][number];

interface StatedMeasure {
  readonly measure: 'mae' | 'rmse' | 'r2' | 'medianError' | 'maxChange';
  readonly figure: StatedFigure;
}

function measureOf(words: string): StatedMeasure['measure'] {
  if (/^(?:mae|mean)/i.test(words)) return 'mae';
  if (/^(?:rmse|root)/i.test(words)) return 'rmse';
  if (/^r/i.test(words)) return 'r2';
  return /^median/i.test(words) ? 'medianError' : 'maxChange';
}

function read(plain: string): StatedMeasure[] {
  return [...plain.matchAll(measures)].map((match) => {
    const written = match[2]!;
    const end = match.index + match[0].length;
    const start = end - written.length;
    const lead = plain.slice(Math.max(0, start - 14), start);
    const decimals = /\.(\d+)$/.exec(written)?.[1]?.length ?? 0;
    const bound = /\b(?:at most|below|under|up to|less than)\s*$|[<≤]\s*$/i.test(lead)
      ? 'upper'
      : /\b(?:at least|above|over|more than)\s*$|[>≥]\s*$/i.test(lead)
        ? 'lower'
        : null;
    const figure: StatedFigure = {
      value: Number(written),
      rounding: 0.5 * 10 ** -decimals,
      role: 'robust',
      bound,
      percent: false,
      start,
      end,
    };
    return { measure: measureOf(match[1]!), figure };
  });
}

/** A claim about a model that predicts numbers. */
export function regression(claim: Subject, report: EvidenceReport, evidence: RegressionEvidence): Outcome {
  const { facts, nearby, sentence } = claim;
  const stated = read(sentence.plain);
  const within = facts.figures.filter(
    (figure) => isShare(figure) && figure.percent && /\btoleran/i.test(sentence.plain) && figure.role !== 'change',
  );
  if (stated.length === 0 && within.length === 0)
    return unsupported('The claim gives no figure that could be held against the report; state the worst-case error.');
  const norms = facts.norms.length > 0 ? facts.norms : nearby.norms;
  const epsilons = facts.epsilons.length > 0 ? facts.epsilons : nearby.epsilons;
  const ofNorm = evidence.threatModels.filter(({ norm }) => norms.length === 0 || norms.includes(norm));
  const attacked = (at: number) => underAttack.test(clause(sentence.plain, at));
  const outcomes: Outcome[] = [];
  for (const { measure, figure } of stated) {
    const clean = measure === 'r2' || measure === 'medianError' || (measure !== 'maxChange' && !attacked(figure.start));
    if (clean) {
      const measured = evidence.clean?.[measure as 'mae' | 'rmse' | 'r2' | 'medianError'] ?? null;
      outcomes.push(
        measured
          ? compare(figure, measured, `/clean/${measure}`, 'clean')
          : unsupported('The report did not take this measure.'),
      );
      continue;
    }
    const threat = at(ofNorm, epsilons, report, evidence);
    if ('verdict' in threat) {
      outcomes.push(threat);
      continue;
    }
    const place = evidence.threatModels.indexOf(threat);
    const worst = threat.worstCase;
    const fault = voidedBy(report, 'robust', threat.name);
    if (!worst) outcomes.push(unsupported('No attack reported under this threat model; evaluate again.'));
    else if (fault) outcomes.push(contradicted(`The evaluation behind this figure is void: ${fault.message}`, null));
    else {
      const { maxChange } = worst;
      const measured =
        measure === 'maxChange'
          ? { value: maxChange, low: maxChange, high: maxChange, n: report.count }
          : worst[measure as 'mae' | 'rmse'];
      // One example decides the largest change: nobody writes all of its digits.
      const rounded =
        measure === 'maxChange' ? { ...figure, rounding: Math.max(figure.rounding, 0.01 * maxChange) } : figure;
      outcomes.push(compare(rounded, measured, `/threatModels/${place}/worstCase/${measure}`, conditionOf(threat)));
    }
  }
  for (const figure of within) {
    const clean = figure.role === 'clean' || !attacked(figure.start);
    const threat = clean ? null : at(ofNorm, epsilons, report, evidence);
    if (threat && 'verdict' in threat) {
      outcomes.push(threat);
      continue;
    }
    const measured = threat ? threat.withinTolerance : evidence.clean?.withinTolerance;
    const pointer = threat
      ? `/threatModels/${evidence.threatModels.indexOf(threat)}/withinTolerance`
      : '/clean/withinTolerance';
    outcomes.push(
      measured
        ? compare(figure, measured, pointer, threat ? conditionOf(threat) : 'clean')
        : unsupported('The spec of this report states no tolerance; state one, and evaluate again.'),
    );
  }
  return gravest(outcomes)!;
}

/** The part of the sentence about a position. */
function clause(plain: string, at: number): string {
  const from = Math.max(plain.lastIndexOf(';', at), plain.lastIndexOf(',', at), plain.lastIndexOf(' against ', at)) + 1;
  const ends = [';', ',', ' against '].map((mark) => plain.indexOf(mark, at)).filter((one) => one >= 0);
  return plain.slice(from, Math.min(plain.length, ...ends));
}

/** The threat model that a claim is about, or why there is none. */
function at(
  threats: readonly Threat[],
  epsilons: Subject['facts']['epsilons'],
  report: EvidenceReport,
  evidence: RegressionEvidence,
): Threat | Outcome {
  if (threats.length === 0)
    return overreaching(
      `The report measured ${[...new Set(evidence.threatModels.map(({ norm }) => norm))].join(', ') || 'no threat model'} alone; evaluate in this norm, or claim what was measured.`,
    );
  const [epsilon] = epsilons;
  if (!epsilon || epsilons.length > 1)
    return unsupported('Without one ε, the claim cannot be held against the report; state ε.');
  const found = threats.find((threat) => sameEpsilon(epsilon.value, threat.epsilon, report.unit, threat.norm));
  if (found) return found;
  const largest = Math.max(...threats.map((threat) => threat.epsilon));
  return epsilon.value > largest
    ? overreaching(
        `This claims ε = ${epsilon.text}, but the largest measured is ${largest}; evaluate at this ε, or claim the smaller one.`,
      )
    : unsupported(`Nothing was measured at ε = ${epsilon.text}; evaluate there, or claim what was measured.`);
}

function compare(figure: StatedFigure, measured: Figure, pointer: string, where: string): Outcome {
  if (agrees(figure, measured)) return supported(pointer);
  const text = figure.percent
    ? interval(measured)
    : `${short(measured.value)} [${short(measured.low)}, ${short(measured.high)}]`;
  const stated = figure.percent ? `${100 * figure.value} %` : String(figure.value);
  return contradicted(`The report measured ${text} (${where}), not ${stated}; correct the figure.`, pointer, [
    { figure, measured },
  ]);
}

const short = (value: number) => String(Number(value.toPrecision(4)));
