import type { Columns } from '../corruption/tabular/columns';
import type { DataKind } from '../data/types';
import type { Random } from '../random';
import type { PerturbationName } from '../spec/stability';

/** Writes frame `index` of a sequence into `out`. Frames are asked for once each, in rising order from the first of the window on. */
export type Frames = (index: number, out: Float32Array) => void;

/** One example, and what its sequence is made with. */
export interface Scene {
  /** One example of `shape`, data space. */
  readonly x: Float32Array;
  /** [C, H, W] for images, [channels, frames] for series. */
  readonly shape: readonly number[];
  /** Infinite for data without a range. */
  readonly bounds: readonly [number, number];
  readonly random: Random;
  /** Of a table. */
  readonly columns?: Columns | undefined;
}

/** A sequence of ever so slightly different versions of one example, all of the same class (Hendrycks & Dietterich 2019, §4.2). */
export interface Perturbation {
  /** ImageNet-P's name, where it has one: `gaussian_noise`. */
  readonly name: PerturbationName;
  readonly title: string;
  readonly source: string;
  readonly kinds: readonly DataKind[];
  /** What the prediction of a frame is held against: noise has no order, so that it is the first frame; else the frame before. */
  readonly compared: 'first' | 'previous';
  /** Of tables: numeric columns that it takes at least. */
  readonly columns?: number;
  /** Frames of a whole sequence. */
  frames(shape: readonly number[]): number;
  /** The frame nearest to the example as it is, about which a shorter sequence lies. */
  middle(shape: readonly number[]): number;
  /** What a frame differs in from the next, in words for the report: `1° a frame, −15° to 15°`. */
  describe(shape: readonly number[]): string;
  /** Bounded work before the first frame: frames are made one by one. Throws `data/range`, `data/shape`, `data/columns`. */
  open(scene: Scene): Frames;
}

/** Frames `first`, `first + 1` … of `count`. */
export interface Window {
  readonly first: number;
  readonly count: number;
}

/** At most `most` frames about the example as it is, with the steps of the whole sequence: fewer frames, not larger steps. */
export function windowOf(perturbation: Perturbation, shape: readonly number[], most: number | null): Window {
  const all = perturbation.frames(shape);
  const count = Math.min(all, most ?? all);
  const first = perturbation.middle(shape) - Math.floor((count - 1) / 2);
  return { first: Math.min(all - count, Math.max(0, first)), count };
}
