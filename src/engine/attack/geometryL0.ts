import { RobustnessError } from '../error';
import type { Geometry } from './geometry';

/**
 * What an l0 ball counts: positions of an example. A position is one value, or the channels of one pixel: of an image
 * [C, H, W], position p holds the values p, p + H·W, p + 2·H·W ...
 */
export interface Positions {
  /** Values in one position. */
  readonly channels: number;
  /** Positions that may change. */
  readonly count: number;
}

/**
 * @param free numbers of an example that may change.
 * @throws `attack/channels` where they cannot be grouped.
 */
export function positionsOf(free: number, channels = 1): Positions {
  if (Number.isInteger(channels) && channels > 0 && free % channels === 0) return { channels, count: free / channels };
  throw new RobustnessError(
    'attack/channels',
    `${free} values cannot be counted in pixels of ${channels} channels.`,
    'Count single values: leave the channels out.',
  );
}

/**
 * The ball of the l0 "norm" within bounds: at most `radius` positions differ from the centre. It is not convex; its
 * projection is exact all the same.
 *
 * @param radius a whole number; positions at most.
 * @throws `attack/bounds` without bounds: one value that may be anything makes any radius above 0 meaningless.
 */
export function l0Ball(
  exampleSize: number,
  { channels, count }: Positions,
  radius: number,
  bounds: readonly [number, number] | null,
): Geometry {
  if (bounds === null) {
    throw new RobustnessError(
      'attack/bounds',
      'In data without bounds a single changed value may be anything, which an l0 threat model cannot mean.',
      'Give `bounds`: the smallest and the largest value that the data can take, in data units.',
    );
  }
  const [low, high] = bounds;
  const most = Math.floor(radius);
  const gains = new Float64Array(count);
  const order = Array.from({ length: count }, (_, p) => p);
  /** Positions by falling gain, the first of equal ones first. */
  const byGain = (a: number, b: number) => gains[b]! - gains[a]! || a - b;
  return {
    norm: 'l0',
    radius: most,
    randomStart(centre, random, out) {
      out.set(centre);
      for (let p = 0; p < count; p++) order[p] = p;
      shuffle(order, most, (below) => random.integer(below));
      for (let k = 0; k < most; k++) {
        for (let i = order[k]!; i < count * channels; i += count) out[i] = within(random.between(low, high), low, high);
      }
    },
    steepestAscent(gradient, point, out) {
      let best = -1;
      let highest = 0;
      for (let p = 0; p < count; p++) {
        let gain = 0;
        for (let i = p; i < count * channels; i += count) gain += gradient[i]! * fullMove(gradient[i]!, point[i]!);
        if (gain > highest) {
          highest = gain;
          best = p;
        }
      }
      out.fill(0);
      if (best < 0) return;
      for (let i = best; i < count * channels; i += count) out[i] = fullMove(gradient[i]!, point[i]!);
    },
    project(centre, point, out) {
      // A position is worth moving by what that takes off the squared distance to the point.
      let moved = 0;
      for (let p = 0; p < count; p++) {
        let gain = 0;
        for (let i = p; i < count * channels; i += count) {
          const stay = point[i]! - centre[i]!;
          const left = point[i]! - clipped(i, centre, point);
          gain += stay * stay - left * left;
        }
        gains[p] = Math.max(gain, 0);
        if (gain > 0) moved++;
      }
      out.set(centre);
      if (moved > most) {
        for (let p = 0; p < count; p++) order[p] = p;
        order.sort(byGain);
      }
      for (let k = 0; k < (moved > most ? most : count); k++) {
        const p = moved > most ? order[k]! : k;
        if (gains[p] === 0) continue;
        for (let i = p; i < count * channels; i += count) out[i] = clipped(i, centre, point);
      }
    },
    distance(a, b) {
      let changed = 0;
      for (let p = 0; p < count; p++) {
        for (let i = p; i < count * channels; i += count) {
          if (a[i] !== b[i]) {
            changed++;
            break;
          }
        }
      }
      for (let i = count * channels; i < exampleSize; i++) if (a[i] !== b[i]) return Number.POSITIVE_INFINITY;
      return changed;
    },
  };

  /** The point's value, in float32 within the bounds; a centre outside them, by rounding, may stay. */
  function clipped(i: number, centre: Float32Array, point: Float64Array): number {
    const value = within(point[i]!, low, high);
    return Number.isNaN(value) ? centre[i]! : value;
  }

  /** The largest move that the bounds leave in the direction of a slope. */
  function fullMove(slope: number, at: number): number {
    if (slope > 0) return at < high ? high - at : 0;
    return slope < 0 && at > low ? low - at : 0;
  }
}

/** The closest float32 within [low, high], which need not be float32s themselves. */
export function within(value: number, low: number, high: number): number {
  const rounded = Math.fround(Math.min(Math.max(value, low), high));
  return rounded < low ? nextFloat(rounded, 1) : rounded > high ? nextFloat(rounded, -1) : rounded + 0;
}

const asFloat = new Float32Array(1);
const asBits = new Int32Array(asFloat.buffer);

/** The neighbour of a float32 above or below it. */
export function nextFloat(value: number, direction: 1 | -1): number {
  asFloat[0] = value;
  if (value === 0) asBits[0] = direction > 0 ? 1 : -0x7fffffff;
  else asBits[0]! += value > 0 === direction > 0 ? 1 : -1;
  return asFloat[0];
}

/** Brings a random choice of `k` elements to the front, in random order. */
export function shuffle(list: number[] | Int32Array, k: number, integer: (below: number) => number): void {
  for (let i = 0; i < k; i++) {
    const j = i + integer(list.length - i);
    const taken = list[j]!;
    list[j] = list[i]!;
    list[i] = taken;
  }
}
