import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileBytes } from '../../../src/engine/data/bytes';
import { readGroups } from '../../../src/engine/data/groups';
import { openNpyText } from '../../../src/engine/data/npy';
import { openDataset } from '../../../src/engine/data/open';
import { encodeNpy } from '../../../src/engine/data/write';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'groups-'));
});
afterAll(() => rm(root, { recursive: true }));

async function csv(name: string, text: string): Promise<{ path: string; groups: string }> {
  await writeFile(join(root, name), text);
  return { path: name, groups: 'site' };
}

describe('groups of a table', () => {
  it('are a column of text, which is no feature', async () => {
    const source = await csv('a.csv', 'a,site,b,label\n1,north,2,0\n3,south,4,1\n5,,6,0\n');
    const dataset = await openDataset(source, root);
    expect(dataset.features).toEqual(['a', 'b']);
    expect(await readGroups(source, root, dataset)).toEqual(['north', 'south', '(none)']);
    expect(await readGroups(source, root, { ...dataset, count: 2 })).toEqual(['north', 'south']);
  });

  it('may be the labels themselves', async () => {
    const source = { ...(await csv('b.csv', 'a,label\n1,0\n3,1\n')), groups: 'label' };
    const dataset = await openDataset(source, root);
    expect(await readGroups(source, root, dataset)).toEqual(['0', '1']);
    expect(dataset.features).toEqual(['a']);
  });

  it('must be a column that there is, of few values', async () => {
    const source = { ...(await csv('c.csv', 'a,label\n1,0\n3,1\n')), groups: 'site' };
    const dataset = await openDataset(source, root);
    await expect(readGroups(source, root, dataset)).rejects.toMatchObject({ code: 'data/no-such-column' });
    const many = Array.from({ length: 201 }, (_, i) => `${i}.5,${i % 2}`).join('\n');
    const measured = { ...(await csv('d.csv', `site,label\n${many}\n`)), groups: 'site' };
    await expect(readGroups(measured, root, { count: 201 })).rejects.toMatchObject({ code: 'data/group-many' });
    await expect(readGroups(measured, root, { count: 300 })).rejects.toMatchObject({ code: 'data/group-count' });
  });
});

/** A numpy array of text, as numpy.save writes it. */
function textArray(descr: string, shape: string, body: Buffer): Buffer {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length + 1);
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(`${padded}\n`), body]);
}

function utf32(words: readonly string[], width: number): Buffer {
  const body = Buffer.alloc(4 * width * words.length);
  for (const [w, word] of words.entries()) {
    for (const [i, letter] of [...word].entries()) body.writeUInt32LE(letter.codePointAt(0) ?? 0, 4 * (w * width + i));
  }
  return body;
}

describe('groups of an archive', () => {
  const open = async (groups: Uint8Array) => {
    await writeFile(
      join(root, 'x.npz'),
      zipSync({
        'x.npy': encodeNpy({ shape: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) }),
        'y.npy': encodeNpy({ shape: [3], values: Int32Array.of(0, 1, 0) }),
        'site.npy': groups,
      }),
    );
    const source = { path: 'x.npz', groups: 'site' };
    return readGroups(source, root, await openDataset(source, root));
  };

  it('are texts or numbers', async () => {
    expect(await open(textArray('<U6', '(3,)', utf32(['Zürich', 'b', ''], 6)))).toEqual(['Zürich', 'b', '(none)']);
    expect(await open(textArray('|S2', '(3,)', Buffer.from('ab\0\0c\0')))).toEqual(['ab', '(none)', 'c']);
    expect(await open(encodeNpy({ shape: [3], values: Int32Array.of(7, 7, -1) }))).toEqual(['7', '7', '-1']);
  });

  it('are one an example', async () => {
    await expect(open(encodeNpy({ shape: [2], values: Int32Array.of(7, 7) }))).rejects.toMatchObject({
      code: 'data/group-count',
    });
    await expect(open(encodeNpy({ shape: [3, 1], values: Int32Array.of(7, 7, 7) }))).rejects.toMatchObject({
      code: 'data/group-shape',
    });
  });

  it('hostile headers get a typed error', async () => {
    for (const [descr, shape] of [
      ['<U0', '(3,)'],
      ['<U999999', '(3,)'],
      ['<U2', '(999999999999,)'],
      ['<U2', '(3'],
    ] as const) {
      await writeFile(join(root, 'hostile.npy'), textArray(descr, shape, Buffer.alloc(24)));
      const bytes = await fileBytes(join(root, 'hostile.npy'));
      await expect(openNpyText(bytes), descr + shape).rejects.toMatchObject({ code: 'data/npy-header' });
    }
  });
});

describe('groups of images', () => {
  it('are the folders below those of the classes', async () => {
    const pixel = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
      'base64',
    );
    for (const file of ['cat/day/1.png', 'cat/night/1.png', 'dog/day/1.png', 'dog/1.png']) {
      await mkdir(join(root, 'images', file, '..'), { recursive: true });
      await writeFile(join(root, 'images', file), pixel);
    }
    const source = { path: 'images', groups: 'folder' };
    const dataset = await openDataset(source, root);
    expect(await readGroups(source, root, dataset)).toEqual(['day', 'night', '(none)', 'day']);
    await expect(readGroups({ ...source, groups: 'site' }, root, dataset)).rejects.toMatchObject({
      code: 'data/group-unknown',
    });
  });
});
