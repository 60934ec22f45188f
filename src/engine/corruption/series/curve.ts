import type { Random } from '../../random';

/** Points between the ends that a curve goes through, as in Um et al. 2017. */
const knots = 4;

/** [frames]: a smooth curve about 1, a natural cubic spline through normal values of standard deviation σ at even spacing. */
export function smoothCurve(frames: number, deviation: number, random: Random): Float64Array {
  const points = Float64Array.from({ length: knots + 2 }, () => 1 + deviation * random.normal());
  const bends = secondDerivatives(points);
  const last = points.length - 1;
  const curve = new Float64Array(frames);
  for (let t = 0; t < frames; t++) {
    const place = frames > 1 ? (t * last) / (frames - 1) : 0;
    const left = Math.min(last - 1, Math.floor(place));
    const b = place - left;
    const a = 1 - b;
    curve[t] =
      a * points[left]! +
      b * points[left + 1]! +
      ((a * a * a - a) * bends[left]! + (b * b * b - b) * bends[left + 1]!) / 6;
  }
  return curve;
}

/** Of the natural spline through points at spacing 1: Thomas' algorithm for y″[i−1] + 4 y″[i] + y″[i+1] = 6 Δ²y[i]. */
function secondDerivatives(points: Float64Array): Float64Array {
  const n = points.length;
  const upper = new Float64Array(n);
  const bends = new Float64Array(n);
  for (let i = 1; i < n - 1; i++) {
    const pivot = 4 - upper[i - 1]!;
    upper[i] = 1 / pivot;
    bends[i] = (6 * (points[i + 1]! - 2 * points[i]! + points[i - 1]!) - bends[i - 1]!) / pivot;
  }
  for (let i = n - 2; i > 0; i--) bends[i]! -= upper[i]! * bends[i + 1]!;
  return bends;
}
