import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openModel } from '../../../src/engine/model';
import { bytesOf, TestModel } from '../onnx/model';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedding-'));
});
afterAll(() => rm(folder, { recursive: true }));

const options = {
  preprocess: { mean: [1], std: [2], layout: 'flat', channels: 'rgb' },
  exampleShape: [2],
  kind: 'vector',
  threads: 1,
} as const;

async function opened(name: string, build: (model: TestModel) => string) {
  const model = new TestModel(['N', 2]);
  const path = join(folder, name);
  await writeFile(path, bytesOf(model.finish(build(model), ['N', 2], 13)));
  return openModel(path, options);
}

it('is what goes into the last linear layer, behind pre-processing and through a last Softmax', async () => {
  const model = await opened('deep.onnx', (m) => {
    const hidden = m.op('Relu', [m.op('MatMul', ['x', m.builder.floats([1, 0, -1, 0, 1, 1], [2, 3])])]);
    const logits = m.op('Add', [
      m.op('MatMul', [hidden, m.builder.floats([1, 2, 3, 4, 5, 6], [3, 2])]),
      m.builder.floats([0.5, -0.5], [2]),
    ]);
    return m.op('Softmax', [logits]);
  });
  const embedding = (await model.embedding())!;
  try {
    expect(embedding.size).toBe(3);
    // More than a batch; ((3, 5) − 1) / 2 = (1, 2), of which relu(1, 2, −1 + 2).
    const rows = await embedding.rows(Float32Array.from({ length: 2 * 70 }, (_, i) => (i % 2 === 0 ? 3 : 5)));
    expect(rows).toHaveLength(3 * 70);
    expect([...rows.subarray(0, 3), ...rows.subarray(-3)]).toEqual([1, 2, 1, 1, 2, 1]);
  } finally {
    await embedding.release();
    await model.release();
  }
});

it('is not the data of a linear model, and not what two branches make', async () => {
  const flat = await opened('flat.onnx', (m) => m.op('MatMul', ['x', m.builder.floats([1, 2, 3, 4], [2, 2])]));
  expect(await flat.embedding()).toBeNull();
  await flat.release();
  const branched = await opened('branched.onnx', (m) => m.op('Add', [m.op('Relu', ['x']), m.op('Tanh', ['x'])]));
  expect(await branched.embedding()).toBeNull();
  await branched.release();
});
