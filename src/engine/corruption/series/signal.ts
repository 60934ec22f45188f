import type { Random } from '../../random';
import type { Corruption } from '../types';

/** One example of a time series: `values` is [channels, frames]. */
export interface Signal {
  readonly values: Float32Array;
  readonly channels: number;
  readonly frames: number;
}

interface Definition extends Pick<Corruption, 'name' | 'title' | 'source' | 'filled'> {
  /** Channels that it takes at least; 1 if absent. */
  readonly channels?: number;
  describe(severity: number): string;
  /** Changes a copy of one example in place; what leaves `bounds` is clipped afterwards. */
  change(signal: Signal, severity: number, random: Random, bounds: readonly [number, number]): void;
}

/** A disturbance of a time series as a corruption. It goes by what each example itself is like, so it needs no range. */
export function series({ change, ...definition }: Definition): Corruption {
  return {
    ...definition,
    kinds: ['series'],
    unbounded: true,
    apply(x, shape, severity, bounds, random) {
      const channels = shape.length > 1 ? shape[0]! : 1;
      const values = Float32Array.from(x);
      change({ values, channels, frames: values.length / channels }, severity, random, bounds);
      const [low, high] = bounds;
      for (let i = 0; i < values.length; i++) {
        if (values[i]! < low) values[i] = low;
        else if (values[i]! > high) values[i] = high;
      }
      return values;
    },
  };
}

/** Of the values `from` to `from + count`: their mean, and the mean square of what is beside it. */
export function moments(values: Float32Array, from: number, count: number): { mean: number; power: number } {
  let sum = 0;
  for (let i = from; i < from + count; i++) sum += values[i]!;
  const mean = sum / count;
  let squares = 0;
  for (let i = from; i < from + count; i++) squares += (values[i]! - mean) ** 2;
  return { mean, power: squares / count };
}

/** Of the values `from` to `from + count`: the farthest that one is from `mean`. */
export function peak(values: Float32Array, from: number, count: number, mean: number): number {
  let most = 0;
  for (let i = from; i < from + count; i++) most = Math.max(most, Math.abs(values[i]! - mean));
  return most;
}

/** The series at a time between two frames, by linear interpolation; `time` is clipped to the frames. */
export function between(values: Float32Array, from: number, frames: number, time: number): number {
  const at = Math.min(frames - 1, Math.max(0, time));
  const before = Math.min(frames - 2, Math.floor(at));
  if (before < 0) return values[from]!;
  const way = at - before;
  return (1 - way) * values[from + before]! + way * values[from + before + 1]!;
}
