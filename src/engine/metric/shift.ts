import { Random } from '../random';
import type { Figure } from '../report/schema';
import { calibrationError } from './calibration';
import { bootstrap, quantile, share } from './interval';
import { type OutlierScore, outlierScore, outlierScores } from './outOfDistribution';
import { averagePrecision } from './precisionRecall';
import { predictions, softmax } from './prediction';
import { rankingOf, rocAuc } from './roc';

export interface ShiftFigures {
  readonly accuracy: Figure;
  /** Mean recall of the classes that the data hold. */
  readonly balancedAccuracy: Figure | null;
  /** Null where the model has no confidences. */
  readonly ece: Figure | null;
}

export interface ShiftRequest {
  /** [n, classes] */
  readonly logits: Float32Array;
  /** [n] */
  readonly labels: Int32Array;
  readonly classes: number;
  readonly seed: number;
  /** The model returns labels: there is no confidence that could be calibrated. */
  readonly labelsOnly?: boolean;
}

/** What a model is worth on other data of its task, with 95 % intervals: Wilson for the accuracy, the stratified bootstrap for the rest. */
export function shiftFigures({ logits, labels, classes, seed, labelsOnly = false }: ShiftRequest): ShiftFigures {
  const n = labels.length;
  const predicted = predictions(logits, classes);
  const correct = Uint8Array.from(labels, (label, i) => (label === predicted[i] ? 1 : 0));
  const confidence = new Float64Array(n);
  if (!labelsOnly) {
    const probabilities = softmax(logits, classes);
    for (let i = 0; i < n; i++) confidence[i] = predicted[i]! < 0 ? 0 : probabilities[i * classes + predicted[i]!]!;
  }
  const [balancedAccuracy, ece] = bootstrap(
    n,
    (weights) => [
      balanced(labels, correct, classes, weights),
      labelsOnly ? null : calibrationError(confidence, correct, weights),
    ],
    { seed, strata: labels },
  );
  let hits = 0;
  for (let i = 0; i < n; i++) hits += correct[i]!;
  return { accuracy: share(hits, n), balancedAccuracy: balancedAccuracy ?? null, ece: ece ?? null };
}

/** Mean over the classes with examples of the share that is right (scikit-learn's `balanced_accuracy_score`). */
function balanced(labels: Int32Array, correct: Uint8Array, classes: number, weights: Float64Array): number | null {
  const support = new Float64Array(classes);
  const right = new Float64Array(classes);
  for (let i = 0; i < labels.length; i++) {
    support[labels[i]!]! += weights[i]!;
    right[labels[i]!]! += weights[i]! * correct[i]!;
  }
  let sum = 0;
  let present = 0;
  for (let c = 0; c < classes; c++) {
    if (support[c] === 0) continue;
    sum += right[c]! / support[c]!;
    present++;
  }
  return present > 0 ? sum / present : null;
}

export interface DetectionRow {
  readonly score: OutlierScore;
  readonly auroc: Figure;
  readonly aupr: Figure;
  readonly fpr95: Figure;
}

/**
 * Detection figures of all outlier scores, **outliers being the positive class**, with 95 % bootstrap intervals that keep the count of each side.
 * @param ordinary logits [n, classes] of the test data
 * @param outliers logits [m, classes]
 */
export function detectionRows(
  ordinary: Float32Array,
  outliers: Float32Array,
  classes: number,
  seed: number,
): DetectionRow[] {
  const n = ordinary.length / classes;
  const total = n + outliers.length / classes;
  if (n === 0 || total === n) return [];
  const labels = new Int32Array(total).fill(1, n);
  return outlierScores.flatMap((score) => {
    const values = new Float64Array(total);
    values.set(outlierScore(ordinary, classes, score));
    values.set(outlierScore(outliers, classes, score), n);
    const ranking = rankingOf(values, 1, 0);
    const [auroc, aupr, fpr95] = bootstrap(
      total,
      (weights) => [
        rocAuc(ranking, labels, 1, weights),
        // Rounding must not take a share past 1.
        Math.min(1, averagePrecision(ranking, labels, 1, weights) ?? 0),
        falseAlarms(ranking.order, ranking.runEnds, labels, weights),
      ],
      { seed, strata: labels, replicates: 500 },
    );
    return auroc && aupr && fpr95 ? [{ score, auroc, aupr, fpr95 }] : [];
  });
}

/** Share of ordinary examples at or above the greatest threshold that catches 95 % of the outliers, equal scores together. */
function falseAlarms(
  order: Uint32Array,
  runEnds: Uint8Array,
  labels: Int32Array,
  weights: Float64Array,
): number | null {
  let outliers = 0;
  let ordinary = 0;
  for (let i = 0; i < weights.length; i++) {
    if (labels[i] === 1) outliers += weights[i]!;
    else ordinary += weights[i]!;
  }
  if (outliers === 0 || ordinary === 0) return null;
  const enough = Math.ceil(0.95 * outliers - 1e-9);
  let caught = 0;
  let alarms = 0;
  for (let i = order.length - 1; i >= 0; i--) {
    const example = order[i]!;
    if (labels[example] === 1) caught += weights[example]!;
    else alarms += weights[example]!;
    const complete = i === 0 || runEnds[i - 1] === 1;
    if (complete && caught >= enough) return alarms / ordinary;
  }
  return 1;
}

/** Difference of the means of two independent samples with its 95 % percentile bootstrap interval: positive where `values` are greater. */
export function meanDifference(
  values: Float64Array,
  reference: Float64Array,
  seed: number,
  replicates = 1000,
): { readonly value: number; readonly low: number; readonly high: number } {
  const random = Random.of(seed, 'difference');
  const value = mean(values) - mean(reference);
  const drawn = new Float64Array(replicates);
  for (let r = 0; r < replicates; r++) drawn[r] = resampledMean(values, random) - resampledMean(reference, random);
  drawn.sort();
  return {
    value,
    low: Math.min(value, quantile(drawn, 0.025)),
    high: Math.max(value, quantile(drawn, 0.975)),
  };
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

function resampledMean(values: Float64Array, random: Random): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[random.integer(values.length)]!;
  return sum / values.length;
}
