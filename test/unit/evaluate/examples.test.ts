import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/engine/data/types';
import { chunksOf, gather, split } from '../../../src/engine/evaluate/examples';

/** Example i is [i, i + 0.5], its label i modulo 3; counts how often a batch was read. */
function counting(count: number): Dataset & { reads: number } {
  const dataset: Dataset & { reads: number } = {
    reads: 0,
    path: 'memory',
    sha256: '0'.repeat(64),
    count,
    available: count,
    kind: 'vector',
    shape: [2],
    range: null,
    classes: null,
    features: null,
    inferred: [],
    async *batches(size, { start = 0, end = count } = {}) {
      for (let at = start; at < end; at += size) {
        dataset.reads++;
        const n = Math.min(size, end - at);
        const x = Float32Array.from({ length: 2 * n }, (_, i) => at + Math.floor(i / 2) + (i % 2) / 2);
        yield { start: at, count: n, x, y: Int32Array.from({ length: n }, (_, i) => (at + i) % 3) };
      }
    },
    close: async () => {},
  };
  return dataset;
}

describe('chunksOf', () => {
  it('gives exactly the wanted examples, in chunks, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.float({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 70 }),
        async (count, share, size) => {
          const wanted = Int32Array.from({ length: count }, (_, i) => i).filter(
            (i) => ((i * 7919) % 101) / 101 <= share,
          );
          const seen: number[] = [];
          for await (const chunk of chunksOf(counting(count), split(wanted, size))) {
            expect(chunk.indices.length).toBeLessThanOrEqual(size);
            chunk.indices.forEach((index, i) => {
              expect([...chunk.x.subarray(2 * i, 2 * i + 2)]).toEqual([index, index + 0.5]);
              expect(chunk.y[i]).toBe(index % 3);
              seen.push(index);
            });
          }
          expect(seen).toEqual([...wanted]);
        },
      ),
    );
  });

  it('reads only as far as it is asked to', async () => {
    const dataset = counting(6400);
    for await (const chunk of chunksOf(dataset, [Int32Array.of(1000, 1001), Int32Array.of(1130)])) void chunk;
    expect(dataset.reads).toBe(3);
  });

  it('gives nothing for no examples', async () => {
    const dataset = counting(10);
    for await (const chunk of chunksOf(dataset, [])) throw new Error(`unexpected chunk of ${chunk.indices.length}`);
    expect(dataset.reads).toBe(0);
  });
});

describe('gather', () => {
  it('copies rows', () => {
    const rows = Float32Array.of(0, 1, 10, 11, 20, 21);
    const picked = gather(rows, [2, 0], 2);
    expect([...picked]).toEqual([20, 21, 0, 1]);
    picked[0] = 5;
    expect(rows[4]).toBe(20);
  });
});
