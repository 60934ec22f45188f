import type { Figure, Report, ThreatModelReport } from '../report/schema';
import { share } from './interval';

type Curve = ThreatModelReport['curve'];
export type Degradation = NonNullable<Report['summary']['degradation']>;

/** A fall within this part of the range from 0 to ε is one fall. */
export const CLIFF_WIDTH = 1 / 2;
/** A fall by more than this share of the clean accuracy is a cliff: a straight line to nothing at ε falls just as far within half of ε. */
export const CLIFF_HEIGHT = 1 / 2;
/** Less than this share of the clean accuracy left at ε is a collapse, however it came about. */
export const COLLAPSED = 1 / 10;

/** Relative difference between ε that are meant to be the same. */
const ROUNDING = 1e-9;

/** Examples that stand, over **all** examples: a clean error counts as not robust (RobustBench's denominator). */
export function robustAccuracy(standing: number, total: number): Figure {
  return share(standing, total);
}

/**
 * Examples broken, over those **classified correctly** without attack; null when there are none. Of a targeted attacker: pairs
 * of an example and a target, as in Carlini & Wagner 2017, §V.
 *
 * @param perExample pairs that each example is in. They fall together, so the interval is that of as many examples.
 */
export function attackSuccessRate(broken: number, correct: number, perExample = 1): Figure | null {
  return correct === 0 ? null : { ...share(broken / perExample, correct / perExample), n: correct };
}

/**
 * How accuracy goes down between 0 and ε: `sudden` when more than half of the clean accuracy is lost between two points of
 * the curve no more than half of ε apart (or neighbours), faster than in a straight line to nothing at ε, or when less than
 * a tenth of it is left at ε; else `graceful`. The reading is ours; the curve is the one of Dong et al. 2020 (Benchmarking Adversarial Robustness on
 * Image Classification). Half of ε, so that a cliff shows whole even where it straddles a point of a coarse curve.
 * Null without a point at 0, one at ε and one between them, or when nothing is right at 0.
 */
export function degradation(curve: Curve, epsilon: number): Degradation | null {
  const points = relativeCurve(curve, epsilon);
  if (points === null || points.length < 3) return null;
  if (points.at(-1)!.left < COLLAPSED) return 'sudden';
  const cliff = points.some((from, i) =>
    points.some((to, j) => {
      // Between neighbours the fall may be anywhere, so it counts whole, however far apart they are.
      const near = j === i + 1 || (j > i && to.epsilon - from.epsilon <= CLIFF_WIDTH * epsilon * (1 + ROUNDING));
      return near && from.left - to.left > CLIFF_HEIGHT;
    }),
  );
  return cliff ? 'sudden' : 'graceful';
}

/**
 * Area under the robustness curve from 0 to ε (trapezoids), over ε and the clean accuracy; the worst threat model's. 1 when no
 * ε up to the threat model's costs anything. Null unless every threat model has a curve from 0 to its ε.
 */
export function robustnessScore(threatModels: readonly Pick<ThreatModelReport, 'epsilon' | 'curve'>[]): number | null {
  let worst: number | null = null;
  for (const { curve, epsilon } of threatModels) {
    const score = curveScore(curve, epsilon);
    if (score === null) return null;
    worst = Math.min(worst ?? 1, score);
  }
  return worst;
}

/** The robustness score of one threat model. */
export function curveScore(curve: Curve, epsilon: number): number | null {
  const points = relativeCurve(curve, epsilon);
  if (points === null) return null;
  let area = 0;
  for (let i = 1; i < points.length; i++) {
    const [from, to] = [points[i - 1]!, points[i]!];
    area += ((to.epsilon - from.epsilon) * (from.left + to.left)) / 2;
  }
  return Math.min(1, area / epsilon);
}

/** Mean over corruptions and severities of the share of examples whose predicted class stays the same. */
export function stabilityIndex(stabilities: readonly Figure[]): Figure {
  return meanShare(stabilities);
}

/**
 * Mean of shares of the **same** n examples (one share for each corruption and severity), with an interval. An example's
 * own mean lies in [0, 1], so its variance is at most that of a coin with the same mean: Wilson's interval with n
 * examples, not n times the number of shares, covers at least as often as it says, whatever the shares have in common.
 */
export function meanShare(shares: readonly Figure[]): Figure {
  const measured = shares.filter(({ n }) => n > 0);
  if (measured.length === 0) return share(0, 0);
  const n = Math.min(...measured.map((figure) => figure.n));
  const mean = measured.reduce((sum, { value }) => sum + value, 0) / measured.length;
  return share(mean * n, n);
}

/**
 * The curve up to ε as shares of the clean accuracy, ascending. An attacker who may go to ε may also go less far, so a
 * curve that rises is the attack's weakness: the running minimum counts.
 */
function relativeCurve(curve: Curve, epsilon: number): { epsilon: number; left: number }[] | null {
  const points = curve
    .filter((point) => point.epsilon <= epsilon * (1 + ROUNDING))
    .sort((a, b) => a.epsilon - b.epsilon);
  const [first, last] = [points[0], points.at(-1)];
  const clean = first?.accuracy.value ?? 0;
  const covered = first?.epsilon === 0 && last !== undefined && last.epsilon >= epsilon * (1 - ROUNDING);
  if (!(epsilon > 0) || clean === 0 || !covered) return null;
  let left = 1;
  return points.map((point) => {
    left = Math.min(left, point.accuracy.value / clean);
    return { epsilon: point.epsilon, left };
  });
}
