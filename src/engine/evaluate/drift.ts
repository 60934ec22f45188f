import type { Dataset } from '../data/types';
import type { Embedding } from '../embedding';
import { discrepancy } from '../metric/discrepancy';
import { columnDrift } from '../metric/drift';
import { holm } from '../metric/holm';
import type { DriftReport } from '../report/shifts';
import { asTraits } from '../text/traits';

/** Columns that are compared; of wider data so many, evenly spread. */
const mostColumns = 1000;
/** Examples a side of which columns are compared. */
const mostExamples = 2000;
/** Examples a side of the maximum mean discrepancy, which takes all pairs. */
const mostPoints = 500;
const shownColumns = 10;
const significance = 0.05;
const readSize = 64;

/** Some columns of some examples of a data set. */
interface Sample {
  readonly count: number;
  /** [count, columns] */
  readonly values: Float32Array;
}

/** What a model gives for the points that are compared, in rows of `size`. */
export interface Outputs {
  readonly size: number;
  /** [points, size] */
  readonly reference: Float32Array;
  /** [points, size] */
  readonly other: Float32Array;
}

/**
 * How far a data set is from the test data: column by column, and as a whole by the maximum mean discrepancy of the values, of what the model gives,
 * and of its embedding.
 *
 * @param outputs all of the model's outputs on both sets
 * @param embedding null where the model has none
 */
export async function measureDrift(
  reference: Dataset,
  other: Dataset,
  outputs: Outputs,
  embedding: Pick<Embedding, 'size' | 'rows'> | null,
  seed: number,
  signal?: AbortSignal,
): Promise<DriftReport> {
  // The character at a place of a text is no column; how long it is, and what of, are.
  if (reference.kind === 'text') {
    return measureDrift(asTraits(reference), asTraits(other), outputs, null, seed, signal);
  }
  const size = reference.shape.reduce((product, n) => product * n, 1);
  const columns = spread(size, mostColumns);
  const ours = await sampleOf(reference, columns, size, signal);
  const theirs = await sampleOf(other, columns, size, signal);
  const rows = columnRows(ours, theirs, columns, reference);
  const points = [spread(ours.count, mostPoints), spread(theirs.count, mostPoints)] as const;
  const [a, b] = [picked(ours.values, points[0], columns.length), picked(theirs.values, points[1], columns.length)];
  const among = [spread(reference.count, mostPoints), spread(other.count, mostPoints)] as const;
  // Pixels have one unit; a table has columns in all units.
  const level = (values: Float32Array, own: Float32Array) =>
    reference.kind === 'image' ? values : standardised(values, own, columns.length);
  const outputsOf = (values: Float32Array, at: Int32Array) => picked(values, at, outputs.size);
  const embedded = embedding && (await embeddings(reference, other, among, size, embedding, signal));
  return {
    reference: ours.count,
    examples: theirs.count,
    columns: size,
    compared: rows.length,
    changed: rows.filter(({ pValue }) => pValue < significance).length,
    largest: rows.sort((p, q) => q.ks - p.ks || p.column - q.column).slice(0, shownColumns),
    mmd: {
      reference: among[0].length,
      examples: among[1].length,
      data: discrepancy(level(a, a), level(b, a), columns.length, seed),
      outputs: discrepancy(
        outputsOf(outputs.reference, among[0]),
        outputsOf(outputs.other, among[1]),
        outputs.size,
        seed,
      ),
      embedding: embedded && discrepancy(embedded.reference, embedded.other, embedded.size, seed),
    },
  };
}

/** `most` of `count` positions, evenly spread; all of them if there are no more. */
function spread(count: number, most: number): Int32Array {
  const n = Math.min(count, most);
  return Int32Array.from({ length: n }, (_, i) => Math.floor((i * count) / n));
}

async function sampleOf(
  dataset: Dataset,
  columns: Int32Array,
  size: number,
  signal: AbortSignal | undefined,
): Promise<Sample> {
  const wanted = spread(dataset.count, mostExamples);
  const values = new Float32Array(wanted.length * columns.length);
  let taken = 0;
  for await (const { start, count, x } of dataset.batches(readSize, signal ? { signal } : {})) {
    for (let i = 0; i < count; i++) {
      if (wanted[taken] !== start + i) continue;
      const row = i * size;
      const to = taken * columns.length;
      for (let c = 0; c < columns.length; c++) values[to + c] = x[row + columns[c]!]!;
      taken++;
    }
  }
  return { count: wanted.length, values };
}

function columnRows(
  ours: Sample,
  theirs: Sample,
  columns: Int32Array,
  { kind, shape, features }: Dataset,
): DriftReport['largest'] {
  const mine = new Float64Array(ours.count);
  const others = new Float64Array(theirs.count);
  const found: DriftReport['largest'] = [];
  for (let c = 0; c < columns.length; c++) {
    for (let i = 0; i < ours.count; i++) mine[i] = ours.values[i * columns.length + c]!;
    for (let i = 0; i < theirs.count; i++) others[i] = theirs.values[i * columns.length + c]!;
    const drift = columnDrift(mine, others);
    const column = columns[c]!;
    if (!drift) continue;
    const name = features?.[column] ?? nameOf(column, kind, shape);
    found.push({ column, name, ...drift, psi: hasBins(mine) ? drift.psi : null });
  }
  const corrected = holm(found.map(({ pValue }) => pValue));
  return found.map((row, i) => ({ ...row, pValue: corrected[i]! }));
}

/** Whether a column can be cut into bins of equal counts at all: not where nine tenths of it are one value. */
function hasBins(values: Float64Array): boolean {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(0.9 * (sorted.length - 1))]! > sorted[0]!;
}

/** Of an image: its channel, row and column. */
function nameOf(
  column: number,
  kind: Dataset['kind'],
  [channels = 1, height = 1, width = 1]: readonly number[],
): string {
  if (kind !== 'image') return `feature ${column}`;
  const pixel = column % (height * width);
  const place = `row ${Math.floor(pixel / width)}, column ${pixel % width}`;
  return channels === 1 ? place : `channel ${Math.floor(column / (height * width))}, ${place}`;
}

/** Rows at these positions, copied. */
function picked(values: Float32Array, at: Int32Array, size: number): Float32Array {
  const rows = new Float32Array(at.length * size);
  for (let i = 0; i < at.length; i++) rows.set(values.subarray(at[i]! * size, (at[i]! + 1) * size), i * size);
  return rows;
}

/**
 * Columns less the mean and over the standard deviation of the reference's: otherwise the one in the largest numbers would be all that a distance
 * sees. A column that does not vary is only moved to 0.
 */
function standardised(values: Float32Array, reference: Float32Array, size: number): Float32Array {
  const n = reference.length / size;
  const scaled = new Float32Array(values.length);
  for (let c = 0; c < size; c++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += reference[i * size + c]!;
    const mean = sum / n;
    let squares = 0;
    for (let i = 0; i < n; i++) squares += (reference[i * size + c]! - mean) ** 2;
    const deviation = Math.sqrt(squares / n);
    const unit = deviation > 0 ? 1 / deviation : 1;
    for (let i = c; i < values.length; i += size) scaled[i] = (values[i]! - mean) * unit;
  }
  return scaled;
}

async function embeddings(
  reference: Dataset,
  other: Dataset,
  among: readonly [Int32Array, Int32Array],
  size: number,
  embedding: Pick<Embedding, 'size' | 'rows'>,
  signal: AbortSignal | undefined,
): Promise<Outputs | null> {
  const of = async (dataset: Dataset, wanted: Int32Array) => {
    const all = new Float32Array(wanted.length * embedding.size);
    let taken = 0;
    for await (const { start, count, x } of dataset.batches(readSize, signal ? { signal } : {})) {
      const rows: number[] = [];
      for (let i = 0; i < count; i++) if (wanted[taken + rows.length] === start + i) rows.push(i);
      if (rows.length === 0) continue;
      all.set(await embedding.rows(picked(x, Int32Array.from(rows), size)), taken * embedding.size);
      taken += rows.length;
    }
    return all;
  };
  const ours = await of(reference, among[0]);
  const theirs = await of(other, among[1]);
  // A distance to what is no number would be none.
  if (!ours.every(Number.isFinite) || !theirs.every(Number.isFinite)) return null;
  return { size: embedding.size, reference: ours, other: theirs };
}
