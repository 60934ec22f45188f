import { RobustnessError } from '../error';
import type { Random } from '../random';
import { constrainedBall } from './constraintBall';
import { l0Ball, positionsOf } from './geometryL0';
import { linfLimits, placeWithin, projectL1, projectL2, projectLinf } from './projection';
import type { AttackThreat, Norm } from './types';

/**
 * The set of points that a threat model allows about one example: the norm ball cut with the data's bounds. Everything
 * that an attack does differently by norm is here. Arrays hold one example, flat; `centre` is the clean example.
 */
export interface NormBall {
  readonly norm: Norm;
  /** Radius used; an infinite ε is cut to the diameter of the data's bounds, since steps are in units of it. */
  readonly radius: number;
  /** Bounds of a value; null if there are none. */
  readonly bounds: readonly [number, number] | null;
  /** The ball with its radius times a factor, within the same bounds. */
  scaled(factor: number): NormBall;
  /**
   * Writes a random point of the set into `out`.
   *
   * @param limits the least and the largest value of each coordinate, for linf, where they are known already.
   */
  randomStart(
    centre: Float32Array,
    random: Random,
    out: Float32Array,
    limits?: readonly [Float32Array, Float32Array],
  ): void;
  /**
   * Writes the direction of length 1 in the norm that raises a linear function with this gradient most. For l1, where
   * that is a single coordinate, the largest hundredth of those that may still move share the step (SLIDE, Tramèr &
   * Boneh 2019, §4). A zero gradient gives zero; NaN counts as zero.
   */
  steepestAscent(gradient: Float32Array, point: Float32Array, out: Float64Array): void;
  /**
   * Writes the point of the set closest (Euclidean) to `point`, in float32, into `out`. Rounding goes toward the
   * centre, so the result is inside the set exactly, not up to an error.
   */
  project(centre: Float32Array, point: Float64Array, out: Float32Array): void;
  /** Distance in the norm, computed in float64. */
  distance(a: Float32Array, b: Float32Array): number;
}

/** Norms of convex balls. */
export const ballNorms = ['linf', 'l2', 'l1'] as const;

/**
 * Largest distance in the norm between two points within `bounds`; Infinity without bounds.
 *
 * @param exampleSize values of an example; for l0 the positions, where several values make one.
 */
export function diameter(norm: Norm, bounds: readonly [number, number] | null, exampleSize: number): number {
  if (norm === 'l0' || norm === 'edits') return exampleSize;
  if (bounds === null) return Number.POSITIVE_INFINITY;
  const width = bounds[1] - bounds[0];
  if (norm === 'linf') return width;
  return norm === 'l2' ? width * Math.sqrt(exampleSize) : width * exampleSize;
}

/**
 * @param exampleSize numbers in one example.
 * @param free how many of them, at the front, may change; the rest stay at the centre.
 * @throws `attack/channels` and `attack/bounds` as {@link l0Ball}, `attack/epsilon` for a radius that is negative, NaN, or infinite
 * in a space without bounds, `attack/bounds` for bounds that are not an interval.
 */
export function normBall(threat: AttackThreat, exampleSize: number, free = exampleSize): NormBall {
  const scaled = new Map<number, NormBall>();
  const ball: NormBall = {
    ...(threat.constraints
      ? constrainedBall(threat, threat.constraints, exampleSize)
      : wholeBall(threat, exampleSize, free)),
    bounds: threat.bounds,
    scaled(factor) {
      const known = scaled.get(factor) ?? normBall({ ...threat, epsilon: factor * threat.epsilon }, exampleSize, free);
      scaled.set(factor, known);
      return known;
    },
  };
  if (free === exampleSize) return ball;
  const hold = (centre: Float32Array, out: Float32Array) => out.set(centre.subarray(free), free);
  return {
    ...ball,
    randomStart(centre, random, out, limits) {
      ball.randomStart(centre, random, out, limits);
      hold(centre, out);
    },
    project(centre, point, out) {
      // What is held takes none of the radius.
      point.set(centre.subarray(free), free);
      ball.project(centre, point, out);
      hold(centre, out);
    },
  };
}

/** What a norm gives by itself. */
export type Geometry = Omit<NormBall, 'bounds' | 'scaled'>;

function wholeBall(threat: AttackThreat, exampleSize: number, free: number): Geometry {
  const { norm, bounds, epsilon } = threat;
  if (bounds !== null && !(bounds[0] < bounds[1])) {
    throw new RobustnessError(
      'attack/bounds',
      `The bounds [${bounds[0]}, ${bounds[1]}] are not an interval.`,
      'Give the smallest and the largest value that the data can take, in data units.',
    );
  }
  const positions = positionsOf(free, norm === 'l0' ? threat.channels : 1);
  const radius = Math.min(epsilon, diameter(norm, bounds, positions.count));
  if (!(radius >= 0 && radius < Number.POSITIVE_INFINITY)) {
    throw new RobustnessError(
      'attack/epsilon',
      `ε = ${epsilon} cannot be attacked${bounds === null ? ' in data without bounds' : ''}.`,
      'Give a finite ε that is not negative, in data units, or bounds for the data.',
    );
  }
  const [low, high] = bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const scratch = new Float64Array(exampleSize);
  switch (norm) {
    case 'linf':
      return {
        norm,
        radius,
        randomStart(centre, random, out, limits) {
          random.fillBetween(-1, 1, scratch);
          let largest = 0;
          for (let i = 0; i < exampleSize; i++) {
            const t = Math.abs(scratch[i]!);
            if (t > largest) largest = t;
          }
          const [least, most] = limits ?? limitsAround(centre);
          placeWithin(centre, scratch, radius / (largest + 1e-12), least, most, out);
        },
        steepestAscent(gradient, _point, out) {
          for (let i = 0; i < exampleSize; i++) out[i] = Math.sign(gradient[i]!) || 0;
        },
        project: (centre, point, out) => projectLinf(centre, point, radius, low, high, out),
        distance(a, b) {
          let largest = 0;
          for (let i = 0; i < exampleSize; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
          return largest;
        },
      };
    case 'l2':
      return {
        norm,
        radius,
        randomStart(centre, random, out) {
          for (let i = 0; i < exampleSize; i++) scratch[i] = random.normal();
          stretch(centre, radius / (euclidean(scratch) + 1e-12));
          projectL2(centre, scratch, radius, low, high, out);
        },
        steepestAscent(gradient, _point, out) {
          for (let i = 0; i < exampleSize; i++) out[i] = finite(gradient[i]!);
          const length = euclidean(out);
          for (let i = 0; i < exampleSize && length > 0; i++) out[i]! /= length;
        },
        project: (centre, point, out) => projectL2(centre, point, radius, low, high, out),
        distance(a, b) {
          let sum = 0;
          for (let i = 0; i < exampleSize; i++) sum += (a[i]! - b[i]!) ** 2;
          return Math.sqrt(sum);
        },
      };
    case 'l1':
      return {
        norm,
        radius,
        randomStart(centre, random, out) {
          let sum = 0;
          for (let i = 0; i < exampleSize; i++) {
            // Laplace noise, scaled to the sphere, is uniform on it.
            const t = Math.log1p(-random.uniform()) * (random.uniform() < 0.5 ? 1 : -1);
            scratch[i] = t;
            sum += Math.abs(t);
          }
          stretch(centre, radius / (sum + 1e-12));
          projectL1(centre, scratch, radius, low, high, out);
        },
        steepestAscent(gradient, point, out) {
          const movable = (i: number) => {
            const g = finite(gradient[i]!);
            return g > 0 ? point[i]! < high : g < 0 && point[i]! > low;
          };
          for (let i = 0; i < exampleSize; i++) scratch[i] = movable(i) ? -Math.abs(finite(gradient[i]!)) : 0;
          const threshold = -(scratch.sort()[Math.floor(exampleSize / 100)] ?? 0);
          let chosen = 0;
          for (let i = 0; i < exampleSize; i++) {
            const take = movable(i) && Math.abs(finite(gradient[i]!)) >= threshold;
            out[i] = take ? Math.sign(gradient[i]!) : 0;
            if (take) chosen++;
          }
          for (let i = 0; i < exampleSize && chosen > 1; i++) out[i]! /= chosen;
        },
        project: (centre, point, out) => projectL1(centre, point, radius, low, high, out),
        distance(a, b) {
          let sum = 0;
          for (let i = 0; i < exampleSize; i++) sum += Math.abs(a[i]! - b[i]!);
          return sum;
        },
      };
    case 'l0':
      return l0Ball(exampleSize, positions, radius, bounds);
    case 'edits':
      throw new RobustnessError(
        'attack/unsuitable',
        'Edits of a text are no ball about a vector.',
        'Attack texts with edits-beam or edits-random.',
      );
  }

  function limitsAround(centre: Float32Array): readonly [Float32Array, Float32Array] {
    const limits = [new Float32Array(exampleSize), new Float32Array(exampleSize)] as const;
    linfLimits(centre, radius, low, high, ...limits);
    return limits;
  }

  /** scratch ← centre + scale · scratch */
  function stretch(centre: Float32Array, scale: number): void {
    for (let i = 0; i < exampleSize; i++) scratch[i] = centre[i]! + scale * scratch[i]!;
  }
}

function euclidean(v: Float64Array): number {
  let sum = 0;
  for (const value of v) sum += value * value;
  return Math.sqrt(sum);
}

/** NaN as 0, and infinities as the largest float32, so that one overflow does not make the whole direction NaN. */
function finite(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.max(-3.4e38, Math.min(3.4e38, value));
}
