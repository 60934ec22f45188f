import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDataset } from '../../../src/engine/data/open';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unlabelled-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function valuesOf(path: string, resize?: [number, number]): Promise<{ shape: readonly number[]; x: number[][] }> {
  const data = await openDataset({ path }, folder, { answers: 'none', unit: 1, resize });
  const x: number[][] = [];
  for await (const batch of data.batches(2)) {
    const size = batch.x.length / batch.count;
    for (let i = 0; i < batch.count; i++) x.push([...batch.x.subarray(i * size, (i + 1) * size)]);
    expect([...batch.y].every((label) => label === 0)).toBe(true);
  }
  await data.close();
  return { shape: data.shape, x };
}

it('reads a table without labels whole, and leaves out a column that is called one', async () => {
  await writeFile(join(folder, 'plain.csv'), 'a,b\n1,2\n3,4.5\n5,6\n');
  expect(await valuesOf('plain.csv')).toEqual({
    shape: [2],
    x: [
      [1, 2],
      [3, 4.5],
      [5, 6],
    ],
  });
  await writeFile(join(folder, 'named.csv'), 'a,b,species\n1,2,?\n3,4.5,\n');
  expect(await valuesOf('named.csv')).toMatchObject({
    shape: [2],
    x: [
      [1, 2],
      [3, 4.5],
    ],
  });
});

it('reads IDX images that have no label file', async () => {
  const header = Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0, 8]);
  const pixels = Buffer.from(Array.from({ length: 128 }, (_, i) => i));
  await writeFile(join(folder, 'some-images-idx3-ubyte'), Buffer.concat([header, pixels]));
  const { shape, x } = await valuesOf('some-images-idx3-ubyte');
  expect(shape).toEqual([1, 8, 8]);
  expect(x.flat()).toEqual([...pixels]);
});

it('reads a folder of images without classes, and says when there are none', async () => {
  const pictures = (await readdir('docs/images')).filter((name) => name.endsWith('.png')).slice(0, 2);
  expect(pictures).toHaveLength(2);
  await mkdir(join(folder, 'pictures/deeper'), { recursive: true });
  await copyFile(join('docs/images', pictures[0]!), join(folder, 'pictures/a.png'));
  await copyFile(join('docs/images', pictures[1]!), join(folder, 'pictures/deeper/b.png'));
  const { shape, x } = await valuesOf('pictures', [8, 8]);
  expect(shape.slice(1)).toEqual([8, 8]);
  expect(x).toHaveLength(2);
  await mkdir(join(folder, 'empty'));
  await expect(openDataset({ path: 'empty', format: 'folder' }, folder, { answers: 'none' })).rejects.toMatchObject({
    code: 'data/empty',
  });
});
