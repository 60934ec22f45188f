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
  const bits = bitsOf(out);
  for (let i = 0; i < out.length; i++) {
    const c = centre[i]!;
    const least = Math.max(Math.min(low - c, 0), -radius);
    const most = Math.min(Math.max(high - c, 0), radius);
    writeInward(c, Math.min(Math.max(point[i]! - c, least), most), out, bits, i);
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
  const [leastBits, mostBits] = [bitsOf(least), bitsOf(most)];
  for (let i = 0; i < centre.length; i++) {
    const c = centre[i]!;
    writeInward(c, Math.max(Math.min(low - c, 0), -radius), least, leastBits, i);
    writeInward(c, Math.min(Math.max(high - c, 0), radius), most, mostBits, i);
  }
}

/** Writes centre + scale · direction, rounded to float32 and cut to limits that are float32 themselves. */
export function placeWithin(
  centre: Float32Array,
  direction: Float64Array,
  scale: number,
  least: Float32Array,
  most: Float32Array,
  out: Float32Array,
): void {
  for (let i = 0; i < out.length; i++) {
    const target = Math.fround(centre[i]! + scale * direction[i]!) + 0;
    out[i] = Math.min(Math.max(target, least[i]!), most[i]!);
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
  const bits = bitsOf(out);
  for (let i = 0; i < out.length; i++) writeInward(centre[i]!, cut(i, scale), out, bits, i);
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
  const bits = bitsOf(out);
  for (let i = 0; i < out.length; i++) writeInward(centre[i]!, cut(i, threshold), out, bits, i);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** How far below `c` the bound lies, as a non-positive number; 0 if `c` is already at or past it. */
function room(low: number, c: number): number {
  return Math.min(0, low - c);
}

/** The same memory as integers: of a float's neighbours one is the next integer, the other the one before. */
function bitsOf(floats: Float32Array): Int32Array {
  return new Int32Array(floats.buffer, floats.byteOffset, floats.length);
}

/**
 * out[i] ← centre + delta in float32, rounded so that the distance from the centre is at most |delta|: where the nearest float
 * is past that, its neighbour on the centre's side. The centre is a float32 too, so this never steps past it.
 *
 * Conditions are numbers here: whether rounding went outward is a coin toss, and a processor that guesses wrong loses three
 * times what all the rest takes.
 *
 * @param bits of `out`.
 */
function writeInward(centre: number, delta: number, out: Float32Array, bits: Int32Array, i: number): void {
  // `+ 0` turns -0 into 0.
  const rounded = Math.fround(centre + delta) + 0;
  out[i] = rounded;
  const past = Number(Math.abs(rounded - centre) > Math.abs(delta));
  if ((past & Number(rounded === 0)) === 1) {
    out[i] = Math.sign(centre) * smallestFloat;
    return;
  }
  // Floats of one sign grow with their bits, negative ones in magnitude.
  const less = Number(rounded > centre) ^ Number(rounded < 0);
  bits[i]! += past - 2 * (past & less);
}

const smallestFloat = 2 ** -149;
