import { createHash } from 'node:crypto';
import type { Dataset } from '../data/types';
import { RobustnessError } from '../error';
import type { EvidenceReport } from '../report/evidenceSchema';

/** Cells in a row and a column of the grid that examples are compared by. */
const grid = 16;
/** Cells of the grid that share a bit of the key. */
const coarse = 8;
/** Distance in root mean square over the grid, in ranges, up to which two examples are nearly the same. */
const nearly = 0.01;
/** Examples with less contrast than this (standard deviation, in ranges) are too plain to be told from others. */
const plain = 0.02;
/** Vectors of fewer values repeat by chance. */
const fewestValues = 32;
/** Test examples that near-duplicates are looked for; identical ones are found among all. */
const mostNear = 20_000;
const mostPairs = 10;
const readSize = 64;

/**
 * Finds test examples in the training data: byte for byte by hashes, and nearly so by a coarse key and, where that agrees in
 * part, by the distance over a grid. Both sets are streamed; of the test data, hashes and grids are held.
 *
 * @param train null looks for repetitions within the test data alone.
 * @throws RobustnessError `data/train-shape` for training examples of another shape, and what reading throws.
 */
export async function findOverlap(
  test: Dataset,
  train: (Dataset & { readonly shownPath: string }) | null,
  signal?: AbortSignal,
): Promise<NonNullable<EvidenceReport['overlap']>> {
  if (train !== null && String(train.shape) !== String(test.shape)) {
    throw new RobustnessError(
      'data/train-shape',
      `Training examples have the shape [${train.shape.join(', ')}], test examples [${test.shape.join(', ')}].`,
      'Give `data.train` in the same form as `data.test`.',
    );
  }
  const size = elements(test.shape);
  const index = new TestIndex(test);
  let repeated = 0;
  const options = signal ? { signal } : {};
  for await (const { start, count, x } of test.batches(readSize, options)) {
    for (let i = 0; i < count; i++) if (index.add(start + i, x.subarray(i * size, (i + 1) * size))) repeated++;
  }
  if (test.kind !== 'image' && size < fewestValues) repeated = 0;
  const identical = new Map<number, number>();
  const near = new Map<number, number>();
  if (train !== null) {
    for await (const { start, count, x } of train.batches(readSize, options)) {
      for (let i = 0; i < count; i++) {
        const example = x.subarray(i * size, (i + 1) * size);
        const same = index.identicalTo(example);
        for (const at of same) if (!identical.has(at)) identical.set(at, start + i);
        if (same.length > 0) continue;
        for (const at of index.near(example)) if (!near.has(at)) near.set(at, start + i);
      }
    }
  }
  for (const at of identical.keys()) near.delete(at);
  return {
    trainPath: train?.shownPath ?? null,
    trainExamples: train?.count ?? 0,
    examples: test.count,
    identical: identical.size,
    near: near.size,
    pairs: [...identical, ...near].sort(([a], [b]) => a - b).slice(0, mostPairs),
    repeated,
  };
}

/** The test examples, by their bytes and by what they look like. */
class TestIndex {
  private readonly byBytes = new Map<string, number[]>();
  /** By band of the key and its value: positions in `grids`. */
  private readonly byBand = new Map<number, number[]>();
  private readonly grids: { readonly at: number; readonly cells: Float32Array }[] = [];

  constructor(private readonly data: Dataset) {}

  /** Whether an example with the same bytes was added before. */
  add(at: number, x: Float32Array): boolean {
    const key = digest(x);
    const known = this.byBytes.get(key);
    if (known) known.push(at);
    else this.byBytes.set(key, [at]);
    if (this.grids.length < mostNear) {
      const cells = gridOf(x, this.data);
      if (cells !== null) {
        const position = this.grids.push({ at, cells }) - 1;
        for (const band of bandsOf(cells, this.data)) {
          const bucket = this.byBand.get(band);
          if (bucket) bucket.push(position);
          else this.byBand.set(band, [position]);
        }
      }
    }
    return known !== undefined;
  }

  identicalTo(x: Float32Array): readonly number[] {
    return this.byBytes.get(digest(x)) ?? [];
  }

  near(x: Float32Array): number[] {
    const cells = gridOf(x, this.data);
    if (cells === null) return [];
    const tried = new Set<number>();
    const found: number[] = [];
    const [low, high] = this.data.range ?? [0, 1];
    const most = (nearly * (high - low)) ** 2 * cells.length;
    for (const band of bandsOf(cells, this.data)) {
      for (const position of this.byBand.get(band) ?? []) {
        if (tried.has(position)) continue;
        tried.add(position);
        const other = this.grids[position]!;
        if (squaredDistance(cells, other.cells, most) <= most) found.push(other.at);
      }
    }
    return found;
  }
}

function digest(x: Float32Array): string {
  return createHash('sha1')
    .update(new Uint8Array(x.buffer, x.byteOffset, x.byteLength))
    .digest('base64');
}

/** Means over a grid, channel by channel; null where examples cannot be compared so, or are too plain to be. */
function gridOf(x: Float32Array, { kind, shape, range }: Dataset): Float32Array | null {
  if (range === null) return null;
  const [channels = 1, height = 1, width = 1] = kind === 'image' ? shape : [1, 1, x.length];
  if (kind !== 'image' && x.length < fewestValues) return null;
  const [rows, columns] = [Math.min(grid, height), Math.min(kind === 'image' ? grid : grid * grid, width)];
  const cells = new Float32Array(channels * rows * columns);
  const counts = new Uint32Array(cells.length);
  for (let c = 0, at = 0; c < channels; c++) {
    for (let i = 0; i < height; i++) {
      const row = (c * rows + Math.floor((i * rows) / height)) * columns;
      for (let j = 0; j < width; j++, at++) {
        const cell = row + Math.floor((j * columns) / width);
        cells[cell]! += x[at]!;
        counts[cell]!++;
      }
    }
  }
  let [sum, squares] = [0, 0];
  for (let k = 0; k < cells.length; k++) {
    const value = cells[k]! / counts[k]!;
    cells[k] = value;
    sum += value;
    squares += value * value;
  }
  const variance = squares / cells.length - (sum / cells.length) ** 2;
  return variance > (plain * (range[1] - range[0])) ** 2 ? cells : null;
}

/**
 * Four keys of 16 bits: whether each of 8 by 8 cells is brighter than the mean. Two examples that differ in three bits or
 * fewer share one of them.
 */
function bandsOf(cells: Float32Array, { kind, shape }: Dataset): number[] {
  const channels = kind === 'image' ? (shape[0] ?? 1) : 1;
  const plane = cells.length / channels;
  const side = kind === 'image' ? Math.round(Math.sqrt(plane)) : plane;
  const bits = coarse * coarse;
  const sums = new Float64Array(bits);
  let mean = 0;
  for (let k = 0; k < cells.length; k++) {
    const p = k % plane;
    const bit =
      kind === 'image'
        ? Math.floor((Math.floor(p / side) * coarse) / side) * coarse + Math.floor(((p % side) * coarse) / side)
        : Math.floor((p * bits) / plane);
    sums[Math.min(bits - 1, bit)]! += cells[k]!;
    mean += cells[k]! / bits;
  }
  const bands: number[] = [];
  for (let band = 0; band < 4; band++) {
    let key = band;
    for (let b = band * 16; b < (band + 1) * 16; b++) key = key * 2 + (sums[b]! > mean ? 1 : 0);
    bands.push(key * 4 + band);
  }
  return bands;
}

/** Stops adding once the sum is above `most`. */
function squaredDistance(a: Float32Array, b: Float32Array, most: number): number {
  let sum = 0;
  for (let k = 0; k < a.length && sum <= most; k++) sum += (a[k]! - b[k]!) ** 2;
  return sum;
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
