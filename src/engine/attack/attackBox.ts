import { inward, projectDelta, reachOf } from './constraint';
import type { Box, PlaneNorm } from './hyperplane';
import { projectL1, projectL2, projectLinf } from './projection';
import type { AttackThreat } from './types';

/** What an attack of minimal norm may do to an example, coordinate by coordinate; arrays are valid until the next call. */
export interface AttackBox {
  /** The box about an example: the bounds, and what a table's features allow. An example that is outside stays admissible. */
  around(centre: Float32Array): Box;
  /** Writes the point of the box within `radius` of the centre that is closest (Euclidean) to `target` into `out`. */
  project(centre: Float32Array, target: Float64Array, radius: number, out: Float32Array): void;
}

const projections = { linf: projectLinf, l2: projectL2, l1: projectL1 };

/** @param size numbers in one example. */
export function attackBox({ norm, bounds, constraints }: AttackThreat, size: number): AttackBox {
  const [least, most] = bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const low = new Float64Array(size);
  const high = new Float64Array(size);
  if (!constraints) {
    return {
      around(centre) {
        for (let i = 0; i < size; i++) {
          const c = centre[i]!;
          low[i] = Math.min(c, least);
          high[i] = Math.max(c, most);
        }
        return { low, high };
      },
      project: (centre, target, radius, out) =>
        projections[norm as PlaneNorm](centre, target, radius, least, most, out),
    };
  }
  const delta = new Float64Array(size);
  return {
    around(centre) {
      reachOf(constraints, centre, low, high);
      for (let i = 0; i < size; i++) {
        low[i]! += centre[i]!;
        high[i]! += centre[i]!;
      }
      return { low, high };
    },
    project(centre, target, radius, out) {
      reachOf(constraints, centre, low, high);
      for (let i = 0; i < size; i++) delta[i] = target[i]! - centre[i]!;
      // A hair inside, so that the sum's own rounding cannot put the result outside.
      projectDelta(norm, delta, low, high, radius * (1 - 1e-12));
      for (let i = 0; i < size; i++) out[i] = inward(centre[i]!, delta[i]!);
    },
  };
}
