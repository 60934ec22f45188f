import type { Random } from '../random';

/** A common corruption: data space in, data space out, clipped to the bounds. */
export interface Corruption {
  /** ImageNet-C's name: `gaussian_noise`. */
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly kinds: readonly ('image' | 'vector')[];
  /** Does nothing to an image without three channels. */
  readonly colour?: true;
  /** The parameter in words, for the report: `σ = 0.08`. */
  describe(severity: number, shape: readonly number[]): string;
  /** x is one example of `shape` ([C, H, W] for images); severity 1..5; returns a new array. */
  apply(
    x: Float32Array,
    shape: readonly number[],
    severity: number,
    bounds: readonly [number, number],
    random: Random,
  ): Float32Array;
}
