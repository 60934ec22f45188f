import type { AttackRequest, AttackResult, MinimalPoints, Norm } from './types';

/**
 * The books of an attack that looks for the smallest perturbation: of each example, the closest misclassified point so far.
 * ε only decides when an example has been broken and may leave.
 */
export class Closest {
  /** [n]: distance of the closest point in the norm; Infinity while there is none. */
  readonly distance: Float64Array;
  private readonly points: Float32Array;
  private readonly size: number;

  constructor(
    private readonly request: Pick<AttackRequest, 'x' | 'y' | 'threat'> & { oracle: { exampleSize: number } },
  ) {
    this.size = request.oracle.exampleSize;
    this.distance = new Float64Array(request.y.length).fill(Number.POSITIVE_INFINITY);
    this.points = request.x.slice();
  }

  /** The clean example. */
  centre(row: number): Float32Array {
    return this.request.x.subarray(row * this.size, (row + 1) * this.size);
  }

  /** The closest point; the clean example while there is none. */
  point(row: number): Float32Array {
    return this.points.subarray(row * this.size, (row + 1) * this.size);
  }

  /** Notes a misclassified point. Returns whether it is closer than those before. */
  offer(row: number, point: Float32Array): boolean {
    const distance = lengthBetween(this.request.threat.norm, this.centre(row), point);
    if (!(distance < this.distance[row]!)) return false;
    this.distance[row] = distance;
    this.points.set(point, row * this.size);
    return true;
  }

  /** Whether a point within ε was found. */
  within(row: number): boolean {
    return this.distance[row]! <= this.request.threat.epsilon;
  }

  result(): AttackResult & { readonly minimal: MinimalPoints } {
    return {
      adversarial: this.points,
      success: Uint8Array.from(this.distance, (_, row) => (this.within(row) ? 1 : 0)),
      lossTrace: [],
      minimal: { points: this.points, found: Uint8Array.from(this.distance, (d) => (Number.isFinite(d) ? 1 : 0)) },
    };
  }
}

/** Distance of two points in a norm, in float64; NaN where a value is. */
export function lengthBetween(norm: Norm, a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const d = b[i]! - a[i]!;
    if (norm === 'l2') sum += d * d;
    else if (norm === 'l0') sum += d === 0 ? 0 : 1;
    else {
      const size = d < 0 ? -d : d;
      if (norm === 'l1') sum += size;
      else if (!(size <= sum)) sum = size;
    }
  }
  return norm === 'l2' ? Math.sqrt(sum) : sum;
}

/** The points of several walks as one batch, [walks, size]. */
export function stacked(walks: readonly { readonly point: Float32Array }[], size: number): Float32Array {
  const points = new Float32Array(walks.length * size);
  for (let k = 0; k < walks.length; k++) points.set(walks[k]!.point, k * size);
  return points;
}
