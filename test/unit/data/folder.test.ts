import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { expectError, readAll, temporaryFolder, write } from './files';

const root = temporaryFolder();
let folders = 0;

function folder(...names: string[]): string {
  const path = join(root, String(folders++));
  mkdirSync(path);
  for (const name of names) mkdirSync(join(path, name));
  return path;
}

type Colour = readonly [number, number, number];

function png(width: number, height: number, colour: Colour, colorType: 0 | 2 | 6 = 2): Uint8Array {
  const image = new PNG({ width, height });
  for (let i = 0; i < width * height; i++) image.data.set([...colour, 255], 4 * i);
  return PNG.sync.write(image, { colorType });
}

function jpg(width: number, height: number, colour: Colour): Uint8Array {
  const data = Buffer.alloc(4 * width * height);
  for (let i = 0; i < width * height; i++) data.set([...colour, 255], 4 * i);
  return jpeg.encode({ data, width, height }, 95).data;
}

describe('image folder', () => {
  it('takes sub-folders as classes, PNG and JPEG, colour if any image has it', async () => {
    const at = folder('dog', 'cat', '.hidden');
    write(at, 'dog/1.png', png(2, 1, [255, 0, 51]));
    write(at, 'cat/b.jpg', jpg(2, 1, [100, 100, 100]));
    write(at, 'cat/a.PNG', png(2, 1, [102, 102, 102], 0));
    write(at, 'cat/notes.txt', 'not an image');
    const { data, x, y } = await readAll({ path: at }, {}, 1);
    expect(data).toMatchObject({ kind: 'image', shape: [3, 1, 2], classes: ['cat', 'dog'], unit: 255, range: [0, 1] });
    expect(y).toEqual([0, 0, 1]);
    expect(x.slice(0, 6)).toEqual(Array(6).fill(Math.fround(0.4)));
    for (const value of x.slice(6, 12)) expect(value).toBeCloseTo(100 / 255, 1);
    expect(x.slice(12)).toEqual([1, 1, 0, 0, 0.2, 0.2].map(Math.fround));
  });

  it('takes folders called by numbers as class indices, and finds images deeper down', async () => {
    const at = folder('2', '10');
    mkdirSync(join(at, '10/deep'));
    write(at, '10/deep/x.png', png(1, 1, [0, 0, 0]));
    write(at, '2/x.png', png(1, 1, [0, 0, 0]));
    const { data, y } = await readAll({ path: at });
    expect([[...y].sort(), data.classes]).toEqual([[10, 2], null]);
    expect(data.inferred.join()).toContain('class indices');
  });

  it('takes a list of files and labels, with names of classes', async () => {
    const at = folder();
    write(at, 'a.png', png(1, 1, [1, 1, 1], 0));
    write(at, 'b.png', png(1, 1, [2, 2, 2], 0));
    write(at, 'labels.csv', 'Width,Path,ClassId,name\n1,b.png,1,one\n1,a.png,0,zero\n');
    const { data, x, y } = await readAll({ path: at });
    expect([y, data.classes, data.shape]).toEqual([
      [1, 0],
      ['zero', 'one'],
      [1, 1, 1],
    ]);
    expect(x.map((value) => Math.round(value * 255))).toEqual([2, 1]);
    expect((await readAll({ path: join(at, 'labels.csv') })).y).toEqual([1, 0]);
  });

  it('resizes and greys as the spec says', async () => {
    const at = folder('a');
    write(at, 'a/1.png', png(3, 5, [255, 0, 0]));
    write(at, 'a/2.png', png(4, 4, [0, 0, 255]));
    await expectError(readAll({ path: at }), 'data/image-sizes', /3×5 and 4×4/);
    const { data, x } = await readAll({ path: at }, { resize: [2, 2], channels: 'gray' });
    expect(data.shape).toEqual([1, 2, 2]);
    // ITU-R 601: 0.299 of red, 0.114 of blue.
    expect(x.map((value) => Math.round(value * 255))).toEqual([76, 76, 76, 76, 29, 29, 29, 29]);
  });

  it('changes its hash with any file, and with the list', async () => {
    const at = folder('a');
    write(at, 'a/1.png', png(1, 1, [1, 2, 3]));
    const before = (await readAll({ path: at })).data.sha256;
    write(at, 'a/1.png', png(1, 1, [1, 2, 4]));
    expect((await readAll({ path: at })).data.sha256).not.toBe(before);
  });
});

describe('hostile image folder', () => {
  const one = (content: Uint8Array | string, name = '1.png') => {
    const at = folder('a');
    write(at, `a/${name}`, content);
    return { path: at };
  };

  it('refuses what is no image', async () => {
    await expectError(readAll(one('not an image')), 'data/not-an-image', /1\.png/);
    await expectError(readAll(one(jpg(8, 8, [1, 2, 3]).subarray(0, 12), '1.jpg')), 'data/not-an-image');
    await expectError(readAll(one(png(9, 9, [1, 2, 3]).subarray(0, 60))), 'data/not-an-image');
    const lying = png(4, 4, [1, 2, 3]);
    new DataView(lying.buffer, lying.byteOffset).setUint32(16, 4000);
    await expectError(readAll(one(lying)), 'data/not-an-image');
  });

  it('refuses an image that declares 60000×60000 pixels, without allocating them', async () => {
    const huge = png(1, 1, [0, 0, 0]);
    const view = new DataView(huge.buffer, huge.byteOffset);
    view.setUint32(16, 60_000);
    view.setUint32(20, 60_000);
    const before = process.memoryUsage().arrayBuffers;
    await expectError(readAll(one(huge)), 'data/image-too-large', /60000×60000/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 2 ** 20);
    const wide = jpg(8, 8, [0, 0, 0]);
    const start = Buffer.from(wide).indexOf(Buffer.from([0xff, 0xc0]));
    new DataView(wide.buffer, wide.byteOffset).setUint32(start + 5, 0xea60ea60);
    await expectError(readAll(one(wide, '1.jpg')), 'data/image-too-large');
  });

  it('refuses folders without classes and lists that lead out of the folder', async () => {
    await expectError(readAll({ path: folder(), format: 'folder' }), 'data/no-classes');
    await expectError(readAll({ path: folder('empty'), format: 'folder' }), 'data/no-classes');
    await expectError(readAll({ path: folder() }), 'data/unknown-format');
    for (const name of ['../secret.png', '/etc/passwd.png', 'a/../../x.png']) {
      const at = folder();
      write(at, 'labels.csv', `file,label\n${name},0\n`);
      await expectError(readAll({ path: at }), 'data/path-outside', /Line 2/);
    }
    const at = folder();
    write(at, 'labels.csv', 'file,label\nmissing.png,0\n');
    await expectError(readAll({ path: at }), 'data/not-found', /missing/);
  });

  it('refuses classes that the spec does not have', async () => {
    await expectError(readAll(one(png(1, 1, [0, 0, 0])), { classes: ['b', 'c'] }), 'data/label-out-of-range', /“a”/);
  });

  it('refuses paths that do not exist', async () => {
    await expectError(readAll({ path: join(root, 'nowhere') }), 'data/not-found');
  });
});
