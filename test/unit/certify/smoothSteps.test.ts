import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNetwork } from '../../../src/engine/certify/network';
import { stepFactors } from '../../../src/engine/certify/smoothSteps';
import { parseVnnlib } from '../../../src/engine/certify/vnnlib';
import { Random } from '../../../src/engine/random';
import { bytesOf, TestModel } from '../onnx/model';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steps-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('factors of thresholds', () => {
  it('are the inverse of three deviations, a tenth of the layer at least', () => {
    // Units: moves by ±2, by ±1e-3, not at all.
    const factors = stepFactors(Float32Array.of(1, 5.001, 7, 5, 4.999, 7, 1, 5.001, 7, 5, 4.999, 7), 4)!;
    const layer = Math.sqrt((4 + 1e-6) / 3);
    expect(factors[0]).toBeCloseTo(1 / 6, 6);
    expect(factors[1]).toBeCloseTo(1 / (0.3 * layer), 5);
    expect(factors[2]).toBeCloseTo(1 / (0.3 * layer), 5);
  });

  it('let all of a tensor pass that a threshold made', () => {
    const factors = stepFactors(Float32Array.of(1.1, -0.9, 1.1, 1.1), 2)!;
    for (const factor of factors) expect(Math.abs(1.1 * factor)).toBeLessThan(1);
  });

  it('are none where nothing moves or numbers end', () => {
    expect(stepFactors(Float32Array.of(1, 2, 3, 4, 5, 1, 2, 3, 4, 5), 2)).toBeNull();
    expect(stepFactors(new Float32Array(8), 2)).toBeNull();
    expect(stepFactors(Float32Array.of(1, 2, 3, 4, Number.NaN, 6), 2)).toBeNull();
    expect(stepFactors(Float32Array.of(1, 2, 3, 4, Number.POSITIVE_INFINITY, 6), 2)).toBeNull();
  });
});

describe('a binarised network', () => {
  const text = `(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)
    (assert (<= 0.4 X_0 0.6))(assert (<= -0.1 X_1 0.1))(assert (>= Y_0 1))`;

  it('computes what it did, with gradients of the units that can change sign in the box', async () => {
    // Sign(40 x0 - 20) reaches its threshold from far away; Sign(0.5 x1 + 0.9) never does, though it is near it.
    const model = new TestModel([1, 2]);
    const scaled = model.op('Mul', ['x', model.builder.floats(Float32Array.of(40, 0.5), [2])]);
    const shifted = model.op('Add', [scaled, model.builder.floats(Float32Array.of(-20, 0.9), [2])]);
    const y = model.op('ReduceSum', [model.op('Sign', [shifted]), model.builder.ints([1])], { keepdims: 1 });
    const path = join(folder, 'signs.onnx');
    await writeFile(path, bytesOf(model.finish(y, [1, 1], 18)));
    const network = await openNetwork(path, parseVnnlib(text), { threads: 1 });
    try {
      const random = Random.of(0, 'points');
      for (let i = 0; i < 50; i++) {
        const x = Float32Array.of(random.between(0.4, 0.6), random.between(-0.1, 0.1));
        expect([...(await network.oracle.logits(x))]).toEqual([...(await network.original(x))]);
      }
      const { gradient } = await network.oracle.gradient(
        Float32Array.of(0.58, 0),
        new Int32Array(1),
        'linear',
        Float32Array.of(1),
      );
      expect(gradient[0]).toBeGreaterThan(0);
      expect(gradient[1]).toBe(0);
    } finally {
      await network.release();
    }
  });
});
