import { describe, expect, it } from 'vitest';
import type { Oracle } from '../../../src/engine/attack/types';
import { openModel } from '../../../src/engine/model';
import { Random } from '../../../src/engine/random';
import { type MaterialModel, materialAvailable, materialClassifiers } from '../material';

const shapes = { mnist: [1, 28, 28], cifar10: [3, 32, 32], gtsrb: [3, 48, 48] } as const;

const points = (n: number, oracle: Oracle) => {
  const random = Random.of(1, 'jacobian');
  return Float32Array.from({ length: n * oracle.exampleSize }, () => random.uniform());
};

/** Gradients of the margin are differences of the logits' gradients: the reference, one loss a class at a time. */
async function againstMargins(oracle: Oracle, chosen?: readonly number[]) {
  const { classes, exampleSize: size } = oracle;
  const n = 3;
  const x = points(n, oracle);
  const { logits, gradient } = await oracle.jacobian!(x, chosen);
  expect(logits).toEqual(await oracle.logits(x));
  const order = chosen ?? [...Array(classes).keys()];
  const row = (i: number, k: number) => {
    const at = i * order.length + order.indexOf(k);
    return gradient.subarray(at * size, (at + 1) * size);
  };
  for (const label of order.slice(0, 10)) {
    const labels = new Int32Array(n).fill(label);
    const margin = await oracle.gradient(x, labels, 'margin');
    for (let i = 0; i < n; i++) {
      const z = logits.subarray(i * classes, (i + 1) * classes);
      const other = z.reduce((best, v, k) => (k !== label && (best < 0 || v > z[best]!) ? k : best), -1);
      if (!order.includes(other)) continue;
      const expected = margin.gradient.subarray(i * size, (i + 1) * size);
      const scale = Math.max(1e-6, ...expected.map(Math.abs));
      expected.forEach((value, at) => {
        expect(Math.abs(row(i, other)[at]! - row(i, label)[at]! - value)).toBeLessThanOrEqual(1e-4 * scale);
      });
    }
  }
}

async function withDigits(use: (oracle: Oracle) => Promise<void>) {
  const model = await openModel('samples/digits/models/robust.onnx', {
    preprocess: { mean: [0.1307], std: [0.3081], layout: 'nchw', channels: 'gray' },
    exampleShape: [1, 28, 28],
    kind: 'image',
    threads: 1,
  });
  try {
    await use(model.oracle);
  } finally {
    await model.release();
  }
}

describe('gradients of several logits at once', () => {
  it('agree with those taken one at a time', () => withDigits((oracle) => againstMargins(oracle)));

  it('come in the order in which they were asked for', () =>
    withDigits(async (oracle) => {
      const x = points(2, oracle);
      const size = oracle.exampleSize;
      const all = await oracle.jacobian!(x);
      const some = await oracle.jacobian!(x, [7, 2, 4]);
      for (const i of [0, 1]) {
        for (const [at, k] of [7, 2, 4].entries()) {
          const expected = all.gradient.subarray((i * 10 + k) * size, (i * 10 + k + 1) * size);
          const actual = some.gradient.subarray((i * 3 + at) * size, (i * 3 + at + 1) * size);
          expected.forEach((value, p) => {
            expect(actual[p]).toBeCloseTo(value, 5);
          });
        }
      }
    }));

  it('are counted, and refuse classes that there are not', () =>
    withDigits(async (oracle) => {
      const before = { ...oracle.counts };
      await oracle.jacobian!(points(2, oracle), [1, 2, 3]);
      expect(oracle.counts).toEqual({ forwards: before.forwards + 2, backwards: before.backwards + 6 });
      expect((await oracle.jacobian!(points(2, oracle), [])).gradient).toHaveLength(0);
      await expect(oracle.jacobian!(points(1, oracle), [10])).rejects.toMatchObject({ code: 'attack/request' });
    }));
});

describe.skipIf(!materialAvailable)('gradients of several logits at once, on real networks', () => {
  // More classes than one run takes; a residual network; a transformer; max pooling.
  const named = (model: MaterialModel) => /resnet_2b|pgd_2_3_16|Convnet_maxpool|QConv|cifar10_small/.test(model.file);
  it.each(materialClassifiers.filter(named))('$file', async (model) => {
    const { oracle, release } = await openModel(model.path, {
      preprocess: model.preprocess,
      exampleShape: shapes[model.dataset],
      kind: 'image',
      threads: 1,
    });
    try {
      await againstMargins(oracle);
    } finally {
      await release();
    }
  });
});
