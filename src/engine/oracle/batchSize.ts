import { totalmem } from 'node:os';

/** How a batch size came about: measured now, remembered from a measurement, given (a resumed run's own), or estimated. */
export type BatchOrigin = 'measured' | 'remembered' | 'given' | 'estimated';

export interface BatchChoice {
  readonly size: number;
  readonly from: BatchOrigin;
}

const largestBatch = 128;
/** Intermediate floats of one batch where nothing is measured: 64 MiB keeps a batch's tensors near the cache. */
const floatsPerBatch = 16 * 2 ** 20;
/** A gradient holds the forward tensors, and about as many again on the way back. */
const gradientTensors = 2.5;
/** The smallest size within this share of the best throughput is taken: small batches waste less when examples break. */
const goodEnough = 0.9;

/** A size by the tensors that one example needs, where the model is not measured. */
export function estimateBatchSize(floatsPerExample: number): number {
  return clamp(Math.floor(floatsPerBatch / Math.max(1, floatsPerExample)));
}

/** Sizes whose tensors fit into an eighth of the machine's memory (of what the process may use), and into 2 GiB. */
export function largestThatFits(floatsPerExample: number): number {
  const allowed = process.constrainedMemory?.() ?? 0;
  const memory = allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
  const bytes = Math.min(2 * 2 ** 30, memory / 8);
  return clamp(Math.floor(bytes / (4 * gradientTensors * Math.max(1, floatsPerExample))));
}

const clamp = (size: number) => Math.max(1, Math.min(largestBatch, size));

/**
 * Measures throughput at growing batch sizes (powers of two) and returns the smallest within 10 % of the best.
 *
 * @param run computes one batch of n examples.
 * @param largest size that fits into memory.
 * @param budget milliseconds to spend; a size that would not finish in what is left of it is not tried. Batch 1 always is.
 * @param now for tests; milliseconds.
 */
export async function measureBatchSize(
  run: (n: number) => Promise<unknown>,
  largest: number,
  budget = 1500,
  now: () => number = () => performance.now(),
): Promise<number> {
  const end = now() + budget;
  const measured: { readonly size: number; readonly rate: number }[] = [];
  const timed = async (size: number) => {
    const start = now();
    await run(size);
    return Math.max(1e-3, now() - start);
  };
  for (let size = 1; size <= largest; size *= 2) {
    const last = measured.at(-1);
    if (last && now() + (2 * size) / last.rate > end) break;
    // The first run of a size allocates; the best of three leaves out what else the machine does.
    let best = await timed(size);
    for (let i = 0; i < 3 && now() + best < end; i++) best = Math.min(best, await timed(size));
    measured.push({ size, rate: size / best });
  }
  const top = Math.max(...measured.map(({ rate }) => rate));
  return measured.find(({ rate }) => rate >= goodEnough * top)!.size;
}
