import type { Dataset } from '../data/types';
import { RobustnessError } from '../error';
import type { EvidenceReport } from '../report/evidenceSchema';
import { fewestValues, TestIndex } from './overlapIndex';

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
  const index = new TestIndex(test);
  try {
    return await overlapWith(index, test, train, signal);
  } finally {
    index.close();
  }
}

async function overlapWith(
  index: TestIndex,
  test: Dataset,
  train: (Dataset & { readonly shownPath: string }) | null,
  signal: AbortSignal | undefined,
): Promise<NonNullable<EvidenceReport['overlap']>> {
  const size = elements(test.shape);
  let repeated = 0;
  const options = signal ? { signal } : {};
  for await (const { count, x } of test.batches(readSize, options)) {
    for (let i = 0; i < count; i++) if (index.add(x.subarray(i * size, (i + 1) * size))) repeated++;
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

function elements(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
