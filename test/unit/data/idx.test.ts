import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { expectError, readAll, temporaryFolder, write } from './files';

const root = temporaryFolder();
let folders = 0;

function folder(): string {
  const path = join(root, String(folders++));
  mkdirSync(path);
  return path;
}

function idx(type: number, shape: readonly number[], elements: readonly number[]): Uint8Array {
  const sizes = shape.flatMap((size) => [size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...elements]);
}

const pixels = [0, 51, 102, 153, 204, 255, 0, 255];

describe('IDX', () => {
  it.each(['', '.gz'])('reads images and their labels, plain or gzip: %s', async (end) => {
    const pack = (bytes: Uint8Array) => (end === '' ? bytes : gzipSync(bytes));
    const at = folder();
    const path = write(at, `t10k-images-idx3-ubyte${end}`, pack(idx(8, [2, 2, 2], pixels)));
    write(at, `t10k-labels-idx1-ubyte${end}`, pack(idx(8, [2], [7, 3])));
    const { data, x, y } = await readAll({ path });
    expect(data).toMatchObject({ kind: 'image', shape: [1, 2, 2], range: [0, 1], unit: 255, count: 2, classes: null });
    expect(x.map((value) => Math.round(value * 255))).toEqual(pixels);
    expect(y).toEqual([7, 3]);
    // The folder stands for its image file.
    expect((await readAll({ path: at })).data.sha256).toBe(data.sha256);
  });

  it('prefers the test set of a folder', async () => {
    const at = folder();
    for (const [set, label] of [
      ['train', 1],
      ['t10k', 2],
    ] as const) {
      write(at, `${set}-images-idx3-ubyte`, idx(8, [1, 2, 2], [1, 2, 3, 4]));
      write(at, `${set}-labels-idx1-ubyte`, idx(8, [1], [label]));
    }
    expect((await readAll({ path: at })).y).toEqual([2]);
  });

  it('reads wider elements and labels from another place', async () => {
    const at = folder();
    const path = write(at, 'images-idx2-ubyte', idx(0x0b, [2, 3], [0, 1, 0, 2, 0, 3, 255, 255, 1, 0, 0, 0]));
    write(at, 'answers', idx(0x0c, [2], [0, 0, 0, 1, 0, 0, 1, 0]));
    const { x, y } = await readAll({ path, labels: join(at, 'answers'), layout: 'flat' });
    expect([x, y]).toEqual([
      [1, 2, 3, -1, 256, 0],
      [1, 256],
    ]);
  });
});

describe('hostile IDX', () => {
  const pair = (images: Uint8Array, labels: Uint8Array = idx(8, [2], [0, 1]), end = '') => {
    const at = folder();
    write(at, `labels-idx1-ubyte${end}`, labels);
    return { path: write(at, `images-idx3-ubyte${end}`, images) };
  };
  const good = idx(8, [2, 2, 2], pixels);

  it('refuses a wrong magic number', async () => {
    await expectError(readAll(pair(Uint8Array.from([1, 2, 3, 4, 5]))), 'data/idx-header', /magic/);
    await expectError(readAll(pair(idx(0x77, [2, 2, 2], pixels))), 'data/idx-header', /magic/);
    await expectError(readAll(pair(new Uint8Array(2))), 'data/truncated');
  });

  it('refuses a header that declares more, or less, than the file holds', async () => {
    await expectError(readAll(pair(idx(8, [200_000_000, 28, 28], pixels))), 'data/idx-header', /does not hold/);
    await expectError(readAll(pair(idx(8, [0x7fffffff, 0x7fffffff, 0x7fffffff], pixels))), 'data/idx-header');
    await expectError(readAll(pair(idx(8, [1, 2, 2], pixels))), 'data/idx-header');
    const gzip = (bytes: Uint8Array) => gzipSync(bytes);
    const labels = gzip(idx(8, [2], [0, 1]));
    await expectError(readAll(pair(gzip(idx(8, [2, 2, 2], pixels.slice(1))), labels, '.gz')), 'data/truncated');
    await expectError(
      readAll(pair(gzip(idx(8, [2, 2, 2], [...pixels, 1])), labels, '.gz')),
      'data/corrupt',
      /more bytes/,
    );
    await expectError(readAll(pair(gzip(good).subarray(0, 20), labels, '.gz')), 'data/corrupt');
    await expectError(readAll(pair(good, labels, '.gz')), 'data/corrupt');
  });

  it('refuses labels that are missing, too few, swapped or out of range', async () => {
    const alone = write(folder(), 'images-idx3-ubyte', good);
    await expectError(readAll({ path: alone }), 'data/no-labels', /labels-idx1-ubyte/);
    await expectError(readAll(pair(good, idx(8, [1], [0]))), 'data/count-mismatch');
    await expectError(readAll(pair(good, good)), 'data/idx-header', /3 dimensions/);
    await expectError(readAll(pair(good), { classes: ['a'] }), 'data/label-out-of-range');
  });
});
