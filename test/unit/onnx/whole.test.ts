import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectModel, openModel } from '../../../src/engine/model';
import { bytesOf, TestModel } from './model';

const preprocess = { mean: [0], std: [1], layout: 'flat', channels: 'rgb' } as const;
let folder: string;
let file: string;

/** y = (x + c)ᵀ·x flattened: two rows that are no batch, since each meets its own constant and the other row. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'whole-'));
  file = path.join(folder, 'unbatched.onnx');
  const model = new TestModel([2, 3]);
  const shifted = model.op('Add', ['x', model.builder.floats([1, 2, 3, -1, -2, -3], [2, 3])]);
  const product = model.op('MatMul', [model.op('Transpose', [shifted], { perm: [1, 0] }), 'x']);
  await writeFile(file, bytesOf(model.finish(product, [3, 3], 18)));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a model without a batch dimension', () => {
  it('takes all of its input as one example', async () => {
    const { facts } = await inspectModel(file);
    expect(facts.batch).toBe('fixed-1');
    expect(facts.inputs[0]?.shape).toEqual([2, 3]);
    expect(facts.gradient.available).toBe(true);
  });

  it('is differentiated, and run by the verifier as it is in the file', async () => {
    const opened = await openModel(file, { preprocess, exampleShape: [6], kind: 'vector' });
    const { oracle, original } = opened;
    const x = Float32Array.of(0.3, -0.2, 0.7, 1.1, -0.4, 0.2, -0.5, 0.9, 0.1, 0.6, 0.8, -1);
    const [ours, file_] = [await oracle.logits(x), await original.predict(x)];
    expect(ours.length).toBe(18);
    expect([...ours]).toEqual([...file_]);
    const y = Int32Array.of(2, 5);
    const { gradient } = await oracle.gradient(x, y, 'margin');
    for (const [i, g] of gradient.entries()) {
      const at = async (step: number) => {
        const moved = x.slice();
        moved[i]! += step;
        const { loss } = await oracle.gradient(moved, y, 'margin');
        return loss[Math.floor(i / 6)]!;
      };
      expect(g).toBeCloseTo(((await at(1e-3)) - (await at(-1e-3))) / 2e-3, 2);
    }
    await opened.release();
  });

  it('is refused where an example of the data is one of its rows', async () => {
    const opening = openModel(file, { preprocess, exampleShape: [3], kind: 'vector' });
    await expect(opening).rejects.toMatchObject({ code: 'model/fixed-batch' });
  });
});
