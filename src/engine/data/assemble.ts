import { RobustnessError } from '../error';
import { hashFiles } from './hash';
import { toGrey } from './image';
import { kept } from './kept';
import { resizeImage } from './resize';
import type { ExampleSource, StoredLayout } from './source';
import type { Batch, Dataset } from './types';

export interface AssembleOptions {
  /** Of the values as stored. */
  readonly range?: readonly [number, number] | undefined;
  readonly unit?: number | undefined;
  readonly resize?: readonly [number, number] | undefined;
  readonly channels?: 'rgb' | 'bgr' | 'gray' | undefined;
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A data set that also knows how its values are stored. */
export interface OpenDataset extends Dataset {
  /** Stored values are divided by this. */
  readonly unit: number;
  readonly storedRange: readonly [number, number] | null;
  /** How the file has an example, where it is known and nothing was resized or turned to grey. */
  readonly stored?: StoredLayout;
}

interface Scale {
  readonly unit: number;
  readonly range: readonly [number, number] | null;
  readonly inferred: readonly string[];
}

/**
 * Makes a data set of what a format's reader gives: greys, resizes, checks every value and label once, settles range and
 * unit, and hashes the files.
 * @throws RobustnessError `data/…`
 */
export async function assemble(stored: ExampleSource, options: AssembleOptions): Promise<OpenDataset> {
  if (stored.available === 0) {
    throw new RobustnessError('data/empty', `${stored.path} has no examples.`, 'Give a data set with examples.');
  }
  const count = Math.min(stored.available, options.limit ?? stored.available);
  const source = kept(transformed(stored, options), count);
  const scale = settleScale(source, source.lazy === true ? null : await survey(source, count, options), options);
  const sha256 = await hashFiles(source.files, options.signal);
  const { unit } = scale;
  // Inputs that are passed through keep their numbers.
  const scaled = source.record?.free ?? Number.POSITIVE_INFINITY;
  const elements = source.shape.reduce((product, dimension) => product * dimension, 1);
  return {
    path: source.path,
    sha256,
    files: source.files,
    count,
    available: source.available,
    kind: source.kind,
    shape: source.shape,
    range: scale.range === null ? null : [scale.range[0] / unit, scale.range[1] / unit],
    storedRange: scale.range,
    ...(source.stored === undefined ? {} : { stored: source.stored }),
    unit,
    classes: source.classes,
    features: source.features,
    ...(source.record ? { record: source.record } : {}),
    ...(source.sampleRate === undefined ? {} : { sampleRate: source.sampleRate }),
    ...(source.targets === undefined ? {} : { targets: source.targets }),
    inferred: [...source.inferred, ...scale.inferred],
    async *batches(size, { start = 0, end = count, signal } = {}): AsyncGenerator<Batch> {
      const last = Math.min(end, count);
      if (!(size >= 1) || start < 0) throw new RangeError(`batches(${size}, ${start})`);
      let first = start;
      let filled = 0;
      let x = new Float32Array(0);
      let y = new Int32Array(0);
      const width = source.targets ?? 0;
      let targets = new Float32Array(0);
      for await (const { values, label, target } of source.examples(start, last, signal)) {
        signal?.throwIfAborted();
        if (filled === 0) {
          const length = Math.min(size, last - first);
          x = new Float32Array(length * elements);
          y = new Int32Array(length);
          targets = new Float32Array(length * width);
        }
        if (target) targets.set(target, filled * width);
        const offset = filled * elements;
        for (let i = 0; i < elements; i++) x[offset + i] = i < scaled ? values[i]! / unit : values[i]!;
        y[filled++] = label;
        if (filled < y.length) continue;
        yield { start: first, count: filled, x, y, ...(source.targets === undefined ? {} : { targets }) };
        first += filled;
        filled = 0;
      }
    },
    async close() {
      source.drop();
    },
  };
}

/** Grey first, then the size, as `Image.convert("L").resize(...)` does. */
function transformed(source: ExampleSource, { resize, channels }: AssembleOptions): ExampleSource {
  if (source.kind !== 'image') {
    if (resize === undefined) return source;
    throw new RobustnessError(
      'data/layout',
      `The spec says to resize, but ${source.path} holds no images but examples of shape [${source.shape.join(', ')}].`,
      'Remove `preprocess.resize`, or state the `layout` of the images.',
    );
  }
  const grey = channels === 'gray' && source.shape[0] === 3;
  const [depth = 1, height = 1, width = 1] = source.shape;
  const size = resize !== undefined && source.resized !== true ? resize : undefined;
  const changes = size !== undefined && (size[0] !== height || size[1] !== width);
  if (!grey && !changes) return source;
  const greyShape = [grey ? 1 : depth, height, width];
  const inferred = grey ? [...source.inferred, 'colours were turned to grey by ITU-R 601 luma'] : source.inferred;
  const { stored: _, seekable: __, ...changed } = source;
  return {
    ...changed,
    inferred,
    shape: [greyShape[0]!, ...(size ?? [height, width])],
    async *examples(start, end, signal) {
      for await (const { values, ...answer } of source.examples(start, end, signal)) {
        const plain = grey ? toGrey(values) : values;
        yield { values: changes ? resizeImage(plain, greyShape, size) : plain, ...answer };
      }
    },
  };
}

interface Observed {
  readonly min: number;
  readonly max: number;
}

/** One pass over all used examples: finds bad labels, truncation and values that are no numbers before a run begins. */
async function survey(source: ExampleSource, count: number, { signal }: AssembleOptions): Promise<Observed> {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let index = 0;
  const measured = source.record?.free ?? Number.POSITIVE_INFINITY;
  for await (const { values } of source.examples(0, count, signal)) {
    if (!(values instanceof Uint8Array)) {
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        if (!Number.isFinite(value)) throw notFinite(source.path, index, value);
        if (i >= measured) continue;
        if (value < min) min = value;
        if (value > max) max = value;
      }
    }
    index++;
  }
  return { min, max };
}

function settleScale(source: ExampleSource, observed: Observed | null, { range, unit }: AssembleOptions): Scale {
  if (range !== undefined && observed !== null && (observed.min < range[0] || observed.max > range[1])) {
    throw new RobustnessError(
      'data/outside-range',
      `Values in ${source.path} run from ${observed.min} to ${observed.max}, outside of the stated range [${range.join(', ')}].`,
      'Correct `data.range`: it is the range of the values as stored, before division by `unit`.',
    );
  }
  if (source.kind === 'series' && range === undefined && source.range !== undefined) {
    return { unit: unit ?? 1, range: source.range, inferred: ['values of PCM are from -1 to 1'] };
  }
  if (source.kind !== 'image' && source.record === undefined)
    return { unit: unit ?? 1, range: range ?? null, inferred: [] };
  const inferred: string[] = [];
  let settled = range ?? null;
  if (range === undefined) {
    settled = source.depth === 'uint8' ? [0, 255] : observed === null ? null : commonRange(observed);
    const words = settled === null ? 'no bounds were assumed' : `the range was taken to be [${settled.join(', ')}]`;
    const why =
      source.depth === 'uint8'
        ? 'values are 8-bit'
        : `values run from ${short(observed?.min)} to ${short(observed?.max)}`;
    inferred.push(`${why}: ${words}`);
  }
  const grey = settled?.[0] === 0 && settled[1] === 255;
  if (unit === undefined) inferred.push(`the unit is ${grey ? 255 : 1}`);
  return { unit: unit ?? (grey ? 255 : 1), range: settled, inferred };
}

/** The range that images are commonly stored in; null for anything else, such as values that are already normalised. */
function commonRange({ min, max }: Observed): readonly [number, number] | null {
  if (min >= 0 && max <= 1) return [0, 1];
  if (min >= 0 && max <= 255) return [0, 255];
  if (min >= -1 && max <= 1) return [-1, 1];
  return null;
}

function short(value: number | undefined): string {
  return value === undefined ? '?' : String(Number(value.toPrecision(4)));
}

function notFinite(path: string, index: number, value: number): RobustnessError {
  return new RobustnessError(
    'data/not-finite',
    `Example ${index} of ${path} contains ${value}.`,
    'Remove or fill the values that are missing or infinite.',
  );
}
