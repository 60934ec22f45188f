import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModel } from '../../../src/engine/model';
import type { Heads } from '../../../src/engine/onnx/head';
import { bytesOf, TestModel, wave } from './model';

const weights = [0.5, -1, 2];
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** Sigmoid(w·x) of one output unit. */
async function writeUnit(path: string): Promise<void> {
  const model = new TestModel(['N', 3]);
  const w = model.builder.floats(weights, [3, 1]);
  const y = model.op('Sigmoid', [model.op('MatMul', ['x', w])]);
  await writeFile(path, bytesOf(model.finish(y, ['N', 1], 13)));
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'head-'));
  await writeUnit(join(folder, 'unit.onnx'));
});
afterAll(() => rm(folder, { recursive: true }));

const openAs = (heads: Heads) =>
  openModel(join(folder, 'unit.onnx'), {
    preprocess: { mean: [0], std: [1], layout: 'flat', channels: 'rgb' },
    exampleShape: [3],
    kind: 'vector',
    threads: 1,
    heads,
  });

describe('a model with one output unit', () => {
  const n = 4;
  const x = wave(3 * n);
  const z = Array.from({ length: n }, (_, i) => weights.reduce((sum, w, k) => sum + w * x[3 * i + k]!, 0));

  it('stands for two classes as a classifier, without its sigmoid', async () => {
    const { oracle, original, release } = await openAs('scores');
    const logits = await oracle.logits(x);
    const scores = await original.predict(x);
    expect(oracle.classes).toBe(2);
    z.forEach((value, i) => {
      expect(logits[2 * i]).toBeCloseTo(0);
      expect(logits[2 * i + 1]).toBeCloseTo(value, 5);
      expect(scores[2 * i]).toBeCloseTo(1 - sigmoid(value), 5);
    });
    await release();
  });

  it('is one number when it is taken raw, sigmoid and all', async () => {
    const { oracle, original, facts, release } = await openAs('raw');
    const outputs = await oracle.logits(x);
    expect(oracle.classes).toBe(1);
    expect(facts.bypassed).toBeNull();
    z.forEach((value, i) => {
      expect(outputs[i]).toBeCloseTo(sigmoid(value), 5);
    });
    expect(await original.predict(x)).toEqual(outputs);

    const aim = Float32Array.of(1, -1, 2, 0);
    const { loss, gradient } = await oracle.gradient(x, new Int32Array(n), 'linear', aim);
    const { gradient: rows } = await oracle.jacobian!(x);
    z.forEach((value, i) => {
      expect(loss[i]).toBeCloseTo(aim[i]! * sigmoid(value), 5);
      const slope = sigmoid(value) * (1 - sigmoid(value));
      weights.forEach((w, k) => {
        expect(gradient[3 * i + k]).toBeCloseTo(aim[i]! * slope * w, 5);
        expect(rows[3 * i + k]).toBeCloseTo(slope * w, 5);
      });
    });
    await release();
  });

  it('has no classes to compare when it is taken raw', async () => {
    const { oracle, release } = await openAs('raw');
    await expect(oracle.gradient(x, new Int32Array(n), 'ce')).rejects.toMatchObject({ code: 'attack/classes' });
    await release();
  });
});
