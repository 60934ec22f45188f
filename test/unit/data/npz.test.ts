import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { fromHalf } from '../../../src/engine/data/elements';
import { encodeNpy, type WritableArray, writeNpz } from '../../../src/engine/data/write';
import { expectError, readAll, temporaryFolder, write } from './files';

const folder = temporaryFolder();
let files = 0;

async function npz(arrays: Record<string, WritableArray>): Promise<string> {
  const path = join(folder, `${files++}.npz`);
  await writeNpz(path, arrays);
  return path;
}

const labels = (...values: number[]): WritableArray => ({ shape: [values.length], values: Int32Array.from(values) });

/** An .npy with any header and body. */
function npy(header: string, body: Uint8Array): Uint8Array {
  const text = `${header}\n`;
  return Uint8Array.from([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    text.length & 255,
    text.length >> 8,
    ...Buffer.from(text),
    ...body,
  ]);
}

const header = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

describe('npz', () => {
  it('gives any float32 array back, in batches of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 12 }),
        fc.infiniteStream(fc.float({ noNaN: true, noDefaultInfinity: true })),
        async (count, width, size, stream) => {
          const values = Float32Array.from({ length: count * width }, () => stream.next().value as number);
          const y = Array.from({ length: count }, (_, i) => i % 3);
          const path = await npz({ x: { shape: [count, width], values }, y: labels(...y) });
          const read = await readAll({ path }, {}, size);
          // -0 + 0 is 0: the sign of zero is of no consequence.
          expect(read.x.map((v) => v + 0)).toEqual([...values].map((v) => v + 0));
          expect(read.y).toEqual(y);
          expect(read.data.shape).toEqual([width]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('reads uint8 images in [0, 1], channels first whatever the file has', async () => {
    // Two images of height 2, width 1 and 3 channels, channels last.
    const path = await npz({
      images: { shape: [2, 2, 1, 3], values: Uint8Array.from([0, 51, 102, 153, 204, 255, 255, 0, 0, 0, 0, 51]) },
      labels: labels(4, 9),
    });
    const { data, x, y } = await readAll({ path });
    expect(data).toMatchObject({ kind: 'image', shape: [3, 2, 1], range: [0, 1], unit: 255, count: 2 });
    const expected = [0, 0.6, 0.2, 0.8, 0.4, 1, 1, 0, 0, 0, 0, 0.2];
    x.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
    expect(y).toEqual([4, 9]);
    expect(data.inferred.join('; ')).toContain('hwc');
  });

  it.each([
    ['f2', [0x00, 0x3c, 0x00, 0xc0], [1, -2]],
    ['>f4', [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0], [1, -2]],
    ['<f8', [...new Uint8Array(Float64Array.of(0.5, -3).buffer)], [0.5, -3]],
    ['|i1', [1, 0xfe], [1, -2]],
    ['>i2', [0, 1, 0xff, 0xfe], [1, -2]],
    ['<u2', [1, 0, 0, 1], [1, 256]],
    ['<i8', [...new Uint8Array(BigInt64Array.of(7n, -7n).buffer)], [7, -7]],
    ['|b1', [0, 1], [0, 1]],
  ])('reads elements of type %s', async (descr, bytes, expected) => {
    const x = npy(header(descr, '(2, 1)'), Uint8Array.from(bytes));
    const path = write(folder, `${files++}.npz`, zipSync({ 'x.npy': x, 'y.npy': encodeNpy(labels(0, 1)) }));
    expect((await readAll({ path })).x).toEqual(expected);
  });

  it('reads half-precision numbers of every class', () => {
    expect([0x0000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x8400].map(fromHalf)).toEqual([
      0,
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      65504,
      -(2 ** -14),
    ]);
    expect(fromHalf(0xfc00)).toBe(Number.NEGATIVE_INFINITY);
    expect(fromHalf(0x7e00)).toBeNaN();
  });

  it('reads stored members, as numpy.savez writes them', async () => {
    const x = encodeNpy({ shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) });
    const bytes = zipSync({ 'x.npy': [x, { level: 0 }], 'y.npy': [encodeNpy(labels(1, 0)), { level: 0 }] });
    const { x: values, y } = await readAll({ path: write(folder, 'stored.npz', bytes) });
    expect(values).toEqual([1, 2, 3, 4]);
    expect(y).toEqual([1, 0]);
  });

  it('takes arrays by the names that the spec gives, and one-hot labels', async () => {
    const path = await npz({
      first: { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) },
      hot: { shape: [2, 3], values: Uint8Array.of(0, 0, 1, 1, 0, 0) },
    });
    expect((await readAll({ path, inputs: 'first', labels: 'hot' })).y).toEqual([2, 0]);
    await expectError(readAll({ path }), 'data/no-such-array', /usual name/);
    await expectError(readAll({ path, inputs: 'third' }), 'data/no-such-array', /third/);
  });

  it.each([
    [[0, 0.5, 1], [0, 1], 1],
    [[0, 17.5, 200], [0, 1], 255],
    [[-1, 0, 0.7], [-1, 1], 1],
    [[-2.1, 0, 2.6], null, 1],
  ])('infers the range of float images with values %j', async (values, range, unit) => {
    const path = await npz({ x: { shape: [1, 1, 1, 3], values: Float32Array.from(values) }, y: labels(0) });
    // [1, 1, 3] has one dimension that is not 1: a vector, unless it is said to be an image.
    const { data } = await readAll({ path, layout: 'chw' });
    expect(data).toMatchObject({ kind: 'image', range, unit });
    expect(data.inferred.join('; ')).toContain('values run from');
    expect((await readAll({ path })).data).toMatchObject({ kind: 'vector', range: null, unit: 1 });
  });

  it('obeys limits and ranges of batches, and gives the same whether kept in memory or not', async () => {
    const path = await npz({
      x: { shape: [10, 1], values: Float32Array.from({ length: 10 }, (_, i) => i) },
      y: labels(...Array(10).fill(0)),
    });
    const { data } = await readAll({ path, limit: 8 }, { limit: 6 });
    expect([data.count, data.available]).toEqual([6, 10]);
    const slice = async () => {
      const found: number[][] = [];
      for await (const batch of data.batches(2, { start: 1, end: 9 })) found.push([batch.start, ...batch.x]);
      return found;
    };
    const expected = [
      [1, 1, 2],
      [3, 3, 4],
      [5, 5],
    ];
    expect(await slice()).toEqual(expected);
    await data.close();
    expect(await slice()).toEqual(expected);
  });

  it('stops when it is told to, and serves two readers at once', async () => {
    const values = Float32Array.from({ length: 6 }, (_, i) => i);
    const path = await npz({ x: { shape: [6, 1], values }, y: labels(0, 0, 0, 0, 0, 0) });
    const { data } = await readAll({ path });
    await data.close();
    const abort = new AbortController();
    const seen: number[] = [];
    const reading = async () => {
      for await (const batch of data.batches(1, { signal: abort.signal })) {
        seen.push(...batch.x);
        if (seen.length === 2) abort.abort();
      }
    };
    await expect(reading()).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toEqual([0, 1]);
    const pairs: number[] = [];
    const other = data.batches(1)[Symbol.asyncIterator]();
    for await (const batch of data.batches(1)) pairs.push(batch.x[0]!, (await other.next()).value.x[0]);
    expect(pairs).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  });

  it('reads a pair of .npy files', async () => {
    write(folder, 'x_test.npy', encodeNpy({ shape: [2, 1], values: Float32Array.of(5, 6) }));
    write(folder, 'y_test.npy', encodeNpy({ shape: [2], values: BigInt64Array.of(1n, 0n) }));
    const { x, y, data } = await readAll({ path: join(folder, 'x_test.npy') });
    expect([x, y]).toEqual([
      [5, 6],
      [1, 0],
    ]);
    expect(data.inferred).toContain('labels are in y_test.npy');
  });

  it('hashes as sha256sum does', async () => {
    const path = await npz({ x: { shape: [1, 2], values: Float32Array.of(1, 2) }, y: labels(0) });
    const expected = execFileSync('sha256sum', [path]).toString().split(' ')[0];
    expect((await readAll({ path })).data.sha256).toBe(expected);
  });
});

describe('hostile npz', () => {
  const good = encodeNpy({ shape: [1, 2], values: Float32Array.of(1, 2) });
  const y = encodeNpy(labels(0));
  const archive = (x: Uint8Array, other: Uint8Array = y) =>
    ({ path: write(folder, `${files++}.npz`, zipSync({ 'x.npy': x, 'y.npy': other })) }) as const;

  it('refuses headers that lie', async () => {
    await expectError(
      readAll(archive(npy(header('<f4', '(1000000, 1000000)'), new Uint8Array(8)))),
      'data/npy-header',
      /1000000000000|4000000000000/,
    );
    await expectError(
      readAll(archive(npy(header('<f4', '(99999999999999999999, 9)'), new Uint8Array(8)))),
      'data/npy-header',
    );
    await expectError(readAll(archive(npy(header('<f4', '(1, 1)'), new Uint8Array(8)))), 'data/npy-header');
    await expectError(readAll(archive(npy("{'descr': '<f4'}", new Uint8Array(8)))), 'data/npy-header', /shape/);
    await expectError(readAll(archive(npy("{'shape': (1, 2)}", new Uint8Array(8)))), 'data/npy-header', /type/);
    await expectError(
      readAll(archive(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]))),
      'data/npy-header',
      /magic/,
    );
    await expectError(readAll(archive(new Uint8Array(3))), 'data/truncated');
  });

  it('refuses what it cannot read, and never unpickles', async () => {
    await expectError(
      readAll(archive(npy(header('|O', '(1, 2)'), new Uint8Array(8)))),
      'data/unsupported',
      /never loaded/,
    );
    await expectError(readAll(archive(npy(header('<U10', '(1, 2)'), new Uint8Array(8)))), 'data/unsupported');
    await expectError(
      readAll(archive(npy(header('<f4', '(1, 2)', 'True'), new Uint8Array(8)))),
      'data/unsupported',
      /Fortran/,
    );
  });

  it('refuses labels that are none', async () => {
    const two = encodeNpy({ shape: [2, 1], values: Float32Array.of(1, 2) });
    await expectError(readAll(archive(two)), 'data/count-mismatch');
    await expectError(
      readAll(archive(good, encodeNpy({ shape: [1], values: Float32Array.of(0.5) }))),
      'data/label-not-class',
    );
    await expectError(readAll(archive(good, encodeNpy(labels(-1)))), 'data/label-out-of-range');
    await expectError(
      readAll(archive(good, encodeNpy({ shape: [1, 3], values: Uint8Array.of(1, 0, 1) }))),
      'data/label-not-class',
      /one-hot/,
    );
    await expectError(
      readAll(archive(good, encodeNpy(labels(2))), { classes: ['a', 'b'] }),
      'data/label-out-of-range',
      /example 0/,
    );
  });

  it('refuses values that are no numbers, or outside of the stated range', async () => {
    await expectError(
      readAll(archive(encodeNpy({ shape: [1, 2], values: Float32Array.of(1, Number.NaN) }))),
      'data/not-finite',
      /Example 0/,
    );
    await expectError(readAll(archive(good), { range: [0, 1] }), 'data/outside-range', /1 to 2/);
  });

  it('refuses archives that are cut off, at whatever byte', async () => {
    const bytes = readFileSync(archive(good).path);
    for (let length = 0; length < bytes.length; length += 31) {
      const path = write(folder, 'cut.npz', bytes.subarray(0, length));
      await expectError(readAll({ path }), 'data/not-a-zip');
    }
  });

  it('survives any one wrong byte', async () => {
    const bytes = readFileSync(archive(good).path);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, value) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = value;
        const path = write(folder, 'changed.npz', changed);
        // Either the change does no harm, or there is one typed error.
        await readAll({ path }).catch((error: { code?: string }) => expect(error.code).toMatch(/^data\//));
      }),
      { numRuns: 100 },
    );
  });

  it('refuses bombs: members that inflate to more than they declare, or declare the impossible', async () => {
    const bytes = zipSync({
      'x.npy': encodeNpy({ shape: [1, 100_000], values: new Float32Array(100_000) }),
      'y.npy': y,
    });
    const view = new DataView(bytes.buffer);
    // The first entry of the central directory: its declared size.
    const directory = view.getUint32(bytes.length - 6, true);
    const declared = (size: number, name: string) => {
      view.setUint32(directory + 24, size, true);
      return { path: write(folder, name, bytes) };
    };
    await expectError(readAll(declared(4 * 10 ** 9, 'impossible.npz')), 'data/corrupt', /declares/);
    await expectError(readAll(declared(200_000, 'small.npz')), 'data/npy-header');
    const honest = npy(header('<f4', '(1, 1000)'), new Uint8Array(400_000));
    const bomb = zipSync({ 'x.npy': honest, 'y.npy': y });
    new DataView(bomb.buffer).setUint32(
      new DataView(bomb.buffer).getUint32(bomb.length - 6, true) + 24,
      honest.length - 396_000,
      true,
    );
    await expectError(readAll({ path: write(folder, 'bomb.npz', bomb) }), 'data/corrupt', /more bytes/);
  });
});
