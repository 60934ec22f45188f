import { averagePrecision } from './precisionRecall';
import { predictions, softmax } from './prediction';
import { rankingOf, rocAuc } from './roc';

/** How unlike the training data an example looks, from the logits alone: greater is more unlike. */
export type OutlierScore = 'confidence' | 'energy' | 'margin' | 'entropy';
export const outlierScores: readonly OutlierScore[] = ['confidence', 'energy', 'margin', 'entropy'];

/** How well a score tells out-of-distribution examples (the positive class) from ordinary ones. */
export interface DetectionFigures {
  /** Chance that a random outlier scores above a random ordinary example. */
  readonly auroc: number;
  /** Average precision with outliers as positives. */
  readonly aupr: number;
  /** Share of ordinary examples that are taken for outliers where at least 95 % of the outliers are caught. */
  readonly fpr95: number;
  readonly outliers: number;
  readonly ordinary: number;
}

/**
 * [n] outlier scores of logits [n, classes]: `confidence` is −max softmax (Hendrycks & Gimpel 2017), `energy` −ln Σ exp logits (Liu et al. 2020,
 * T = 1), `margin` −(greatest − second logit), `entropy` that of the softmax in nats. A row without numbers is as unlike as can be: ∞.
 */
export function outlierScore(logits: ArrayLike<number>, classes: number, score: OutlierScore): Float64Array {
  const n = logits.length / classes;
  const values = new Float64Array(n);
  const probabilities = softmax(logits, classes);
  const best = predictions(logits, classes);
  for (let i = 0; i < n; i++) {
    const from = i * classes;
    values[i] =
      best[i]! < 0 ? Number.POSITIVE_INFINITY : scoreOf(logits, probabilities, from, classes, best[i]!, score);
  }
  return values;
}

function scoreOf(
  logits: ArrayLike<number>,
  probabilities: Float64Array,
  from: number,
  classes: number,
  best: number,
  score: OutlierScore,
): number {
  const top = logits[from + best]!;
  if (score === 'confidence') return -probabilities[from + best]!;
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    const logit = logits[from + c]!;
    const p = probabilities[from + c]!;
    if (score === 'energy' && !Number.isNaN(logit)) sum += logit === top ? 1 : Math.exp(logit - top);
    if (score === 'entropy' && p > 0) sum -= p * Math.log(p);
  }
  if (score === 'entropy') return sum;
  if (score === 'energy') return -(top + Math.log(sum));
  let second = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) if (c !== best && logits[from + c]! > second) second = logits[from + c]!;
  return classes > 1 ? (second === top ? 0 : second - top) : 0;
}

/**
 * Detection figures of two samples of outlier scores, **outliers being the positive class** (Hendrycks & Gimpel 2017 and much of the field; others
 * take the ordinary examples). FPR95 is at the greatest threshold that still catches 95 % of the outliers, equal scores together. Null where a side is empty.
 */
export function detection(ordinary: Float64Array, outliers: Float64Array): DetectionFigures | null {
  if (ordinary.length === 0 || outliers.length === 0) return null;
  const all = new Float64Array(ordinary.length + outliers.length);
  all.set(ordinary);
  all.set(outliers, ordinary.length);
  const labels = new Int32Array(all.length).fill(1, ordinary.length);
  const weights = new Float64Array(all.length).fill(1);
  const ranking = rankingOf(all, 1, 0);
  const caught = Float64Array.from(outliers).sort();
  const threshold = caught[caught.length - Math.ceil(0.95 * caught.length - 1e-9)]!;
  let alarms = 0;
  for (const value of ordinary) if (value >= threshold) alarms++;
  return {
    auroc: rocAuc(ranking, labels, 1, weights)!,
    aupr: averagePrecision(ranking, labels, 1, weights)!,
    fpr95: alarms / ordinary.length,
    outliers: outliers.length,
    ordinary: ordinary.length,
  };
}
