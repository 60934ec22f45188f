import type { Dataset } from '../data/types';

export interface Chunk {
  /** [n] positions in the data set, ascending; of a stage over pairs, those of the pairs. */
  readonly indices: Int32Array;
  /** [n, ...shape], data space. */
  readonly x: Float32Array;
  /** [n] */
  readonly y: Int32Array;
  /** [n]: the class that has to be reached; absent where any wrong one will do. */
  readonly targetClasses?: Int32Array;
  /** [n, targets], where the data set has them. */
  readonly targets?: Float32Array;
}

const readSize = 64;

/**
 * Chosen examples of a data set, chunk by chunk in one pass over the files; no more than a chunk and a batch are held.
 * @param wanted positions, not empty, ascending within and across chunks
 * @param perExample how many of these positions belong to one example
 */
export async function* chunksOf(
  dataset: Dataset,
  wanted: readonly Int32Array[],
  perExample = 1,
): AsyncGenerator<Chunk> {
  const [lowest, highest] = [wanted[0]?.[0], wanted.at(-1)?.at(-1)];
  if (lowest === undefined || highest === undefined) return;
  const start = Math.floor(lowest / perExample);
  const last = Math.floor(highest / perExample);
  const size = dataset.shape.reduce((product, n) => product * n, 1);
  let position = 0;
  let taken = 0;
  const width = dataset.targets;
  let open = blank(wanted[0], size, width);
  for await (const batch of dataset.batches(readSize, { start, end: last + 1 })) {
    for (let i = 0; i < batch.count && open; ) {
      if (Math.floor((open.indices[taken] as number) / perExample) !== batch.start + i) {
        i++;
        continue;
      }
      open.x.set(batch.x.subarray(i * size, (i + 1) * size), taken * size);
      if (batch.targets && width !== undefined) {
        open.targets?.set(batch.targets.subarray(i * width, (i + 1) * width), taken * width);
      }
      open.y[taken++] = batch.y[i] as number;
      if (taken < open.indices.length) continue;
      yield open;
      open = blank(wanted[++position], size, width);
      taken = 0;
    }
  }
}

function blank(indices: Int32Array | undefined, size: number, width: number | undefined): Chunk | null {
  if (!indices) return null;
  return {
    indices,
    x: new Float32Array(indices.length * size),
    y: new Int32Array(indices.length),
    ...(width === undefined ? {} : { targets: new Float32Array(indices.length * width) }),
  };
}

/** Rows of `rows` ([n, size]) at these positions, copied. */
export function gather(rows: Float32Array, positions: ArrayLike<number>, size: number): Float32Array {
  const picked = new Float32Array(positions.length * size);
  for (let i = 0; i < positions.length; i++) {
    const from = (positions[i] as number) * size;
    picked.set(rows.subarray(from, from + size), i * size);
  }
  return picked;
}

/** The classes to reach of some rows of a chunk, where there are any. */
export function targetsAt({ targetClasses }: Chunk, rows: readonly number[]): Pick<Chunk, 'targetClasses'> {
  return targetClasses ? { targetClasses: Int32Array.from(rows, (row) => targetClasses[row] as number) } : {};
}

/** Positions split into chunks of at most `size`. */
export function split(indices: Int32Array, size: number): Int32Array[] {
  const chunks: Int32Array[] = [];
  for (let start = 0; start < indices.length; start += size) chunks.push(indices.subarray(start, start + size));
  return chunks;
}
