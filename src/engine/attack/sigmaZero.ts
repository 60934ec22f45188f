import { normBall } from './geometry';
import { type Positions, positionsOf, within } from './geometryL0';
import { goalOf } from './goal';
import { checkRequest } from './request';
import type { Attack } from './types';

/** Constants of the paper (§2.2 and appendix A), for values in [0, 1]: the data are scaled to it. */
const sigma = 1e-3;
const firstThreshold = 0.3;
const thresholdStep = 0.01;
const firstRate = 1;
const lastRate = 0.1;
/** Of Adam, by which the authors' implementation steps. */
const decay = [0.9, 0.999] as const;

/**
 * σ-zero: gradient descent on the margin plus a smooth l0 norm, Σ s/(s + σ) over positions with s their squared change,
 * and a threshold under which changes are undone; it rises while the example is misclassified and falls while it is not.
 * Where a position has several channels, s is their sum and the threshold is held against the largest change among them,
 * so that for single values it is the paper's algorithm exactly. From the clean example, without randomness.
 */
export const sigmaZero: Attack = {
  name: 'sigma-zero',
  title: 'σ-zero',
  needs: 'gradient',
  norms: ['l0'],
  targeted: true,
  minimal: true,
  defaults: { iterations: 1000, restarts: 1, queries: 0 },
  source:
    'Cinà, Villani, Pintor, Schönherr, Biggio & Pelillo, σ-zero: gradient-based optimization of ℓ0-norm adversarial examples, ICLR 2025, Algorithm 1',
  async run(request) {
    checkRequest(sigmaZero, request);
    const { oracle, x, y, budget, signal, threat } = request;
    const size = oracle.exampleSize;
    const goal = goalOf(request);
    const ball = normBall(threat, size, oracle.free);
    const positions = positionsOf(oracle.free ?? size, threat.channels);
    const [low, high] = threat.bounds!;
    const width = high - low;
    const points = x.slice();
    const found = new Uint8Array(y.length);
    const zeroGradient = new Uint8Array(y.length);
    const fewest = new Float64Array(y.length).fill(Number.POSITIVE_INFINITY);
    const highest = new Float64Array(y.length).fill(Number.NEGATIVE_INFINITY);
    const lossTrace: number[] = [];
    let active: Descent[] = Array.from(y, (_, row) => ({
      row,
      clean: x.subarray(row * size, (row + 1) * size),
      change: new Float64Array(size),
      mean: new Float64Array(size),
      square: new Float64Array(size),
      threshold: firstThreshold,
    }));
    let batch = new Float32Array(y.length * size);

    for (let i = 0; i < budget.iterations && active.length > 0; i++) {
      signal?.throwIfAborted();
      batch = batch.subarray(0, active.length * size);
      for (let k = 0; k < active.length; k++) {
        place(active[k]!, batch.subarray(k * size, (k + 1) * size), low, high);
      }
      const labels = Int32Array.from(active, ({ row }) => y[row]!);
      const rows = active.map(({ row }) => row);
      const { logits, gradient } = await oracle.gradient(
        batch,
        labels,
        goal.loss('margin'),
        goal.aims(rows),
        goal.targets(rows),
      );
      const still: Descent[] = [];
      for (let k = 0; k < active.length; k++) {
        const descent = active[k]!;
        const { row } = descent;
        const point = batch.subarray(k * size, (k + 1) * size);
        const slope = gradient.subarray(k * size, (k + 1) * size);
        const broken = goal.reached(logits, k, row);
        highest[row] = Math.max(highest[row]!, -goal.margin(logits, k, row));
        if (i === 0 && slope.every((value) => value === 0)) zeroGradient[row] = 1;
        if (broken) {
          const changed = ball.distance(descent.clean, point);
          if (changed < fewest[row]!) {
            fewest[row] = changed;
            found[row] = 1;
            points.set(point, row * size);
          }
        }
        // Fewer than one is none, and the clean example is classified correctly.
        if (fewest[row]! <= Math.max(1, threat.epsilon)) continue;
        step(descent, slope, broken, i, budget.iterations, positions, low, width);
        still.push(descent);
      }
      active = still;
      lossTrace.push(highest.reduce((sum, loss) => sum + loss, 0) / y.length);
    }
    // Traces of all batches have one length, whenever the last example left.
    while (lossTrace.length < budget.iterations) lossTrace.push(lossTrace.at(-1) ?? 0);
    const success = Uint8Array.from(found, (is, row) => (is === 1 && fewest[row]! <= threat.epsilon ? 1 : 0));
    return { adversarial: points, success, lossTrace, zeroGradient, minimal: { points, found } };
  },
};

/** Where the descent of one example is. Changes are in units of the width of the bounds. */
interface Descent {
  readonly row: number;
  readonly clean: Float32Array;
  readonly change: Float64Array;
  /** Adam's running means, of the gradient and of its square. */
  readonly mean: Float64Array;
  readonly square: Float64Array;
  threshold: number;
}

/** Writes the point: where nothing changes, the clean value bit by bit. */
function place({ clean, change }: Descent, out: Float32Array, low: number, high: number): void {
  for (let i = 0; i < out.length; i++) {
    const delta = change[i]!;
    out[i] = delta === 0 ? clean[i]! : within(clean[i]! + delta * (high - low), low, high);
  }
}

/** The rate at the start of iteration `i`: from 1 down to 0.1 along a half cosine. */
function rateAt(i: number, iterations: number): number {
  return lastRate + ((firstRate - lastRate) * (1 + Math.cos((Math.PI * i) / iterations))) / 2;
}

/** @param slope gradient of the margin that attacks maximise, in data units. */
function step(
  descent: Descent,
  slope: Float32Array,
  broken: boolean,
  i: number,
  iterations: number,
  { channels, count }: Positions,
  low: number,
  width: number,
): void {
  const { clean, change, mean, square } = descent;
  const used = count * channels;
  const direction = new Float64Array(used);
  let largest = 1e-12;
  for (let p = 0; p < count; p++) {
    let s = sigma;
    for (let j = p; j < used; j += count) s += change[j]! * change[j]!;
    const weight = (2 * sigma) / (s * s * count);
    for (let j = p; j < used; j += count) {
      const own = slope[j]!;
      // An overflow in the model must not make the descent NaN.
      const value = weight * change[j]! - (broken || !Number.isFinite(own) ? 0 : own * width);
      direction[j] = value;
      if (value > largest) largest = value;
      else if (-value > largest) largest = -value;
    }
  }
  const rate = rateAt(i, iterations);
  const [slow, slower] = decay;
  const meanScale = 1 / (1 - slow ** (i + 1));
  const squareScale = 1 / (1 - slower ** (i + 1));
  for (let j = 0; j < used; j++) {
    const g = direction[j]! / largest;
    const m = slow * mean[j]! + (1 - slow) * g;
    const v = slower * square[j]! + (1 - slower) * g * g;
    mean[j] = m;
    square[j] = v;
    let moved = change[j]! - (rate * m * meanScale) / (Math.sqrt(v * squareScale) + 1e-8);
    const place = (clean[j]! - low) / width;
    if (moved < -place) moved = -place;
    if (moved > 1 - place) moved = 1 - place;
    change[j] = moved;
  }
  const next = descent.threshold + (broken ? thresholdStep : -thresholdStep) * rateAt(i + 1, iterations);
  const threshold = Math.min(Math.max(next, 0), 1);
  descent.threshold = threshold;
  for (let p = 0; p < count; p++) {
    let stays = false;
    for (let j = p; j < used; j += count) if (Math.abs(change[j]!) >= threshold) stays = true;
    if (!stays) for (let j = p; j < used; j += count) change[j] = 0;
  }
}
