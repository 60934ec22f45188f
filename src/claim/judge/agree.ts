import type { Figure } from '../../engine/report/schema';
import type { MeasuredThreat } from '../evidence';
import type { StatedFigure } from '../extract';
import type { Contradiction, Outcome } from './types';

/** Whether a stated figure, with its rounding, can be the measured one, within its interval. */
export function agrees(
  stated: Pick<StatedFigure, 'value' | 'rounding' | 'bound'>,
  measured: Pick<Figure, 'low' | 'high'>,
): boolean {
  if (stated.bound === 'lower') return !exceeds(stated, measured);
  if (stated.bound === 'upper') return !fallsShort(stated, measured);
  return !exceeds(stated, measured) && !fallsShort(stated, measured);
}

/** Sums of decimals are not exact; nobody states a figure to this precision. */
const slack = 1e-9;

/** Whether a stated figure lies above all that the measured one can be. */
export function exceeds(stated: Pick<StatedFigure, 'value' | 'rounding'>, measured: Pick<Figure, 'high'>): boolean {
  return stated.value - stated.rounding > measured.high + slack;
}

/** Whether a stated figure lies below all that the measured one can be. */
export function fallsShort(stated: Pick<StatedFigure, 'value' | 'rounding'>, measured: Pick<Figure, 'low'>): boolean {
  return stated.value + stated.rounding < measured.low - slack;
}

/** An accuracy as an error, and an error as an accuracy. */
export function complement({ value, low, high, n }: Figure): Figure {
  return { value: 1 - value, low: 1 - high, high: 1 - low, n };
}

/**
 * Whether an ε is the measured one as a person writes it: rounded (0.031 for 8/255), or in grey levels where stored values are
 * divided by `unit`.
 */
export function sameEpsilon(stated: number, measured: number, unit = 255, norm?: MeasuredThreat['norm']): boolean {
  if (norm === 'l0') return stated === measured;
  if (Math.abs(stated - measured) <= 0.02 * measured) return true;
  return stated > 1 && unit > 1 && Math.abs(stated / unit - measured) <= 1e-6 * measured;
}

/** ε in the units of the report: grey levels are no fraction of the range. */
export function inUnits(
  stated: number,
  unit: number,
  threats: readonly Pick<MeasuredThreat, 'epsilon' | 'norm'>[],
): number {
  // 8 where every ε of the norm is below 1 are grey levels, not eight times the range.
  const grey =
    stated > 1 &&
    unit > 1 &&
    threats.length > 0 &&
    threats.every(({ epsilon, norm }) => norm === 'linf' && epsilon < 1);
  return grey ? stated / unit : stated;
}

export const share = (value: number) => `${(100 * value).toFixed(1)} %`;
export const interval = (figure: Figure) => `${share(figure.value)} [${share(figure.low)}, ${share(figure.high)}]`;
export const conditionOf = (threat: Pick<MeasuredThreat, 'norm' | 'epsilonText'>, epsilon = threat.epsilonText) =>
  `${threat.norm}, ε = ${epsilon}`;

export const supported = (pointer: string | null): Outcome => ({
  verdict: 'supported',
  reason: 'The report agrees.',
  pointer,
  wrong: [],
});

export const unsupported = (reason: string, pointer: string | null = null): Outcome => ({
  verdict: 'unsupported',
  reason,
  pointer,
  wrong: [],
});

export const overreaching = (reason: string, pointer: string | null = null): Outcome => ({
  verdict: 'overreaching',
  reason,
  pointer,
  wrong: [],
});

export const contradicted = (
  reason: string,
  pointer: string | null,
  wrong: readonly Contradiction[] = [],
): Outcome => ({
  verdict: 'contradicted',
  reason,
  pointer,
  wrong,
});

const gravity = { contradicted: 0, overreaching: 1, unsupported: 2, supported: 3 } as const;

/**
 * One outcome for all figures of a claim: what is wrong before what goes too far before what is not backed; supported only if all
 * are. Null of none.
 */
export function gravest(outcomes: readonly Outcome[]): Outcome | null {
  const first = [...outcomes].sort((a, b) => gravity[a.verdict] - gravity[b.verdict])[0];
  return first ? { ...first, wrong: outcomes.flatMap(({ wrong }) => wrong) } : null;
}
