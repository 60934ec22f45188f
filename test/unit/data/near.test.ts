import { mkdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findDataNear } from '../../../src/engine/data/near';
import { writeNpz } from '../../../src/engine/data/write';
import { temporaryFolder, write } from './files';

const outside = temporaryFolder();
const root = join(outside, 'workspace');
for (const folder of ['models', 'data/digits', 'node_modules/data', 'data/.hidden'])
  mkdirSync(join(root, folder), { recursive: true });

const arrays = { x: { shape: [1, 1], values: Float32Array.of(1) }, y: { shape: [1], values: Int32Array.of(0) } };
const model = write(join(root, 'models'), 'digits-plain.onnx', '');
for (const file of [
  'data/test.npz',
  'data/train.npz',
  'data/digits/test.npz',
  'node_modules/data/x.npz',
  'data/.hidden/x.npz',
  '../out.npz',
]) {
  await writeNpz(join(root, file), arrays);
}
write(root, 'results.csv', 'a,b\n1,2\n');
write(root, 'README.md', 'text');
symlinkSync(join(outside, 'out.npz'), join(root, 'data/link.npz'));

describe('data near a model', () => {
  it('are found within the root, best first', async () => {
    const found = await findDataNear(model, [root]);
    expect(found.map(({ source }) => relative(root, source.path))).toEqual([
      'data/digits/test.npz',
      'data/test.npz',
      'data/train.npz',
      'results.csv',
    ]);
    expect(found.every(({ source }) => source.format !== undefined)).toBe(true);
    expect(found.every(({ score }, i) => i === 0 || score <= found[i - 1]!.score)).toBe(true);
  });

  it('are not looked for outside of the root', async () => {
    expect(await findDataNear(model, [join(root, 'models')])).toEqual([]);
  });
});
