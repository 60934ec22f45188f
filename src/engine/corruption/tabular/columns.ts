import type { FeatureConstraints } from '../../attack/constraint';
import type { Dataset } from '../../data/types';
import { RobustnessError } from '../../error';
import { Random } from '../../random';

/** What a sample tells of the columns of a table; values as attacks see them (data units over the feature's scale). */
export interface Columns {
  /** [columns] of the sample. */
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  /** Where it was asked for. */
  readonly median?: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Limits that are stated; infinite where there are none. */
  readonly least: readonly number[];
  readonly most: readonly number[];
  /** Data units in one unit; whole numbers only, in data units. */
  readonly scale: readonly number[];
  readonly integer: readonly boolean[];
  /** One-hot groups that may change. */
  readonly groups: readonly (readonly number[])[];
  /** Columns of their own that hold nothing but 0 and 1, in data units. */
  readonly binary: readonly number[];
  /** Numbers that vary, are free to change and in no group: in an order drawn once a run, so that severities add to one another. */
  readonly continuous: readonly number[];
  /** By column, drawn once a run: -1 or 1, and the value that a dead sensor shows. */
  readonly sign: Float64Array;
  readonly stuck: Float64Array;
}

/** Examples that the statistics are of, at most. */
const sampleSize = 1000;

/**
 * Statistics of the columns, over the first 1,000 examples.
 *
 * @param constraints of the features, where they are declared
 * @param medians whether medians are wanted, for which the sample has to be held
 */
export async function columnsOf(
  dataset: Pick<Dataset, 'shape' | 'range' | 'count' | 'batches'>,
  constraints: FeatureConstraints | undefined,
  seed: number,
  medians = false,
): Promise<Columns> {
  const size = dataset.shape.reduce((product, extent) => product * extent, 1);
  const zeros = () => new Float64Array(size);
  const [mean, squares, low, high] = [zeros(), zeros(), zeros().fill(Infinity), zeros().fill(-Infinity)];
  const twoValued = new Uint8Array(size).fill(1);
  const scale = constraints?.scale ?? Array.from({ length: size }, () => 1);
  const held = new Float32Array(medians ? Math.min(sampleSize, dataset.count) * size : 0);
  let seen = 0;
  for await (const { count, x } of dataset.batches(256, { end: Math.min(sampleSize, dataset.count) })) {
    if (medians) held.set(x.subarray(0, count * size), seen * size);
    for (let row = 0; row < count; row++) {
      seen++;
      for (let i = 0; i < size; i++) {
        const value = x[row * size + i]!;
        // Welford's running mean and squares: sums of squares would lose a small spread about a large mean.
        const before = value - mean[i]!;
        mean[i]! += before / seen;
        squares[i]! += before * (value - mean[i]!);
        if (value < low[i]!) low[i] = value;
        if (value > high[i]!) high[i] = value;
        const stored = Math.fround(value * scale[i]!);
        if (stored !== 0 && stored !== 1) twoValued[i] = 0;
      }
    }
  }
  const deviation = squares.map((sum) => Math.sqrt(sum / Math.max(1, seen)));
  const grouped = new Set(constraints?.groups.flat());
  const free = Array.from({ length: size }, (_, i) => i).filter((i) => !grouped.has(i) && !constraints?.held[i]);
  const random = Random.of(seed, 'columns');
  const stuck = low.map((value, i) => [value, mean[i]!, high[i]!][random.integer(3)]!);
  const sign = Float64Array.from({ length: size }, () => (random.integer(2) === 0 ? -1 : 1));
  const [least, most] = dataset.range ?? [-Infinity, Infinity];
  return {
    mean,
    deviation,
    ...(medians ? { median: mediansOf(held, size) } : {}),
    low,
    high,
    least: constraints?.low ?? Array.from({ length: size }, () => least),
    most: constraints?.high ?? Array.from({ length: size }, () => most),
    scale,
    integer: constraints?.integer ?? Array.from({ length: size }, () => false),
    groups: (constraints?.groups ?? []).filter((group) => group.every((i) => !constraints?.held[i])),
    binary: free.filter((i) => twoValued[i] === 1),
    continuous: shuffled(
      free.filter((i) => twoValued[i] === 0 && deviation[i]! > 0),
      random,
    ),
    sign,
    stuck,
  };
}

/** [columns]: the middle value, the mean of the two middle ones of an even count. */
function mediansOf(rows: Float32Array, size: number): Float64Array {
  const n = rows.length / size;
  const column = new Float32Array(n);
  return Float64Array.from({ length: size }, (_, i) => {
    for (let row = 0; row < n; row++) column[row] = rows[row * size + i]!;
    column.sort();
    const middle = n >> 1;
    return n % 2 === 1 ? column[middle]! : (column[middle - 1]! + column[middle]!) / 2;
  });
}

/** The value that a column can hold that is nearest: within its limits, and whole where it has to be. */
export function allowed({ least, most, integer, scale }: Columns, i: number, value: number): number {
  const whole = integer[i] ? Math.round(value * scale[i]!) / scale[i]! : value;
  return Math.min(most[i]!, Math.max(least[i]!, whole));
}

/** A share of `all`, rounded, one at least. */
export function someOf(all: readonly number[], share: number): readonly number[] {
  return all.slice(0, Math.max(1, Math.round(share * all.length)));
}

/** In an order of chance (Fisher and Yates). */
export function shuffled(values: readonly number[], random: Random): number[] {
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** The parameter of a severity, 1 to 5. Throws `spec/severity`. */
export function at<T>(table: readonly [T, T, T, T, T], severity: number): T {
  const value = table[severity - 1];
  if (value !== undefined) return value;
  throw new RobustnessError(
    'spec/severity',
    `Severity ${severity} is not one of 1, 2, 3, 4 and 5.`,
    'List severities from 1 to 5 under `corruptions.severities`.',
  );
}
