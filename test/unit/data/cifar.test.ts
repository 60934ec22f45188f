import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectError, readAll, temporaryFolder, write } from './files';

const root = temporaryFolder();

/** Records whose pixels all equal `value`. */
const records = (...pairs: (readonly [label: number, value: number])[]) =>
  Uint8Array.from(pairs.flatMap(([label, value]) => [label, ...Array<number>(3072).fill(value)]));

describe('CIFAR-10 binary', () => {
  it('reads a file, in batches across records', async () => {
    const path = write(root, 'some.bin', records([3, 0], [9, 255], [0, 51]));
    const { data, x, y } = await readAll({ path }, {}, 2);
    expect(data).toMatchObject({ kind: 'image', shape: [3, 32, 32], range: [0, 1], unit: 255, count: 3 });
    expect(data.classes?.[3]).toBe('cat');
    expect(y).toEqual([3, 9, 0]);
    expect([x[0], x[3071], x[3072], x[6144]]).toEqual([0, 0, 1, Math.fround(0.2)]);
  });

  it('reads the batches of a folder in order, and its names of classes', async () => {
    const folder = join(root, 'batches');
    mkdirSync(folder);
    write(folder, 'data_batch_2.bin', records([2, 2]));
    write(folder, 'data_batch_1.bin', records([1, 1], [0, 0]));
    write(folder, 'batches.meta.txt', 'a\nb\nc\n\n');
    const { data, y } = await readAll({ path: folder }, {}, 2);
    expect([y, data.classes]).toEqual([
      [1, 0, 2],
      ['a', 'b', 'c'],
    ]);
    const tail: number[] = [];
    for await (const batch of data.batches(5, { start: 1 })) tail.push(...batch.y);
    expect(tail).toEqual([0, 2]);
    // With a test batch, that alone is the test set.
    write(folder, 'test_batch.bin', records([2, 9]));
    expect((await readAll({ path: folder })).y).toEqual([2]);
  });

  it('refuses sizes that are no number of records, and labels beyond the classes', async () => {
    await expectError(
      readAll({ path: write(root, 'cut.bin', records([1, 1]).subarray(0, 3072)) }),
      'data/cifar-size',
      /3072/,
    );
    await expectError(readAll({ path: write(root, 'empty.bin', '') }), 'data/cifar-size');
    await expectError(
      readAll({ path: write(root, 'label.bin', records([1, 1], [10, 1])) }),
      'data/label-out-of-range',
      /example 1/,
    );
  });
});
