import { RobustnessError } from '../error';
import { type FeatureConstraints, inward, projectDelta, reachOf } from './constraint';
import type { NormBall } from './geometry';
import type { AttackThreat, Norm } from './types';

/**
 * The ball of a threat model cut with the bounds, held features and directions of a table. Whole numbers and one-hot groups are
 * relaxed to intervals here; `feasible.ts` rounds what attacks return.
 *
 * @throws `attack/norm` for l0, `attack/epsilon` for a radius that is no finite number where nothing bounds the features.
 */
export function constrainedBall(
  threat: AttackThreat,
  constraints: FeatureConstraints,
  size: number,
): Omit<NormBall, 'bounds' | 'scaled'> {
  const { norm, epsilon } = threat;
  if (norm === 'l0') {
    throw new RobustnessError(
      'attack/norm',
      'Features with constraints are not attacked in l0 yet.',
      'State the threat model in linf, l2 or l1.',
    );
  }
  if (constraints.low.length !== size) {
    throw new RobustnessError(
      'attack/constraints',
      `The constraints are on ${constraints.low.length} features, and an example has ${size}.`,
      'Declare the features of this data set.',
    );
  }
  const radius = Math.min(epsilon, widest(norm, constraints));
  if (!(radius >= 0 && radius < Number.POSITIVE_INFINITY)) {
    throw new RobustnessError(
      'attack/epsilon',
      `ε = ${epsilon} cannot be attacked in features without bounds.`,
      'Give a finite ε that is not negative, or `min` and `max` of every feature.',
    );
  }
  const down = new Float64Array(size);
  const up = new Float64Array(size);
  const delta = new Float64Array(size);
  const settle = (centre: Float32Array, out: Float32Array): void => {
    reachOf(constraints, centre, down, up);
    projectDelta(norm, delta, down, up, radius * (1 - 1e-12));
    for (let i = 0; i < size; i++) out[i] = inward(centre[i]!, delta[i]!);
  };
  /** Whether a coordinate may still move the way its gradient points; what depends on the centre shows when it is projected. */
  const movable = (gradient: number, point: number, i: number): boolean => {
    if (constraints.held[i]) return false;
    return gradient > 0 ? point < constraints.high[i]! : gradient < 0 && point > constraints.low[i]!;
  };

  return {
    norm,
    radius,
    randomStart(centre, random, out) {
      for (let i = 0; i < size; i++) {
        delta[i] = constraints.held[i] ? 0 : norm === 'linf' ? random.between(-radius, radius) : random.normal();
      }
      if (norm !== 'linf') {
        const length = norm === 'l2' ? Math.hypot(...delta) : delta.reduce((sum, d) => sum + Math.abs(d), 0);
        for (let i = 0; i < size; i++) delta[i]! *= radius / (length + 1e-12);
      }
      settle(centre, out);
    },
    steepestAscent(gradient, point, out) {
      let largest = 0;
      let squares = 0;
      for (let i = 0; i < size; i++) {
        const g = Number.isNaN(gradient[i]!) ? 0 : Math.max(-3.4e38, Math.min(3.4e38, gradient[i]!));
        out[i] = movable(g, point[i]!, i) ? g : 0;
        largest = Math.max(largest, Math.abs(out[i]!));
        squares += out[i]! * out[i]!;
      }
      if (largest === 0) return;
      const length = Math.sqrt(squares);
      let chosen = 0;
      for (let i = 0; i < size; i++) {
        if (norm === 'l2') out[i]! /= length;
        else if (norm === 'linf') out[i] = Math.sign(out[i]!);
        // In l1 the steepest direction is the coordinate of the largest slope; equals share the step.
        else out[i] = Math.abs(out[i]!) === largest ? Math.sign(out[i]!) : 0;
        if (out[i] !== 0) chosen++;
      }
      if (norm === 'l1') for (let i = 0; i < size; i++) out[i]! /= chosen;
    },
    project(centre, point, out) {
      for (let i = 0; i < size; i++) delta[i] = point[i]! - centre[i]!;
      settle(centre, out);
    },
    distance: (a, b) => distance(norm, a, b),
  };
}

/** In float64. */
export function distance(norm: Norm, a: Float32Array, b: Float32Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) {
    const change = Math.abs(a[i]! - b[i]!);
    if (norm === 'linf') total = Math.max(total, change);
    else total += norm === 'l2' ? change * change : norm === 'l1' ? change : Number(change > 0);
  }
  return norm === 'l2' ? Math.sqrt(total) : total;
}

/** The largest distance that the features' bounds allow. */
function widest(norm: Norm, { low, high, held }: FeatureConstraints): number {
  const widths = low.map((least, i) => (held[i] ? 0 : high[i]! - least));
  if (norm === 'linf') return Math.max(0, ...widths);
  return norm === 'l2' ? Math.hypot(...widths) : widths.reduce((sum, width) => sum + width, 0);
}
