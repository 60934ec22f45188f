import { normBall } from './geometry';
import { isBroken } from './scores';
import type { AttackThreat, Oracle } from './types';

/** What one step is taken by. */
export interface UniversalStep {
  readonly oracle: Oracle;
  /** [n, ...exampleShape] */
  readonly x: Float32Array;
  /** [n] */
  readonly y: Int32Array;
  readonly threat: AttackThreat;
  /** Length of the step, as a share of ε. */
  readonly share: number;
}

/**
 * One step of a perturbation for all examples at once: stochastic ascent of the mean margin of those that it does not fool yet
 * (Shafahi et al., Universal Adversarial Training, AAAI 2020, Algorithm 1; their clipped loss, which keeps fooled examples from
 * ruling the mean, is here the leaving out of these), along the norm's steepest direction, onto the ball.
 *
 * @param delta [...exampleShape]; a new one is returned.
 */
export async function universalStep(delta: Float32Array, step: UniversalStep): Promise<Float32Array> {
  const { oracle, x, y, threat, share } = step;
  const { exampleSize: size, classes } = oracle;
  const shifted = addUniversal(x, delta, threat);
  const { gradient, logits } = await oracle.gradient(shifted, y, 'margin');
  const mean = new Float32Array(size);
  let left = 0;
  for (let i = 0; i < y.length; i++) {
    if (isBroken(logits, i, classes, y[i]!)) continue;
    left++;
    let length = 0;
    for (let j = i * size; j < (i + 1) * size; j++) length += gradient[j]! * gradient[j]!;
    // Each example has one voice: networks differ by orders of magnitude in their slopes from example to example.
    const scale = length > 0 ? 1 / Math.sqrt(length) : 0;
    for (let j = 0; j < size; j++) mean[j]! += scale * gradient[i * size + j]!;
  }
  if (left === 0) return delta.slice();
  // δ lies in the ball about nothing; bounds hold for each example where it is added.
  const ball = normBall({ ...threat, bounds: null }, size, oracle.free);
  const target = new Float64Array(size);
  ball.steepestAscent(mean, delta, target);
  for (let j = 0; j < size; j++) target[j] = delta[j]! + share * ball.radius * target[j]!;
  const next = new Float32Array(size);
  ball.project(new Float32Array(size), target, next);
  return next;
}

/** Examples with the perturbation added, cut to the bounds; a cut makes no difference larger in any norm. */
export function addUniversal(x: Float32Array, delta: Float32Array, { bounds }: AttackThreat): Float32Array {
  const size = delta.length;
  const [low, high] = bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const out = new Float32Array(x.length);
  for (let at = 0; at < x.length; at += size) {
    for (let j = 0; j < size; j++) {
      const value = x[at + j]! + delta[j]!;
      out[at + j] = value < low ? low : value > high ? high : value;
    }
  }
  return out;
}
