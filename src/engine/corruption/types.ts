import type { DataKind } from '../data/types';
import type { Random } from '../random';
import type { Columns } from './tabular/columns';

/** What stands in the place of values that are missing: nothing (NaN), or what is usual. */
export type Fill = 'nan' | 'mean' | 'median';

/** A common corruption: data space in, data space out, clipped to the bounds. */
export interface Corruption {
  /** ImageNet-C's name: `gaussian_noise`. */
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly kinds: readonly DataKind[];
  /** Does nothing to an image without three channels. */
  readonly colour?: true;
  /** Of tables, where values depend on what the column has: numeric columns that it takes at least. */
  readonly columns?: number;
  /** Of time series: channels that it takes at least. */
  readonly channels?: number;
  /** Needs no known range of the data. */
  readonly unbounded?: true;
  /** Of values that are missing: the same, filled otherwise. */
  readonly filled?: (fill: Fill) => Corruption;
  /** The parameter in words, for the report: `σ = 0.08`. */
  describe(severity: number, shape: readonly number[]): string;
  /** x is one example of `shape` ([C, H, W] for images); severity 1..5; returns a new array. */
  apply(
    x: Float32Array,
    shape: readonly number[],
    severity: number,
    bounds: readonly [number, number],
    random: Random,
    columns?: Columns,
  ): Float32Array;
}
