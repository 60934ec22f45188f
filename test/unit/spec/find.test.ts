import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findSpecFor } from '../../../src/engine/spec/find';

const outside = mkdtempSync(join(tmpdir(), 'robustness-find-'));
afterAll(() => rm(outside, { recursive: true, force: true }));
const root = join(outside, 'root');
mkdirSync(join(root, 'models/deep'), { recursive: true });
const put = (name: string, text: string) => {
  writeFileSync(join(root, name), text);
  return join(root, name);
};
const data = 'data: {test: {path: d}}';

describe('finding the spec of a model', () => {
  it('finds none, then the nearest, then the one that names the model', async () => {
    const model = join(root, 'models/deep/a.onnx');
    writeFileSync(join(outside, 'robustness.yaml'), `model: root/models/deep/a.onnx\n${data}`);
    expect(await findSpecFor(model, root)).toBeNull();
    const top = put('robustness.yaml', `models: [models/other.onnx, models/deep/b.onnx]\n${data}`);
    expect(await findSpecFor(model, root)).toBe(top);
    const broken = put('models/robustness.yaml', 'model: [unclosed');
    expect(await findSpecFor(model, root)).toBe(broken);
    // The one that names a model wins over a nearer one that does not.
    expect(await findSpecFor(join(root, 'models/deep/b.onnx'), root)).toBe(top);
    const own = put('models/deep/a.robustness.yaml', `model: ./a.onnx\n${data}`);
    expect(await findSpecFor(model, root)).toBe(own);
  });

  it('looks in the folder of a model outside of the root, and no further', async () => {
    expect(await findSpecFor(join(outside, 'x.onnx'), root)).toBe(join(outside, 'robustness.yaml'));
    mkdirSync(join(outside, 'elsewhere'));
    expect(await findSpecFor(join(outside, 'elsewhere/x.onnx'), root)).toBeNull();
  });
});
