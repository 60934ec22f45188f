import { resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attackByName, attacks } from '../../../src/engine/attack/registry';
import type { Norm } from '../../../src/engine/attack/types';
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

/** Positions at which two arrays are not the same to the bit. */
function differing(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let count = 0;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) count++;
  return count;
}

function rowsOf(indices: readonly number[]): { readonly x: Float32Array; readonly y: Int32Array } {
  const width = x.length / count;
  const some = new Float32Array(indices.length * width);
  for (const [k, i] of indices.entries()) some.set(x.subarray(i * width, (i + 1) * width), k * width);
  return { x: some, y: Int32Array.from(indices, (i) => y[i]!) };
}

describe('the batch size', () => {
  it('changes no bit of logits, losses and gradients', async () => {
    const loss = fc.constantFrom('ce' as const, 'margin' as const, 'dlr' as const, 'dlr-targeted' as const);
    const picked = fc.shuffledSubarray([...Array(count).keys()], { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(loss, picked, fc.constantFrom(...sizes.slice(0, -1)), async (name, indices, size) => {
        const some = rowsOf(indices);
        const { classes } = models.get(size)!.oracle;
        const aim = new Float32Array(indices.length * classes);
        for (const [k, label] of some.y.entries()) aim[k * classes + ((label + 1) % classes)] = 1;
        const whole = await models.get(count)!.oracle.gradient(some.x, some.y, name, aim);
        const split = await models.get(size)!.oracle.gradient(some.x, some.y, name, aim);
        expect(differing(whole.logits, split.logits)).toBe(0);
        expect(differing(whole.loss, split.loss)).toBe(0);
        expect(differing(whole.gradient, split.gradient)).toBe(0);
        expect(models.get(size)!.oracle.batch).toEqual({ size, from: 'given' });
      }),
      { numRuns: 20 },
    );
  });
});

/** Radii at which some examples of the robust sample break, and some do not. */
const radii: Record<Exclude<Norm, 'edits'>, number> = { linf: 0.25, l2: 2.5, l1: 20, l0: 20 };

// Edits are of texts, and have tests of their own.
const cases = attacks.flatMap((attack) =>
  attack.norms.flatMap((norm) => (norm === 'edits' ? [] : [[attack, norm] as const])),
);

describe('what an attack finds does not depend on', () => {
  it.each(cases.map(([attack, norm]) => [attack.name, norm] as const))(
    'the batch size or the neighbours: %s in %s',
    async (name, norm) => {
      const attack = attackByName(name);
      const budget = { ...attack.defaults, iterations: 12, restarts: 2, queries: 60, targets: 2 };
      const run = async (size: number, indices: readonly number[]) => {
        const { oracle } = models.get(size)!;
        return attack.run({
          oracle,
          ...rowsOf(indices),
          indices: Int32Array.from(indices),
          threat: { norm, epsilon: radii[norm], bounds: [0, 1] },
          budget,
          seed: 3,
        });
      };
      const all = [...Array(count).keys()];
      const whole = await run(count, all);
      const width = x.length / count;
      for (const [size, indices] of [
        [1, all],
        [5, all.toReversed()],
        [3, [7, 2, 11, 5]],
      ] as const) {
        const other = await run(size, indices);
        for (const [k, i] of indices.entries()) {
          const at = (values: Float32Array, row: number) => values.subarray(row * width, (row + 1) * width);
          expect([i, other.success[k]]).toEqual([i, whole.success[i]]);
          expect([i, differing(at(other.adversarial, k), at(whole.adversarial, i))]).toEqual([i, 0]);
          if (whole.minimal && other.minimal) {
            expect([i, differing(at(other.minimal.points, k), at(whole.minimal.points, i))]).toEqual([i, 0]);
          }
        }
      }
    },
    60_000,
  );
});
