import { normBall } from './geometry';
import { margin } from './scores';
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
 * One step of a perturbation for all examples at once: ascent of a smooth count of those that it fools (in the manner of Shafahi
 * et al., Universal Adversarial Training, AAAI 2020, Algorithm 1), along the norm's steepest direction, onto the ball. An example
 * counts by exp(−|margin| / mean |margin|), the slope of that count: those that no step will move, fooled or safe, would
 * otherwise pull against those near the boundary.
 *
 * @param delta [...exampleShape]; a new one is returned.
 */
export async function universalStep(delta: Float32Array, step: UniversalStep): Promise<Float32Array> {
  const { oracle, x, y, threat, share } = step;
  const { exampleSize: size, classes } = oracle;
  const shifted = addUniversal(x, delta, threat);
  const { gradient, logits } = await oracle.gradient(shifted, y, 'margin');
  const mean = new Float32Array(size);
  const margins = Float64Array.from(y, (label, i) => Math.abs(margin(logits, i, classes, label)));
  const usual = margins.reduce((sum, m) => sum + m, 0) / Math.max(1, y.length);
  for (let i = 0; i < y.length; i++) {
    let length = 0;
    for (let j = i * size; j < (i + 1) * size; j++) length += gradient[j]! * gradient[j]!;
    // Networks differ by orders of magnitude in their slopes from example to example.
    const weight = length > 0 ? Math.exp(usual > 0 ? -margins[i]! / usual : 0) / Math.sqrt(length) : 0;
    for (let j = 0; j < size; j++) mean[j]! += weight * gradient[i * size + j]!;
  }
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
      out[at + j] = Math.max(low, Math.min(high, value));
    }
  }
  return out;
}
