import type { DataKind, RecordLayout } from './types';

/** One example as a file stores it, [C, H, W] if an image; `values` is only valid until the next one is asked for. */
export interface StoredExample {
  readonly values: Uint8Array | Float32Array;
  /** 0 where the answer is a target. */
  readonly label: number;
  /** Numbers to be predicted, where the source has targets. */
  readonly target?: Float32Array;
}

/** The dimensions of one example in its file; channels last, where they are not first as in memory. */
export interface StoredLayout {
  readonly shape: readonly number[];
  readonly channelsLast: boolean;
}

/** What a format's reader gives: examples as stored, in order. `assemble` makes a `Dataset` of it. */
export interface ExampleSource {
  /** Absolute path of the file or folder that the user named. */
  readonly path: string;
  /** All files that are read, in the order in which they are hashed. */
  readonly files: readonly string[];
  /** Examples in the files. */
  readonly available: number;
  readonly kind: DataKind;
  /** Of one example: [C, H, W] for images. */
  readonly shape: readonly number[];
  /** `uint8`: 8-bit grey levels or colours; `number`: anything else. */
  readonly depth: 'uint8' | 'number';
  readonly classes: readonly string[] | null;
  readonly features: readonly string[] | null;
  readonly inferred: readonly string[];
  /** Of the values as stored, where the format says so. */
  readonly range?: readonly [number, number];
  /** Of time series: frames a second, where it is known. */
  readonly sampleRate?: number;
  /** Numbers in a target; absent where examples have class labels. */
  readonly targets?: number;
  /** How the file has one example, where that is another layout than `shape`. */
  readonly stored?: StoredLayout;
  /** Where one example holds several inputs of the model. */
  readonly record?: RecordLayout;
  /** True when reading an example is dear (images to decode) and its label was checked when the source was opened. */
  readonly lazy?: boolean;
  /** True when the reader has resized by itself, as images of different sizes need. */
  readonly resized?: boolean;
  /** True when an example is read as fast from its file as from a copy: nothing to inflate, to parse or to decode. */
  readonly seekable?: boolean;
  /** The examples `start` to `end` (exclusive). */
  examples(start: number, end: number, signal?: AbortSignal): AsyncIterable<StoredExample>;
}
