import { createHash } from 'node:crypto';
import { Spill } from '../data/spill';
import type { Dataset } from '../data/types';

/** Vectors of fewer values repeat by chance. */
export const fewestValues = 32;
/** Cells in a row and a column of the grid that examples are compared by. */
const grid = 16;
/** Cells of the grid that share a bit of the key. */
const coarse = 8;
/** Distance in root mean square over the grid, in ranges, up to which two examples are nearly the same. */
const nearly = 0.01;
/** Examples with less contrast than this (standard deviation, in ranges) are too plain to be told from others. */
const plain = 0.02;
/** Test examples that near-duplicates are looked for; identical ones are found among all. */
const mostNear = 20_000;

/** Bytes of a digest. */
const digestBytes = 20;
/** Steps of a cell's value in the short form of a grid. */
const steps = 255;

/**
 * The test examples, by their bytes and by what they look like. An example takes some thirty bytes; of those that near-duplicates are looked for, the
 * short form of the grid, a byte a cell, is held too, and the grid itself lies in a file, for the few that come near enough.
 */
export class TestIndex {
  private readonly digests: Uint8Array;
  /** By the first bytes of the digest: 1 + position of the last example added with them; 0 if there is none. */
  private readonly slots: Int32Array;
  /** By example: 1 + position of the one before it in its slot. */
  private readonly before: Int32Array;
  private added = 0;

  /** By band of the key and its value: 1 + number of the last entry. */
  private readonly bands = new Map<number, number>();
  /** Entries of bands: the position among the grids, and 1 + number of the entry before it. */
  private entries = new Int32Array(0);
  private entryCount = 0;
  /** Examples of the grids. */
  private readonly at: number[] = [];
  private short = new Uint8Array(0);
  private cells = 0;
  private readonly exact = Spill.open();
  /** Where there is no file. */
  private readonly held: Float32Array[] = [];
  private reread = new Float32Array(0);

  constructor(private readonly data: Dataset) {
    this.digests = new Uint8Array(digestBytes * data.count);
    let size = 1;
    while (size < 2 * data.count) size *= 2;
    this.slots = new Int32Array(size);
    this.before = new Int32Array(data.count);
  }

  /** Adds the next example; whether one with the same bytes was added before. */
  add(x: Float32Array): boolean {
    const key = digest(x);
    const known = this.matches(key, 1).length > 0;
    const position = this.added++;
    this.digests.set(key, digestBytes * position);
    const slot = slotOf(key, this.slots.length);
    this.before[position] = this.slots[slot]!;
    this.slots[slot] = position + 1;
    if (this.at.length < mostNear) {
      const cells = gridOf(x, this.data);
      if (cells !== null) this.addGrid(position, cells);
    }
    return known;
  }

  identicalTo(x: Float32Array): readonly number[] {
    return this.matches(digest(x), Number.POSITIVE_INFINITY);
  }

  near(x: Float32Array): number[] {
    const cells = gridOf(x, this.data);
    if (cells === null || this.at.length === 0) return [];
    const [low, high] = this.data.range ?? [0, 1];
    const most = (nearly * (high - low)) ** 2 * cells.length;
    const short = shortened(cells, low, high);
    // A cell is off by half a step at most, two by one; and what is clipped to the range only comes nearer.
    const mostShort = (nearly * steps + 1) ** 2 * cells.length * (1 + 1e-6);
    const tried = new Set<number>();
    const found: number[] = [];
    for (const band of bandsOf(cells, this.data)) {
      for (let entry = this.bands.get(band) ?? 0; entry !== 0; entry = this.entries[2 * entry - 1]!) {
        const position = this.entries[2 * entry - 2]!;
        if (tried.has(position)) continue;
        tried.add(position);
        if (!withinShort(short, this.short, position * this.cells, mostShort)) continue;
        if (squaredDistance(cells, this.grid(position), most) <= most) found.push(this.at[position]!);
      }
    }
    return found;
  }

  close(): void {
    this.exact?.close();
  }

  private matches(key: Uint8Array, most: number): number[] {
    const found: number[] = [];
    let next = this.slots[slotOf(key, this.slots.length)]!;
    for (; next !== 0 && found.length < most; next = this.before[next - 1]!) {
      const from = digestBytes * (next - 1);
      let same = 0;
      while (same < digestBytes && this.digests[from + same] === key[same]) same++;
      if (same === digestBytes) found.push(next - 1);
    }
    return found;
  }

  private addGrid(example: number, cells: Float32Array): void {
    const position = this.at.push(example) - 1;
    this.cells = cells.length;
    if (this.short.length < (position + 1) * this.cells) {
      this.short = grown(this.short, Math.max(64, 2 * position) * this.cells, Uint8Array);
    }
    const [low, high] = this.data.range ?? [0, 1];
    this.short.set(shortened(cells, low, high), position * this.cells);
    const bytes = new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength);
    // Once something had to be held, all that follows is: positions in the file count from 0.
    if (this.held.length > 0 || this.exact === null || !this.exact.append(bytes)) this.held[position] = cells;
    for (const band of bandsOf(cells, this.data)) {
      const entry = ++this.entryCount;
      if (this.entries.length < 2 * entry) this.entries = grown(this.entries, 4 * entry + 256, Int32Array);
      this.entries[2 * entry - 2] = position;
      this.entries[2 * entry - 1] = this.bands.get(band) ?? 0;
      this.bands.set(band, entry);
    }
  }

  /** Valid until the next one is asked for. */
  private grid(position: number): Float32Array {
    const held = this.held[position];
    if (held) return held;
    if (this.reread.length !== this.cells) this.reread = new Float32Array(this.cells);
    this.exact!.read(4 * this.cells * position, new Uint8Array(this.reread.buffer));
    return this.reread;
  }
}

function digest(x: Float32Array): Uint8Array {
  return createHash('sha1')
    .update(new Uint8Array(x.buffer, x.byteOffset, x.byteLength))
    .digest();
}

/** @param slots a power of two */
function slotOf(key: Uint8Array, slots: number): number {
  return (key[0]! | (key[1]! << 8) | (key[2]! << 16) | (key[3]! << 24)) & (slots - 1);
}

function grown<T extends Uint8Array | Int32Array>(values: T, length: number, type: new (length: number) => T): T {
  const larger = new type(length);
  larger.set(values);
  return larger;
}

/** A byte a cell; values beyond the range count as its ends. */
function shortened(cells: Float32Array, low: number, high: number): Uint8Array {
  const short = new Uint8Array(cells.length);
  for (let i = 0; i < cells.length; i++) {
    short[i] = Math.round((steps * (Math.min(high, Math.max(low, cells[i]!)) - low)) / (high - low));
  }
  return short;
}

/** Whether the sum of squares is at most `most`; stops as soon as it is not. */
function withinShort(a: Uint8Array, b: Uint8Array, from: number, most: number): boolean {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const apart = a[i]! - b[from + i]!;
    sum += apart * apart;
    if (sum > most) return false;
  }
  return true;
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
