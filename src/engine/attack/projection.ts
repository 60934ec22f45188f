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

/**
 * Writes the least and the largest float32 of each coordinate that {@link projectLinf} can give: what {@link writeInward} gives,
 * with two short cuts. A centre of 0, as backgrounds are, has the same limits everywhere; and about a centre above the radius
 * all numbers are positive, so that bits alone tell the neighbour.
 */
export function linfLimits(
  centre: Float32Array,
  radius: number,
  low: number,
  high: number,
  least: Float32Array,
  most: Float32Array,
): void {
  const leastBits = bitsOf(least);
  const mostBits = bitsOf(most);
  const ofZero = new Float32Array(2);
  writeInward(0, Math.max(Math.min(low, 0), -radius), ofZero, bitsOf(ofZero), 0);
  writeInward(0, Math.min(Math.max(high, 0), radius), ofZero, bitsOf(ofZero), 1);
  const [leastOfZero, mostOfZero] = [ofZero[0]!, ofZero[1]!];
  for (let i = 0; i < centre.length; i++) {
    const c = centre[i]!;
    if (c === 0) {
      least[i] = leastOfZero;
      most[i] = mostOfZero;
    } else if (c > radius && c - low >= radius && high - c >= radius) {
      const bottom = Math.fround(c - radius);
      const top = Math.fround(c + radius);
      least[i] = bottom;
      most[i] = top;
      leastBits[i] = leastBits[i]! + Number(c - bottom > radius);
      mostBits[i] = mostBits[i]! - Number(top - c > radius);
    } else {
      writeInward(c, Math.max(Math.min(low - c, 0), -radius), least, leastBits, i);
      writeInward(c, Math.min(Math.max(high - c, 0), radius), most, mostBits, i);
    }
  }
}

/**
 * Writes centre + scale · direction, rounded to float32 and cut to limits that are float32 themselves. Where examples lie on
 * the bounds of their data, as backgrounds do, which of the three it is is a toss again: it is looked up, not branched to.
 */
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
    const bottom = least[i]!;
    const top = most[i]!;
    choice[0] = target;
    choice[1] = bottom;
    choice[2] = top;
    out[i] = choice[Number(target < bottom) + 2 * Number(target > top)]!;
  }
}

/** Within its limits, below, above; a fourth for what would be both. */
const choice = new Float64Array(4);

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

/**
 * Soft thresholding, clipped: |z − centre| = min(max(|d| − λ, 0), room). The length is piecewise linear in the threshold λ;
 * breakpoints as pivots halve the bracket about its root, and what the bracket settles leaves the search.
 */
export function projectL1(
  centre: Float32Array,
  point: Float64Array,
  radius: number,
  low: number,
  high: number,
  out: Float32Array,
): void {
  const n = out.length;
  if (lengths.length < n) {
    lengths = new Float64Array(n);
    rooms = new Float64Array(n);
    open = new Int32Array(n);
  }
  let whole = 0;
  let longest = 0;
  for (let i = 0; i < n; i++) {
    const c = centre[i]!;
    const d = point[i]! - c;
    const a = Math.abs(d) || 0;
    const r = d < 0 ? c - low : high - c;
    lengths[i] = a;
    rooms[i] = Math.max(r, 0);
    whole += Math.min(a, rooms[i]!);
    if (a > longest) longest = a;
  }
  const threshold = whole > radius ? thresholdL1(n, radius, longest) : 0;
  const bits = bitsOf(out);
  for (let i = 0; i < n; i++) {
    const c = centre[i]!;
    const soft = lengths[i]! - threshold;
    const size = soft <= 0 ? 0 : Math.min(soft, rooms[i]!);
    writeInward(c, point[i]! < c ? -size : size, out, bits, i);
  }
}

/** Of the projection at work, by coordinate: its way to the point, how far it may go, and those that the search still has. */
let lengths = new Float64Array(0);
let rooms = new Float64Array(0);
let open = new Int32Array(0);

/** The least threshold at which the clipped lengths sum to the radius at most; at 0 they sum to more. */
function thresholdL1(n: number, radius: number, longest: number): number {
  // A hair inside, so that the sum's own rounding cannot put the result outside.
  const target = radius * (1 - 1e-12);
  let below = 0;
  let above = longest;
  let left = n;
  for (let i = 0; i < n; i++) open[i] = i;
  // Of those that have left: the sum of the full ones, and of the lengths of the free ones.
  let full = 0;
  let freeLengths = 0;
  let free = 0;
  for (let round = 0; left > 0; round++) {
    const pivot = open[left >> 1]!;
    let middle = lengths[pivot]!;
    if (!(middle > below && middle < above)) middle -= rooms[pivot]!;
    // Every other round halves the bracket, whatever the order of the coordinates.
    if (!(middle > below && middle < above) || round % 2 === 1) middle = (below + above) / 2;
    if (!(middle > below && middle < above)) break;
    let sum = full + freeLengths - free * middle;
    for (let k = 0; k < left; k++) {
      const soft = lengths[open[k]!]! - middle;
      if (soft > 0) sum += Math.min(soft, rooms[open[k]!]!);
    }
    if (sum > target) below = middle;
    else above = middle;
    let kept = 0;
    for (let k = 0; k < left; k++) {
      const i = open[k]!;
      const a = lengths[i]!;
      const r = rooms[i]!;
      if (a <= below) continue;
      if (a - above >= r) full += r;
      else if (a >= above && a - below <= r) {
        freeLengths += a;
        free++;
      } else open[kept++] = i;
    }
    left = kept;
  }
  // Linear from here on, but where float64 has no number within the bracket.
  const root = left === 0 && free > 0 ? (full + freeLengths - target) / free : above;
  return Math.min(Math.max(root, below), above);
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
  // Next to 0 the neighbour can have the other sign, or be -0.
  if ((past & Number(Math.abs(rounded) <= smallestFloat)) === 1) {
    out[i] = rounded + Math.sign(centre - rounded) * smallestFloat;
    return;
  }
  // Floats of one sign grow with their bits, negative ones in magnitude.
  const less = Number(rounded > centre) ^ Number(rounded < 0);
  bits[i]! += past - 2 * (past & less);
}

const smallestFloat = 2 ** -149;
