import { readdirSync } from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { pgd } from '../../../src/engine/attack/pgd';
import { square } from '../../../src/engine/attack/square';
import type { Attack, AttackBudget } from '../../../src/engine/attack/types';
import { createVerifier } from '../../../src/engine/attack/verify';
import { openDataset } from '../../../src/engine/data/open';
import { inspectModel, type OpenedModel, openModel } from '../../../src/engine/model';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.join(root, 'test/fixtures/quantized');
const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'));
const quantised = files.filter((name) => name.includes('-'));

const threat = { norm: 'linf', epsilon: 0.05, bounds: [0, 1] } as const;
const size = 28 * 28;
const count = 40;
// The first 800 trained the models (test/fixtures/make/quantized.py).
const trained = 800;
let x: Float32Array;
let y: Int32Array;

beforeAll(async () => {
  const data = await openDataset(
    { path: 'data/test.npz', inputs: 'x', labels: 'y' },
    path.join(root, 'samples/digits'),
    {},
  );
  for await (const batch of data.batches(1000)) {
    x = batch.x.slice(trained * size, (trained + count) * size);
    y = batch.y.slice(trained, trained + count);
  }
  await data.close();
});

const open = (name: string) =>
  openModel(path.join(folder, name), {
    preprocess: { mean: [0], std: [1], layout: 'nchw', channels: 'rgb' },
    exampleShape: [1, 28, 28],
    kind: 'image',
    threads: 1,
  });

const classOf = (scores: Float32Array, i: number) => {
  const row = scores.subarray(10 * i, 10 * i + 10);
  return row.indexOf(Math.max(...row));
};

/** Examples that the attack claims, and that the untouched file confirms. */
async function broken({ oracle, original }: OpenedModel, right: Int32Array, attack: Attack, budget: AttackBudget) {
  const own = new Float32Array(right.length * size);
  for (const [row, i] of right.entries()) own.set(x.subarray(i * size, (i + 1) * size), row * size);
  const labels = Int32Array.from(right, (i) => y[i]!);
  const result = await attack.run({ oracle, x: own, y: labels, indices: right, threat, budget, seed: 0 });
  const verifier = createVerifier({ predict: (z) => original.predict(z), classes: 10, exampleSize: size });
  const { confirmed } = await verifier.confirm({ x: own, adversarial: result.adversarial, y: labels, threat });
  const sum = (values: Uint8Array) => values.reduce((a, b) => a + b, 0);
  return {
    claimed: sum(result.success),
    confirmed: sum(confirmed),
    zero: sum(result.zeroGradient ?? new Uint8Array(0)),
  };
}

describe('models quantised by ONNX Runtime', () => {
  it.each(quantised)('%s: PGD through the estimate breaks more than a score-based attack does', async (name) => {
    const model = await open(name);
    try {
      expect(model.facts.gradient.available).toBe(true);
      expect(model.facts.gradient.straightThrough).toContain(
        name.includes('dynamic') ? 'MatMulInteger' : 'QuantizeLinear',
      );
      expect(model.facts.batch).toBe(name.includes('dynamic') ? 'fixed-1' : 'dynamic');
      const [own, file] = [await model.oracle.logits(x), await model.original.predict(x)];
      const right = Int32Array.from([...y.keys()].filter((i) => classOf(file, i) === y[i]));
      for (const i of y.keys()) expect(classOf(own, i)).toBe(classOf(file, i));
      expect(right.length).toBeGreaterThan(0.85 * count);
      const white = await broken(model, right, pgd, { iterations: 15, restarts: 1, queries: 0 });
      const black = await broken(model, right, square, { iterations: 60, restarts: 1, queries: 60 });
      expect(white.zero).toBe(0);
      // The gradient model computes what the file does, to the last integer.
      expect(white.confirmed).toBe(white.claimed);
      expect(white.confirmed).toBeGreaterThan(black.confirmed);
      expect(white.confirmed).toBeGreaterThan(name.startsWith('mlp') ? 0.6 * count : 0.2 * count);
    } finally {
      await model.release();
    }
  });

  it.each(quantised)('%s has nearly the gradient of the network that it was made from', async (name) => {
    const [model, float] = [await open(name), await open(`${name.slice(0, 3)}.onnx`)];
    try {
      const estimate = (await model.oracle.gradient(x, y, 'margin')).gradient;
      const exact = (await float.oracle.gradient(x, y, 'margin')).gradient;
      const cosines = [...y.keys()].map((i) => {
        const [a, b] = [estimate, exact].map((g) => g.subarray(i * size, (i + 1) * size)) as [
          Float32Array,
          Float32Array,
        ];
        const dot = (p: Float32Array, q: Float32Array) => p.reduce((sum, v, k) => sum + v * q[k]!, 0);
        return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
      });
      const median = cosines.sort((a, b) => a - b)[count >> 1]!;
      // A softmax without bypass (QLinearSoftmax) turns the margin of logits into one of probabilities.
      expect(median).toBeGreaterThan(name.includes('softmax') ? 0.8 : 0.85);
    } finally {
      await model.release();
      await float.release();
    }
  });

  it('are inspected operator by operator', async () => {
    const { operators } = await inspectModel(path.join(folder, 'cnn-qop-u8s8.onnx'));
    expect(Object.fromEntries(operators.map(({ name, gradient }) => [name, gradient]))).toEqual({
      'com.microsoft:QGemm': 'straight-through',
      'com.microsoft:QLinearAdd': 'straight-through',
      'com.microsoft:QLinearAveragePool': 'straight-through',
      'com.microsoft:QLinearConcat': 'straight-through',
      DequantizeLinear: 'straight-through',
      Flatten: 'exact',
      MaxPool: 'exact',
      QLinearConv: 'straight-through',
      QuantizeLinear: 'straight-through',
    });
  });
});
