import { resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attackByName } from '../../../src/engine/attack/registry';
import { openDataset } from '../../../src/engine/data/open';
import { type OpenedModel, openModel } from '../../../src/engine/model';

const digits = resolve('samples/digits');
const count = 12;
const sizes = [1, 3, 5, 12];
let x: Float32Array;
let y: Int32Array;
const models = new Map<number, OpenedModel>();

beforeAll(async () => {
  const dataset = await openDataset({ path: 'data/test.npz', inputs: 'x', labels: 'y', limit: count }, digits, {
    range: [0, 255],
    unit: 255,
  });
  for await (const batch of dataset.batches(count)) {
    x = batch.x.slice();
    y = Int32Array.from(batch.y);
  }
  for (const batchSize of sizes) {
    const model = await openModel(resolve(digits, 'models/robust.onnx'), {
      preprocess: { mean: [0.1307], std: [0.3081], layout: 'nchw', channels: 'rgb' },
      exampleShape: dataset.shape,
      kind: 'image',
      threads: 1,
      batchSize,
    });
    models.set(batchSize, model);
  }
  await dataset.close();
});
afterAll(async () => {
  for (const model of models.values()) await model.release();
});

/** Largest difference of any two elements, relative to the largest element. */
function difference(a: Float32Array, b: Float32Array): number {
  let [most, scale] = [0, 1e-6];
  for (const [i, value] of a.entries()) {
    most = Math.max(most, Math.abs(value - b[i]!));
    scale = Math.max(scale, Math.abs(value));
  }
  return a.length === b.length ? most / scale : Number.POSITIVE_INFINITY;
}

describe('the batch size', () => {
  it('changes logits, losses and gradients by rounding alone', async () => {
    const loss = fc.constantFrom('ce' as const, 'margin' as const, 'dlr' as const);
    const picked = fc.shuffledSubarray([...Array(count).keys()], { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(loss, picked, fc.constantFrom(...sizes.slice(0, -1)), async (name, indices, size) => {
        const width = x.length / count;
        const some = new Float32Array(indices.length * width);
        for (const [k, i] of indices.entries()) some.set(x.subarray(i * width, (i + 1) * width), k * width);
        const labels = Int32Array.from(indices, (i) => y[i]!);
        const whole = await models.get(count)!.oracle.gradient(some, labels, name);
        const split = await models.get(size)!.oracle.gradient(some, labels, name);
        expect(difference(whole.logits, split.logits)).toBeLessThan(1e-5);
        expect(difference(whole.loss, split.loss)).toBeLessThan(1e-5);
        expect(difference(whole.gradient, split.gradient)).toBeLessThan(1e-4);
        expect(models.get(size)!.oracle.batch).toEqual({ size, from: 'given' });
      }),
      { numRuns: 20 },
    );
  });

  it('changes neither what an attack breaks nor, but for rounding, how', async () => {
    const outcomes = [];
    for (const size of sizes) {
      const { oracle } = models.get(size)!;
      const outcome = await attackByName('pgd').run({
        oracle,
        x,
        y,
        indices: Int32Array.from({ length: count }, (_, i) => i),
        threat: { norm: 'linf', epsilon: 0.2, bounds: [0, 1] },
        budget: { iterations: 8, restarts: 1, queries: 0 },
        seed: 3,
      });
      outcomes.push(outcome);
    }
    const [first, ...others] = outcomes;
    for (const other of others) {
      expect(Array.from(other.success)).toEqual(Array.from(first!.success));
      // Sign steps are the same but where a gradient is zero up to rounding.
      const differing = other.adversarial.filter((value, i) => Math.abs(value - first!.adversarial[i]!) > 1e-4).length;
      expect(differing / x.length).toBeLessThan(0.01);
    }
  });
});
