import { RobustnessError } from '../error';
import type { Random } from '../random';

/** The float32 points of a box. */
export interface FloatBox {
  /** [inputs] */
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** Inputs that have more than one value. */
  readonly free: Int32Array;
  /** Inputs whose interval holds no float32 number, such as 0.1 ≤ x ≤ 0.1: the nearest one stands for it. */
  readonly rounded: Int32Array;
}

/** @throws `certify/range` where an interval lies beyond what float32 holds. */
export function floatBox(low: Float64Array, high: Float64Array): FloatBox {
  const size = low.length;
  const [from, to] = [new Float32Array(size), new Float32Array(size)];
  const free: number[] = [];
  const rounded: number[] = [];
  for (let i = 0; i < size; i++) {
    const [lowest, highest] = [roundUp(low[i]!), roundDown(high[i]!)];
    if (lowest <= highest) {
      from[i] = lowest;
      to[i] = highest;
      if (lowest < highest) free.push(i);
    } else {
      const nearest = Math.fround(low[i]! + (high[i]! - low[i]!) / 2);
      from[i] = nearest;
      to[i] = nearest;
      rounded.push(i);
    }
    if (Number.isFinite(from[i]) && Number.isFinite(to[i])) continue;
    throw new RobustnessError(
      'certify/range',
      `The bounds of X_${i} (${low[i]} to ${high[i]}) lie beyond the numbers that the network computes with.`,
      'Bound each input by numbers below 3.4e38.',
    );
  }
  return { low: from, high: to, free: Int32Array.from(free), rounded: Int32Array.from(rounded) };
}

function roundUp(value: number): number {
  const near = Math.fround(value);
  return near < value ? neighbour(near, 1) : near;
}

function roundDown(value: number): number {
  const near = Math.fround(value);
  return near > value ? neighbour(near, -1) : near;
}

/** The next float32 above (1) or below (-1). */
function neighbour(value: number, direction: 1 | -1): number {
  if (value === 0) return direction * 2 ** -149;
  const bits = new Int32Array(new Float32Array([value]).buffer);
  bits[0]! += value > 0 === direction > 0 ? 1 : -1;
  return new Float32Array(bits.buffer)[0]!;
}

/** Where a walk through a box begins. */
export type Start = 'centre' | 'uniform' | 'corner' | 'edge';

/**
 * Writes a point of the box: its centre, one drawn evenly, a corner, or one with about half of its inputs at a bound.
 *
 * @param out [inputs]
 */
export function place({ low, high, free }: FloatBox, start: Start, random: Random, out: Float32Array): void {
  out.set(low);
  const draws = new Float64Array(start === 'centre' ? 0 : free.length);
  random.fillBetween(0, 1, draws);
  for (let k = 0; k < free.length; k++) {
    const j = free[k]!;
    const drawn = start === 'centre' ? 0.5 : draws[k]!;
    let share = drawn;
    if (start === 'corner') share = drawn < 0.5 ? 0 : 1;
    else if (start === 'edge') share = drawn < 0.25 ? 0 : drawn > 0.75 ? 1 : 2 * drawn - 0.5;
    out[j] = between(low[j]!, high[j]!, share);
  }
}

/** Rounds to a float32 that is inside: bounds are float32 numbers, and rounding keeps order. */
function between(low: number, high: number, share: number): number {
  return Math.min(Math.max(low + share * (high - low), low), high);
}
