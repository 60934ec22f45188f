/**
 * Euclidean projections onto {z : ‖z − centre‖ ≤ radius, low ≤ z ≤ high}, exact for the intersection: projecting onto
 * the two sets in turn gives a point of the intersection, but not the closest, and so wastes budget. Computed in float64
 * and rounded to float32 toward the centre. A centre that lies outside the bounds itself (by rounding of the data) is
 * kept feasible.
 */

export function projectLinf(
  centre: Float32Array,
  point: Float64Array,
  radius: number,
  low: number,
  high: number,
  out: Float32Array,
): void {
  // Compared by hand: Math.min and Math.max take three times as long, and every attack starts with three of these.
  for (let i = 0; i < out.length; i++) {
    const c = centre[i]!;
    let least = low - c;
    let most = high - c;
    if (least > 0) least = 0;
    if (most < 0) most = 0;
    if (least < -radius) least = -radius;
    if (most > radius) most = radius;
    let delta = point[i]! - c;
    if (delta < least) delta = least;
    if (delta > most) delta = most;
    out[i] = inward(c, delta);
  }
}

/** Writes the least and the largest float32 of each coordinate that {@link projectLinf} can give. */
export function linfLimits(
  centre: Float32Array,
  radius: number,
  low: number,
  high: number,
  least: Float32Array,
  most: Float32Array,
): void {
  for (let i = 0; i < centre.length; i++) {
    const c = centre[i]!;
    let down = low - c;
    let up = high - c;
    if (down > 0) down = 0;
    if (up < 0) up = 0;
    least[i] = inward(c, Math.max(down, -radius));
    most[i] = inward(c, Math.min(up, radius));
  }
}

/**
 * By the KKT conditions z = clip(centre + s·d) with one s ∈ [0, 1] for all coordinates. For a guess of the clipped ones,
 * s has a closed form; s only grows as more are clipped, so the guesses settle after a few rounds.
 */
export function projectL2(
  centre: Float32Array,
  point: Float64Array,
  radius: number,
  low: number,
  high: number,
  out: Float32Array,
): void {
  const cut = (i: number, s: number) => {
    const c = centre[i]!;
    return clamp(s * (point[i]! - c), room(low, c), -room(-high, -c));
  };
  let whole = 0;
  for (let i = 0; i < out.length; i++) whole += cut(i, 1) ** 2;
  let scale = 1;
  if (Math.sqrt(whole) > radius) {
    // A hair inside, so that the squares' own rounding cannot put the result outside.
    const target = (radius * (1 - 1e-12)) ** 2;
    scale = 0;
    for (;;) {
      let clipped = 0;
      let free = 0;
      for (let i = 0; i < out.length; i++) {
        const d = point[i]! - centre[i]!;
        const delta = cut(i, scale);
        if (delta === scale * d) free += d * d;
        else clipped += delta * delta;
      }
      const next = free > 0 ? Math.sqrt(Math.max(0, target - clipped) / free) : scale;
      if (!(next > scale * (1 + 1e-14))) break;
      scale = Math.min(1, next);
    }
  }
  for (let i = 0; i < out.length; i++) out[i] = inward(centre[i]!, cut(i, scale));
}

/** Soft thresholding, clipped: the threshold λ at which the clipped lengths sum to the radius is found by bisection. */
export function projectL1(
  centre: Float32Array,
  point: Float64Array,
  radius: number,
  low: number,
  high: number,
  out: Float32Array,
): void {
  const cut = (i: number, threshold: number) => {
    const c = centre[i]!;
    const d = point[i]! - c;
    const soft = Math.sign(d) * Math.max(0, Math.abs(d) - threshold);
    return clamp(soft, room(low, c), -room(-high, -c));
  };
  const length = (threshold: number) => {
    let sum = 0;
    for (let i = 0; i < out.length; i++) sum += Math.abs(cut(i, threshold));
    return sum;
  };
  let threshold = 0;
  if (length(0) > radius) {
    let below = 0;
    threshold = 0;
    for (let i = 0; i < out.length; i++) threshold = Math.max(threshold, Math.abs(point[i]! - centre[i]!));
    // 60 halvings exhaust float64; `threshold` stays on the side where the length fits.
    for (let round = 0; round < 60; round++) {
      const middle = (below + threshold) / 2;
      if (length(middle) > radius) below = middle;
      else threshold = middle;
    }
  }
  for (let i = 0; i < out.length; i++) out[i] = inward(centre[i]!, cut(i, threshold));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** How far below `c` the bound lies, as a non-positive number; 0 if `c` is already at or past it. */
function room(low: number, c: number): number {
  return Math.min(0, low - c);
}

const asFloat = new Float32Array(1);
const asBits = new Int32Array(asFloat.buffer);

/** centre + delta in float32, rounded so that the distance from the centre is at most |delta|. */
function inward(centre: number, delta: number): number {
  // `+ 0` turns -0 into 0.
  const rounded = Math.fround(centre + delta) + 0;
  const moved = rounded - centre;
  if (delta < 0 ? moved >= delta : moved <= delta) return rounded;
  return towards(centre, rounded);
}

function towards(centre: number, rounded: number): number {
  const down = rounded > centre;
  // The neighbour on the centre's side. The centre is a float32 between the two, so this never steps past it.
  if (rounded > leastScaled || rounded < -leastScaled) {
    return Math.fround(rounded * (rounded > 0 === down ? lessByHalfAUnit : moreByHalfAUnit));
  }
  asFloat[0] = rounded;
  if (rounded === 0) {
    asBits[0] = down ? -0x7fffffff : 1;
  } else {
    asBits[0]! += rounded > 0 === down ? -1 : 1;
  }
  return asFloat[0];
}

/** Above it, and below the largest floats, the next float32 is the product with 1 ± half a unit in the last place, rounded. */
const leastScaled = 2 ** -120;
const lessByHalfAUnit = 1 - 2 ** -24;
// A hair more than half a unit: at powers of two half a unit is a tie, which would stay.
const moreByHalfAUnit = 1 + 2 ** -24 * (1 + 2 ** -20);
