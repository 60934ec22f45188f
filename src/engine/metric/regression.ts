import type { Figure } from '../report/schema';
import { bootstrap } from './interval';

/** How far predictions may be off: in units of the target, or as a share of the true value. */
export interface Tolerance {
  readonly value: number;
  readonly relative: boolean;
}

export interface RegressionRequest {
  /** [n, outputs] */
  readonly predictions: Float32Array;
  /** [n, outputs] */
  readonly targets: Float32Array;
  readonly outputs: number;
  readonly seed: number;
  /** Of the bootstrap; 1000 if absent. */
  readonly replicates?: number;
}

export interface RegressionFigures {
  /** Mean of |prediction − target|, over outputs too. */
  readonly mae: Figure;
  /** Root of the mean squared error, over outputs too. */
  readonly rmse: Figure;
  /** Coefficient of determination, mean over outputs whose targets vary; null if none does. */
  readonly r2: Figure | null;
  /** Median over examples of their mean absolute error. */
  readonly medianError: Figure;
}

/** The usual errors with 95 % bootstrap intervals over examples. */
export function regressionMetrics(request: RegressionRequest): RegressionFigures {
  const { predictions, targets, outputs, seed, replicates } = request;
  const n = predictions.length / outputs;
  const absolute = absoluteErrors(predictions, targets, outputs);
  const squared = squaredErrors(predictions, targets, outputs);
  const order = Int32Array.from(absolute.keys()).sort((a, b) => absolute[a]! - absolute[b]!);
  const [mae, rmse, r2, medianError] = bootstrap(
    n,
    (weights) => [
      weightedMean(absolute, weights),
      Math.sqrt(weightedMean(squared, weights)),
      determination(predictions, targets, outputs, weights),
      weightedMedian(absolute, order, weights),
    ],
    { seed, ...(replicates === undefined ? {} : { replicates }) },
  );
  return { mae: mae ?? nothing(n), rmse: rmse ?? nothing(n), r2: r2 ?? null, medianError: medianError ?? nothing(n) };
}

/** [n]: mean over outputs of |a − b|. */
export function absoluteErrors(a: Float32Array, b: Float32Array, outputs: number): Float64Array {
  const errors = new Float64Array(a.length / outputs);
  for (let i = 0; i < a.length; i++) errors[Math.floor(i / outputs)]! += Math.abs(a[i]! - b[i]!) / outputs;
  return errors;
}

/** [n]: mean over outputs of (a − b)². */
export function squaredErrors(a: Float32Array, b: Float32Array, outputs: number): Float64Array {
  const errors = new Float64Array(a.length / outputs);
  for (let i = 0; i < a.length; i++) errors[Math.floor(i / outputs)]! += (a[i]! - b[i]!) ** 2 / outputs;
  return errors;
}

/** Whether every output of an example is within the tolerance of its target. A relative one compares with |target|. */
export function withinTolerance(
  prediction: Float32Array,
  target: Float32Array,
  { value, relative }: Tolerance,
): boolean {
  return target.every((t, j) => Math.abs(prediction[j]! - t) <= (relative ? value * Math.abs(t) : value));
}

/** Mean and root mean square of given errors of examples, with 95 % bootstrap intervals. */
export function errorFigures(
  absolute: Float64Array,
  squared: Float64Array,
  seed: number,
  replicates?: number,
): { readonly mae: Figure; readonly rmse: Figure } {
  const n = absolute.length;
  const [mae, rmse] = bootstrap(
    n,
    (weights) => [weightedMean(absolute, weights), Math.sqrt(weightedMean(squared, weights))],
    { seed, ...(replicates === undefined ? {} : { replicates }) },
  );
  return { mae: mae ?? nothing(n), rmse: rmse ?? nothing(n) };
}

/** Mean of values of examples with its 95 % bootstrap interval. */
export function meanFigure(values: Float64Array, seed: number, replicates?: number): Figure {
  const options = { seed, ...(replicates === undefined ? {} : { replicates }) };
  return bootstrap(values.length, (weights) => [weightedMean(values, weights)], options)[0] ?? nothing(values.length);
}

/** 1 − Σ(t − p)² / Σ(t − mean t)², averaged over the outputs whose targets vary in the sample. */
function determination(
  predictions: Float32Array,
  targets: Float32Array,
  outputs: number,
  weights: Float64Array,
): number | null {
  let total = 0;
  let varying = 0;
  let weight = 0;
  for (const w of weights) weight += w;
  for (let j = 0; j < outputs; j++) {
    let mean = 0;
    for (let i = 0; i < weights.length; i++) mean += (weights[i]! * targets[i * outputs + j]!) / weight;
    let residual = 0;
    let spread = 0;
    for (let i = 0; i < weights.length; i++) {
      const t = targets[i * outputs + j]!;
      residual += weights[i]! * (t - predictions[i * outputs + j]!) ** 2;
      spread += weights[i]! * (t - mean) ** 2;
    }
    if (!(spread > 0)) continue;
    total += 1 - residual / spread;
    varying++;
  }
  return varying === 0 ? null : total / varying;
}

function weightedMean(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    sum += weights[i]! * values[i]!;
    weight += weights[i]!;
  }
  return sum / weight;
}

/** The middle of the sample in which example i occurs `weights[i]` times; the mean of the two middle ones of an even count. */
function weightedMedian(values: Float64Array, order: Int32Array, weights: Float64Array): number | null {
  let total = 0;
  for (const w of weights) total += w;
  let seen = 0;
  let lower: number | null = null;
  for (const i of order) {
    if (weights[i] === 0) continue;
    seen += weights[i]!;
    if (lower !== null) return (lower + values[i]!) / 2;
    if (2 * seen > total) return values[i]!;
    if (2 * seen === total) lower = values[i]!;
  }
  return lower;
}

/** Of no finite errors nothing is known. */
function nothing(n: number): Figure {
  return { value: 0, low: 0, high: 0, n };
}
