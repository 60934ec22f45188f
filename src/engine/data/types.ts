/** How an example of a model with several inputs lies in one vector: the inputs that attacks change come first. */
export interface RecordLayout {
  readonly parts: readonly {
    /** The model's name for the input. */
    readonly input: string;
    /** Of one example. */
    readonly shape: readonly number[];
    readonly perturbed: boolean;
  }[];
  /** Numbers at the front that attacks may change. */
  readonly free: number;
  /** One example, for what a model is tried on before it is given data. */
  readonly example?: Float32Array;
}

/** How examples are meant: pictures, features of a table, signals over time, characters. */
export const dataKinds = ['image', 'vector', 'series', 'text'] as const;
export type DataKind = (typeof dataKinds)[number];

/**
 * Examples in **data space**: stored value / `unit`. ε, bounds, corruptions and attacks all live here; what the model
 * wants (mean, std, layout) is applied behind this line. Images are always [C, H, W], whatever the file's layout.
 */
export interface Dataset {
  readonly path: string;
  /** Hash over the bytes of all files read. */
  readonly sha256: string;
  /** These files, absolute, in the order of the hash; absent for data that are in none. */
  readonly files?: readonly string[];
  /** Examples available after `limit`. */
  readonly count: number;
  /** Examples in the files, before `limit`. */
  readonly available: number;
  readonly kind: DataKind;
  /** One example: [C, H, W] for images, [channels, frames] for series, [characters] for text, else as stored. */
  readonly shape: readonly number[];
  /** Where one example holds several inputs of the model. */
  readonly record?: RecordLayout;
  /** Bounds of a value in data space, e.g. [0, 1]; null when unbounded (tabular). */
  readonly range: readonly [number, number] | null;
  /** Names by class index, when the data knows them. */
  readonly classes: readonly string[] | null;
  /** Names of the features of a vector, when the data knows them. */
  readonly features: readonly string[] | null;
  /** Of time series: frames a second (Hz), where it is known. */
  readonly sampleRate?: number;
  /** Numbers in a target; absent where examples have class labels. */
  readonly targets?: number;
  /** What was inferred rather than stated, in words for the report. */
  readonly inferred: readonly string[];

  /** Streams examples in order; memory is bounded by `size` examples, not by `count`. */
  batches(size: number, options?: BatchOptions): AsyncIterable<Batch>;
  close(): Promise<void>;
}

export interface BatchOptions {
  /** First example (default 0). */
  readonly start?: number;
  /** One past the last example (default `count`). */
  readonly end?: number;
  readonly signal?: AbortSignal;
}

export interface Batch {
  /** Index in the data set of the first example. */
  readonly start: number;
  readonly count: number;
  /** [count, ...shape], data space. */
  readonly x: Float32Array;
  /** [count], class indices; zeros where there are targets. */
  readonly y: Int32Array;
  /** [count, targets]: numbers to be predicted. */
  readonly targets?: Float32Array;
}
