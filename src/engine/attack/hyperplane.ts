import type { Norm } from './types';

/** Norms in which the projection is written. */
export type PlaneNorm = Exclude<Norm, 'l0'>;

/** Room within which each coordinate may lie; infinite where the data have no bounds. */
export interface Box {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/**
 * Moves a point by the least amount, in a norm, that changes the linear function w·x by a given amount without leaving a box:
 * the projection onto {x : w·x = b} ∩ box that FAB (Croce & Hein 2020, §2.2, eq. 4) takes, exact in float64. Where the box
 * ends before the hyperplane, every coordinate with a weight goes to its end.
 *
 * All coordinates share one number λ: a coordinate moves by min(λ, room) for linf, min(λ·|w|, room) for l2. What w·x gains is
 * concave and piecewise linear in λ, so Newton's method from 0 never oversteps, and stops at the solution (Cominetti,
 * Mascarenhas & Silva 2014). For l1 the coordinates with the largest weights use up their room, the last one in part.
 */
export class HyperplaneProjection {
  private readonly rate: Float64Array;
  private readonly end: Float64Array;
  private readonly gain: Float64Array;

  /** @param size numbers in a point. */
  constructor(
    readonly norm: PlaneNorm,
    private readonly size: number,
  ) {
    this.rate = new Float64Array(size);
    this.end = new Float64Array(size);
    this.gain = new Float64Array(size);
  }

  /**
   * Writes the step from `point` into `out`, and returns its length in the norm.
   *
   * @param weight what is not finite counts as 0.
   * @param change by which w·x is to change.
   */
  step(point: ArrayLike<number>, weight: ArrayLike<number>, change: number, { low, high }: Box, out: Float64Array) {
    const { size, norm, rate, end, gain } = this;
    out.fill(0);
    if (change === 0 || Number.isNaN(change)) return 0;
    const wanted = change < 0 ? -change : change;
    let movable = 0;
    let most = 0;
    for (let i = 0; i < size; i++) {
      const w = weight[i]!;
      const v = w < 0 ? -w : w;
      if (!(v > 0 && v < Number.POSITIVE_INFINITY)) continue;
      const room = w > 0 === change > 0 ? high[i]! - point[i]! : point[i]! - low[i]!;
      if (!(room > 0)) continue;
      // Which coordinate it is, is not needed: the level alone decides.
      rate[movable] = norm === 'l2' ? v * v : v;
      end[movable] = norm === 'l2' ? room / v : room;
      gain[movable] = v * room;
      most += v * room;
      movable++;
    }
    if (movable === 0) return 0;
    if (norm === 'l1') return this.greedy(point, weight, change, { low, high }, most <= wanted ? null : movable, out);
    const level = most <= wanted ? Number.POSITIVE_INFINITY : levelOf(rate, end, gain, movable, wanted);
    let length = 0;
    for (let i = 0; i < size; i++) {
      const w = weight[i]!;
      const v = w < 0 ? -w : w;
      if (!(v > 0 && v < Number.POSITIVE_INFINITY)) continue;
      const up = w > 0 === change > 0;
      const room = up ? high[i]! - point[i]! : point[i]! - low[i]!;
      if (!(room > 0)) continue;
      const reach = norm === 'l2' ? level * v : level;
      const move = Math.min(reach, room);
      out[i] = up ? move : -move;
      if (norm === 'l2') length += move * move;
      else if (move > length) length = move;
    }
    return norm === 'l2' ? Math.sqrt(length) : length;
  }

  /** @param movable coordinates in the scratch arrays; null where all of them go to their ends. */
  private greedy(
    point: ArrayLike<number>,
    weight: ArrayLike<number>,
    change: number,
    { low, high }: Box,
    movable: number | null,
    out: Float64Array,
  ): number {
    let left = change < 0 ? -change : change;
    const pivot = movable === null ? 0 : pivotOf(this.rate, this.gain, movable, left);
    let length = 0;
    // Those above the pivot in full, then those at it as far as is needed.
    for (const above of [true, false]) {
      for (let i = 0; i < this.size && left > 0; i++) {
        const w = weight[i]!;
        const v = w < 0 ? -w : w;
        if (!(v > 0 && v < Number.POSITIVE_INFINITY) || (above ? v <= pivot : v !== pivot)) continue;
        const up = w > 0 === change > 0;
        const room = up ? high[i]! - point[i]! : point[i]! - low[i]!;
        if (!(room > 0)) continue;
        const move = above || v * room <= left ? room : left / v;
        left -= v * move;
        out[i] = up ? move : -move;
        length += move;
      }
    }
    return length;
  }
}

/** λ with Σ min(λ·rate, gain) = wanted, where gain = rate·end is reached at λ = end. The arrays are used up. */
function levelOf(rate: Float64Array, end: Float64Array, gain: Float64Array, n: number, wanted: number): number {
  let level = 0;
  let full = 0;
  let left = n;
  for (;;) {
    let slope = 0;
    let kept = 0;
    for (let i = 0; i < left; i++) {
      // λ only grows: what has come to its end stays there.
      if (end[i]! <= level) {
        full += gain[i]!;
        continue;
      }
      slope += rate[i]!;
      rate[kept] = rate[i]!;
      end[kept] = end[i]!;
      gain[kept] = gain[i]!;
      kept++;
    }
    if (kept === 0) return level;
    const next = (wanted - full) / slope;
    if (!(next > level) || (kept === left && level > 0)) return Math.max(level, next);
    left = kept;
    level = next;
  }
}

/**
 * The largest weight for which the gains of those above it do not exceed what is wanted while with those at it they do: by
 * partition, as in quickselect. The arrays are reordered.
 */
function pivotOf(weight: Float64Array, gain: Float64Array, n: number, wanted: number): number {
  let from = 0;
  let to = n;
  let left = wanted;
  for (;;) {
    const pivot = middleOf(weight[from]!, weight[(from + to) >> 1]!, weight[to - 1]!);
    let larger = from;
    let at = from;
    let smaller = to;
    let above = 0;
    let equal = 0;
    while (at < smaller) {
      const w = weight[at]!;
      if (w > pivot) {
        above += gain[at]!;
        swap(weight, gain, at++, larger++);
      } else if (w < pivot) swap(weight, gain, at, --smaller);
      else {
        equal += gain[at]!;
        at++;
      }
    }
    if (above > left && larger > from) to = larger;
    else if (above + equal >= left || smaller === to) return pivot;
    else {
      left -= above + equal;
      from = smaller;
    }
  }
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function swap(weight: Float64Array, gain: Float64Array, i: number, j: number): void {
  const w = weight[i]!;
  weight[i] = weight[j]!;
  weight[j] = w;
  const g = gain[i]!;
  gain[i] = gain[j]!;
  gain[j] = g;
}
