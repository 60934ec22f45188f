import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/engine/data/open';
import { writeNpz } from '../../../src/engine/data/write';
import { chunksOf } from '../../../src/engine/evaluate/examples';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'targets-'));
});
afterAll(() => rm(folder, { recursive: true }));

const n = 150;
const x = Float32Array.from({ length: n * 3 }, (_, i) => i / 10);
const targets = Float32Array.from({ length: n * 2 }, (_, i) => Math.sin(i));
const options = { answers: 'targets' } as const;

describe('data with targets', () => {
  it('come from an archive, one row of numbers an example', async () => {
    const path = join(folder, 'wide.npz');
    await writeNpz(path, { x: { values: x, shape: [n, 3] }, y: { values: targets, shape: [n, 2] } });
    const dataset = await openDataset({ path }, folder, options);
    expect(dataset.targets).toBe(2);
    // Twice: the second reading comes from memory.
    for (let reading = 0; reading < 2; reading++) {
      const seen: number[] = [];
      for await (const batch of dataset.batches(64)) {
        expect(batch.y.every((label) => label === 0)).toBe(true);
        seen.push(...batch.targets!);
      }
      expect(seen).toEqual([...targets]);
    }
    const chunks = [];
    for await (const chunk of chunksOf(dataset, [Int32Array.of(3, 70), Int32Array.of(149)])) chunks.push(chunk);
    expect([...chunks[0]!.targets!]).toEqual([...targets.subarray(6, 8), ...targets.subarray(140, 142)]);
    expect([...chunks[1]!.targets!]).toEqual([...targets.subarray(298, 300)]);
  });

  it('come from a column of a table', async () => {
    const path = join(folder, 'table.csv');
    await writeFile(path, 'area,rooms,price\n10.5,2,-1.25\n20,3,7e2\n');
    const dataset = await openDataset({ path, labels: 'price' }, folder, options);
    expect(dataset.features).toEqual(['area', 'rooms']);
    for await (const batch of dataset.batches(2)) {
      expect([...batch.x]).toEqual([10.5, 2, 20, 3]);
      expect([...batch.targets!]).toEqual([-1.25, 700]);
    }
  });

  it('are refused where they are no numbers', async () => {
    const table = join(folder, 'text.csv');
    await writeFile(table, 'a,price\n1,2\n3,dear\n');
    await expect(openDataset({ path: table, labels: 'price' }, folder, options)).rejects.toMatchObject({
      code: 'data/csv-not-a-number',
    });
    await writeFile(table, 'a,price\n1,2\n3,1e300\n');
    await expect(openDataset({ path: table, labels: 'price' }, folder, options)).rejects.toMatchObject({
      code: 'data/not-finite',
    });
    const path = join(folder, 'nan.npz');
    const y = Float32Array.of(1, Number.NaN);
    await writeNpz(path, { x: { values: x.slice(0, 6), shape: [2, 3] }, y: { values: y, shape: [2] } });
    await expect(openDataset({ path }, folder, options)).rejects.toMatchObject({ code: 'data/not-finite' });
  });

  it('are not looked for in formats of labelled images', async () => {
    const path = join(folder, 'data.bin');
    await writeFile(path, new Uint8Array(3073));
    await expect(openDataset({ path }, folder, options)).rejects.toMatchObject({ code: 'data/no-targets' });
  });

  it('keep a fraction from being read as a class', async () => {
    const path = join(folder, 'labels.csv');
    await writeFile(path, 'a,y\n1,0.5\n2,1\n');
    const hint = expect.stringContaining('task: regression');
    await expect(openDataset({ path }, folder)).rejects.toMatchObject({ code: 'data/label-not-class', hint });
  });
});
