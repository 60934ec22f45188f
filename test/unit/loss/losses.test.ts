import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LossName } from '../../../src/engine/attack/types';
import { losses } from '../../../src/engine/loss/registry';
import { floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { modelBytes } from '../../../src/engine/onnx/write';
import { createSession, floats } from '../../../src/engine/runtime';

async function runLoss(name: LossName, classes: number) {
  const graph = create(GraphProtoSchema, {
    input: ['z', 'onehot', 'aim'].map((input) => floatValueInfo(input, ['N', classes])),
  });
  const head = losses[name](new GraphBuilder(graph), 'z', 'onehot', classes, 'aim');
  graph.output = [floatValueInfo(head.loss, ['N']), floatValueInfo(head.seed, ['N', classes])];
  const proto = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [create(OperatorSetIdProtoSchema, { version: 18n })],
  });
  const session = await createSession(modelBytes(proto, graph), { threads: 1 });
  return async (z: readonly number[], label: number, aim: readonly number[] = z) => {
    const onehot = Float32Array.from({ length: classes }, (_, i) => (i === label ? 1 : 0));
    const out = await session.run({
      z: floats(Float32Array.from(z), [1, classes]),
      onehot: floats(onehot, [1, classes]),
      aim: floats(Float32Array.from(aim), [1, classes]),
    });
    return { loss: out[head.loss]!.data[0] as number, seed: Array.from(out[head.seed]!.data as Float32Array) };
  };
}

/** The losses as their papers define them, in float64. */
const reference: Record<LossName, (z: readonly number[], y: number, aim: readonly number[]) => number> = {
  ce: (z, y) => Math.log1p(z.reduce((sum, v, i) => (i === y ? sum : sum + Math.exp(v - z[y]!)), 0)),
  margin: (z, y) => Math.max(...z.filter((_, i) => i !== y)) - z[y]!,
  dlr: (z, y) => {
    const sorted = [...z].sort((a, b) => b - a);
    return (Math.max(...z.filter((_, i) => i !== y)) - z[y]!) / (sorted[0]! - sorted[2]! + 1e-12);
  },
  'ce-targeted': (z, _y, aim) => {
    const t = aim.indexOf(1);
    return -Math.log1p(z.reduce((sum, v, i) => (i === t ? sum : sum + Math.exp(v - z[t]!)), 0));
  },
  'margin-targeted': (z, _y, aim) => {
    const t = aim.indexOf(1);
    return z[t]! - Math.max(...z.filter((_, i) => i !== t));
  },
  'dlr-targeted': (z, y, aim) => {
    const sorted = [...z].sort((a, b) => b - a);
    return (z[aim.indexOf(1)]! - z[y]!) / (sorted[0]! - (sorted[2]! + sorted[3]!) / 2 + 1e-12);
  },
  linear: (z, _y, aim) => z.reduce((sum, v, i) => sum + v * aim[i]!, 0),
};

/** Logits that all differ by a tenth: no rank changes hands under the step of the differences. */
const logitsOf = (classes: number, scale: number) =>
  fc.shuffledSubarray(
    Array.from({ length: 3 * classes }, (_, i) => scale * (0.1 + 0.37 * i)),
    { minLength: classes, maxLength: classes },
  );

/** A target other than the true class; weights for `linear`. */
function aimsOf(name: LossName, classes: number, y: number): fc.Arbitrary<number[]> {
  if (name === 'linear') {
    return fc.array(fc.integer({ min: -3, max: 3 }), { minLength: classes, maxLength: classes });
  }
  return fc
    .integer({ min: 1, max: classes - 1 })
    .map((step) => Array.from({ length: classes }, (_, i) => (i === (y + step) % classes ? 1 : 0)));
}

describe.each(Object.keys(losses) as LossName[])('loss %s', (name) => {
  it('has the value that its paper defines, and its gradient as seed', async () => {
    const classes = 5;
    const run = await runLoss(name, classes);
    const labelled = fc.nat(classes - 1).chain((y) => aimsOf(name, classes, y).map((aim) => [y, aim] as const));
    await fc.assert(
      fc.asyncProperty(logitsOf(classes, 0.5), labelled, async (z, [y, aim]) => {
        const { loss, seed } = await run(z, y, aim);
        expect(loss).toBeCloseTo(reference[name](z, y, aim), 4);
        for (const i of z.keys()) {
          const at = (h: number) =>
            reference[name](
              z.map((v, k) => (k === i ? v + h : v)),
              y,
              aim,
            );
          expect(seed[i]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 4);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('cross-entropy at saturation', () => {
  it.each([9, 12, 20, 30, 39])('is exact at a margin of %d, where the textbook form is coarse or zero', async (gap) => {
    const run = await runLoss('ce', 3);
    const { loss, seed } = await run([gap, 0, -1], 0);
    expect(loss / reference.ce([gap, 0, -1], 0, [])).toBeCloseTo(1, 3);
    expect(seed[0]! / -loss).toBeCloseTo(1, 3);
    expect(seed[1]).toBeGreaterThan(seed[2]!);
    expect(seed[2]).toBeGreaterThan(0);
  });

  it.each([50, 100, 6000])('keeps direction and order at a margin of %d', async (gap) => {
    const run = await runLoss('ce', 3);
    const near = await run([gap, 0, -1], 0);
    const far = await run([gap * 1.001, 0, -1], 0);
    expect(near.seed[0]).toBeLessThan(0);
    expect(near.seed[1]).toBeGreaterThan(near.seed[2]!);
    expect(near.seed[2]).toBeGreaterThan(0);
    expect(near.loss).toBeGreaterThan(far.loss);
  });

  it('is finite for huge logits', async () => {
    const run = await runLoss('ce', 3);
    for (const z of [
      [1e4, -1e4, 0],
      [-1e4, 1e4, 0],
    ]) {
      const { loss, seed } = await run(z, 0);
      expect([loss, ...seed].every(Number.isFinite)).toBe(true);
    }
  });
});
