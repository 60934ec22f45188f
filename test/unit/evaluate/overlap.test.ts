import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Dataset } from '../../../src/engine/data/types';
import { findOverlap } from '../../../src/engine/evaluate/overlap';
import { Random } from '../../../src/engine/random';

const size = 28 * 28;

/** Pictures of a few smooth waves each, so that pixels are related as in photographs. */
function picture(seed: number): Float32Array {
  const random = Random.of(seed, 'picture');
  const waves = Array.from({ length: 4 }, () => [
    random.between(-0.5, 0.5),
    random.between(-0.5, 0.5),
    random.between(0, 6),
  ]);
  return Float32Array.from({ length: size }, (_, p) => {
    const [row, column] = [Math.floor(p / 28), p % 28];
    return waves.reduce((sum, [a, b, c]) => sum + Math.sin(a! * row + b! * column + c!) / 8, 0.5);
  });
}

function dataset(
  examples: readonly Float32Array[],
  kind: 'image' | 'vector' = 'image',
): Dataset & { shownPath: string } {
  const length = examples[0]!.length;
  return {
    path: 'data.npz',
    shownPath: 'data.npz',
    sha256: '0'.repeat(64),
    count: examples.length,
    available: examples.length,
    kind,
    shape: kind === 'image' ? [1, 28, 28] : [length],
    range: [0, 1],
    classes: null,
    features: null,
    inferred: [],
    async *batches(most, { start = 0, end = examples.length } = {}) {
      for (let at = start; at < end; at += most) {
        const part = examples.slice(at, Math.min(end, at + most));
        const x = new Float32Array(part.length * length);
        part.forEach((example, i) => {
          x.set(example, i * length);
        });
        yield { start: at, count: part.length, x, y: new Int32Array(part.length) };
      }
    },
    async close() {},
  } as Dataset & { shownPath: string };
}

const noisy = (x: Float32Array, by: number, seed: number) => {
  const random = Random.of(seed, 'noise');
  return x.map((value) => value + random.between(-by, by));
};

describe('findOverlap', () => {
  const test = Array.from({ length: 120 }, (_, i) => picture(i));
  const fresh = Array.from({ length: 200 }, (_, i) => picture(1000 + i));

  it('finds nothing in data that were drawn apart', async () => {
    const found = await findOverlap(dataset(test), dataset(fresh));
    expect(found).toMatchObject({ examples: 120, trainExamples: 200, identical: 0, near: 0, repeated: 0, pairs: [] });
  });

  it('finds copies, and copies with a little noise, in other places', async () => {
    const train = [...fresh];
    train[150] = test[7]!;
    train[151] = test[7]!;
    for (const [k, at] of [3, 40, 99].entries()) train[10 + k] = noisy(test[at]!, 0.01, at);
    const found = await findOverlap(dataset(test), dataset(train));
    expect(found).toMatchObject({ identical: 1, near: 3 });
    expect(found.pairs).toEqual([
      [3, 10],
      [7, 150],
      [40, 11],
      [99, 12],
    ]);
  });

  it('leaves what differs as far as pictures of one kind do', async () => {
    const train = fresh.map((x, i) => (i < 50 ? noisy(test[i]!, 0.2, i) : x));
    expect((await findOverlap(dataset(test), dataset(train))).near).toBe(0);
  });

  it.each(['in a file', 'in memory, where there is no place for one'])(
    'draws the line at a hundredth of the range, whatever the short form of the grids rounds away: %s',
    async (place) => {
      if (place !== 'in a file') vi.stubEnv('XDG_CACHE_HOME', join(process.cwd(), 'package.json'));
      const inner = test.map((x) => x.map((value) => 0.3 + 0.4 * value));
      const lighter = (by: number) => dataset(inner.map((x) => x.map((value) => value + by)));
      const near = await findOverlap(dataset(inner), lighter(0.0099));
      const apart = await findOverlap(dataset(inner), lighter(0.0101));
      vi.unstubAllEnvs();
      expect(near).toMatchObject({ identical: 0, near: 120 });
      expect(near.pairs).toEqual(Array.from({ length: 10 }, (_, i) => [i, i]));
      expect(apart).toMatchObject({ identical: 0, near: 0 });
    },
  );

  it('takes plain pictures for nearly the same only if they are the same', async () => {
    const grey = (value: number) => new Float32Array(size).fill(value);
    const found = await findOverlap(dataset([grey(0.5), grey(0.2)]), dataset([grey(0.505), grey(0.2)]));
    expect(found).toMatchObject({ identical: 1, near: 0 });
  });

  it('counts repetitions within the test data, but not of short vectors, which repeat by chance', async () => {
    expect(await findOverlap(dataset([test[0]!, test[1]!, test[0]!]), null)).toMatchObject({
      repeated: 1,
      trainPath: null,
    });
    const short = Array.from({ length: 3 }, () => Float32Array.of(5.1, 3.5, 1.4, 0.2));
    expect((await findOverlap(dataset(short, 'vector'), null)).repeated).toBe(0);
  });

  it('refuses training data of another shape', async () => {
    const short = dataset([Float32Array.of(1, 2, 3)], 'vector');
    await expect(findOverlap(dataset(test), short)).rejects.toMatchObject({ code: 'data/train-shape' });
  });
});
