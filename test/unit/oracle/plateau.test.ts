import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attackByName } from '../../../src/engine/attack/registry';
import type { AttackThreat, Oracle } from '../../../src/engine/attack/types';
import { openModel } from '../../../src/engine/model';
import { Random } from '../../../src/engine/random';
import { bytesOf, TestModel } from '../onnx/model';

const inputs = 6;
const hidden = 5;
const classes = 4;

/** A network whose hidden units are linear only in narrow stripes: nearly everywhere some gradient is exactly zero. */
function stripes(seed: number, steepness: number): Uint8Array {
  const random = Random.of(seed, 'stripes');
  const normal = (n: number) => Float32Array.from({ length: n }, () => random.normal());
  const model = new TestModel(['N', inputs]);
  const b = model.builder;
  const before = b.op('MatMul', ['x', b.floats(normal(inputs * hidden), [inputs, hidden])]);
  const shifted = b.op('Add', [b.op('Mul', [before, b.scalar(steepness)]), b.floats(normal(hidden))]);
  const units = b.op('Clip', [shifted, b.scalar(-1), b.scalar(1)]);
  const z = b.op('MatMul', [units, b.floats(normal(hidden * classes), [hidden, classes])]);
  return bytesOf(model.finish(z, ['N', classes], 18));
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plateau-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('iterations in the graph keep the books of the walk where gradients vanish', () => {
  it.each(['fgsm', 'pgd', 'apgd-ce', 'apgd-dlr'])('%s', async (name) => {
    let flats = 0;
    let slopes = 0;
    let breaks = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.constantFrom(1, 4, 12),
        fc.constantFrom<AttackThreat['norm']>('linf', 'l2'),
        fc.constantFrom<AttackThreat['bounds']>(null, [0, 1]),
        async (seed, steepness, norm, bounds) => {
          const path = join(folder, `${name}-${seed}-${steepness}.onnx`);
          writeFileSync(path, stripes(seed, steepness));
          const model = await openModel(path, {
            preprocess: { mean: [0], std: [1], layout: 'nchw', channels: 'rgb' },
            exampleShape: [inputs],
            kind: 'vector',
            threads: 1,
          });
          try {
            const { oracle } = model;
            const random = Random.of(seed, 'points');
            const n = 12;
            const x = Float32Array.from({ length: n * inputs }, () => random.uniform());
            const logits = await oracle.logits(x);
            const y = Int32Array.from({ length: n }, (_, i) => {
              const z = logits.subarray(i * classes, (i + 1) * classes);
              return z.indexOf(Math.max(...z));
            });
            const stepwise: Oracle = {
              classes,
              exampleShape: [inputs],
              exampleSize: inputs,
              differentiable: true,
              batchSize: oracle.batchSize,
              counts: oracle.counts,
              logits: (at) => oracle.logits(at),
              gradient: (...given) => oracle.gradient(...given),
            };
            // So small that what float rounding does at the edge of a stripe stays small too.
            const request = {
              x,
              y,
              indices: Int32Array.from(y.keys()),
              threat: { norm, bounds, epsilon: 0.05 },
              budget: { iterations: 8, restarts: 2, queries: 0 },
              seed,
            };
            const fused = await attackByName(name).run({ ...request, oracle });
            const walked = await attackByName(name).run({ ...request, oracle: stepwise });
            expect(fused.zeroGradient).toEqual(walked.zeroGradient);
            flats += walked.zeroGradient!.filter((zero) => zero === 1).length;
            slopes += walked.zeroGradient!.filter((zero) => zero === 0).length;
            breaks += walked.success.filter((s) => s === 1).length;
            // A point at the very edge of a stripe can fall to either side.
            const differ = fused.success.filter((s, i) => s !== walked.success[i]).length;
            expect(differ).toBeLessThanOrEqual(1);
            const apart = Array.from({ length: n }, (_, i) => {
              const own = fused.adversarial.subarray(i * inputs, (i + 1) * inputs);
              return own.every((v, k) => Math.abs(v - walked.adversarial[i * inputs + k]!) <= 1e-4) ? 0 : 1;
            }).filter((one) => one === 1).length;
            expect(apart).toBeLessThanOrEqual(2);
          } finally {
            await model.release();
          }
        },
      ),
      { numRuns: 15 },
    );
    expect(flats).toBeGreaterThan(20);
    expect(slopes).toBeGreaterThan(20);
    expect(breaks).toBeGreaterThan(0);
  });
});
