import type { Norm } from './types';

/** Norms in which the projection is written. */
export type PlaneNorm = Exclude<Norm, 'l0' | 'edits'>;

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
  /** Signed ways to the ends of the box; 0 for coordinates that do not move. */
  private readonly way: Float64Array;

  /** @param size numbers in a point. */
  constructor(
    readonly norm: PlaneNorm,
    private readonly size: number,
  ) {
    this.rate = new Float64Array(size);
    this.end = new Float64Array(size);
    this.gain = new Float64Array(size);
    this.way = new Float64Array(size);
  }

  /**
   * Writes the step from `point` into `out`, and returns its length in the norm.
   *
   * Signs of slopes are coin tosses, and whether a coordinate has room is one too where data lie on their bounds: conditions
   * are numbers and places in `either`, since a processor that guesses wrong loses several times what all the rest takes.
   *
   * @param weight what is not finite counts as 0.
   * @param change by which w·x is to change.
   */
  step(point: ArrayLike<number>, weight: ArrayLike<number>, change: number, { low, high }: Box, out: Float64Array) {
    const { size, norm, rate, end, gain, way } = this;
    if (change === 0 || Number.isNaN(change)) {
      out.fill(0);
      return 0;
    }
    const euclidean = norm === 'l2';
    const sense = change < 0 ? -1 : 1;
    const wanted = Math.abs(change);
    let movable = 0;
    let most = 0;
    let speed = 0;
    for (let i = 0; i < size; i++) {
      const w = weight[i]! * sense;
      let v = Math.abs(w);
      if (!(v < Number.POSITIVE_INFINITY)) v = 0;
      const up = Number(w > 0);
      either[0] = low[i]!;
      either[1] = high[i]!;
      let d = either[up]! - point[i]!;
      let room = d * (2 * up - 1);
      if (room > boundless) {
        room = boundless;
        d = boundless * (2 * up - 1);
      }
      const g = v * room;
      const moves = Number(g > 0);
      // `+ 0` turns -0 into 0.
      way[i] = d * moves + 0;
      // Which coordinate it is, is not needed: the level alone decides.
      const r = euclidean ? v * v : v;
      rate[movable] = r;
      speed += r * moves;
      end[movable] = euclidean ? room / v : room;
      gain[movable] = g;
      most += g * moves;
      movable += moves;
    }
    if (movable === 0) {
      out.fill(0);
      return 0;
    }
    if (norm === 'l1') {
      out.fill(0);
      return this.greedy(point, weight, change, { low, high }, most <= wanted ? null : movable, out);
    }
    const level = most <= wanted ? Number.POSITIVE_INFINITY : levelOf(rate, end, gain, movable, wanted, wanted / speed);
    let squares = 0;
    let longest = 0;
    for (let i = 0; i < size; i++) {
      const d = way[i]!;
      const room = Math.abs(d);
      const reach = euclidean ? level * Math.abs(weight[i]!) : level;
      either[0] = d;
      either[1] = reach * (1 - 2 * Number(d < 0));
      const move = either[Number(reach < room)]!;
      out[i] = move;
      squares += move * move;
      if (room > longest) longest = room;
    }
    return euclidean ? Math.sqrt(squares) : Math.min(level, longest);
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

/** Where two numbers lie of which one is read. */
const either = new Float64Array(2);

/** Room of a coordinate without an end: finite, so that 0 times it is 0. */
const boundless = 1e150;

/**
 * λ with Σ min(λ·rate, gain) = wanted, where gain = rate·end is reached at λ = end. The arrays are used up.
 *
 * @param first what λ would be if none came to its end.
 */
function levelOf(
  rate: Float64Array,
  end: Float64Array,
  gain: Float64Array,
  n: number,
  wanted: number,
  first: number,
): number {
  let level = first;
  let full = 0;
  let left = n;
  for (;;) {
    let slope = 0;
    let kept = 0;
    for (let i = 0; i < left; i++) {
      const r = rate[i]!;
      const e = end[i]!;
      const g = gain[i]!;
      // λ only grows: what has come to its end stays there.
      const open = Number(e > level);
      full += g * (1 - open);
      slope += r * open;
      rate[kept] = r;
      end[kept] = e;
      gain[kept] = g;
      kept += open;
    }
    if (kept === 0) return level;
    const next = (wanted - full) / slope;
    if (!(next > level) || kept === left) return Math.max(level, next);
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
