import type { Subject } from '../evaluate/prepare';

/** Turns examples of data space into rows as the data set's file has them, and back. */
export interface StoredForm {
  /** Of one row in the file. */
  readonly shape: readonly number[];
  /** [n, ...example] in data space to [n, ...row] in the units and the layout of the file. */
  toFile(x: Float32Array): Float32Array;
  /** What reading such rows gives: it may differ from what was written in the last digit, where the unit is no power of two. */
  fromFile(rows: Float32Array): Float32Array;
}

export function storedForm({ dataset, scale }: Pick<Subject, 'dataset' | 'scale'>): StoredForm {
  const { unit, stored, shape } = dataset;
  const last = stored?.channelsLast === true;
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const channels = shape[0] ?? 1;
  const area = size / channels;
  // [C, area] in memory is [area, C] in the file, where it has the channels last.
  const place = (i: number) => {
    const within = i % size;
    return last ? i - within + (within % area) * channels + Math.floor(within / area) : i;
  };
  return {
    shape: stored?.shape ?? shape,
    toFile(x) {
      const rows = new Float32Array(x.length);
      for (let i = 0; i < x.length; i++) rows[place(i)] = x[i]! * unit * (scale?.[i % size] ?? 1);
      return rows;
    },
    fromFile(rows) {
      const x = new Float32Array(rows.length);
      // In the order of the readers, each of which rounds: by the unit, then by the scale of the column.
      for (let i = 0; i < x.length; i++) x[i] = Math.fround(rows[place(i)]! / unit) / (scale?.[i % size] ?? 1);
      return x;
    },
  };
}
