import { describe, expect, it } from 'vitest';
import { ddn } from '../../../src/engine/attack/ddn';
import { deepfool } from '../../../src/engine/attack/deepfool';
import { fab } from '../../../src/engine/attack/fab';
import { fabT } from '../../../src/engine/attack/fabT';
import { fmn } from '../../../src/engine/attack/fmn';
import { isBroken } from '../../../src/engine/attack/scores';
import type { Attack, AttackBudget } from '../../../src/engine/attack/types';
import { createVerifier } from '../../../src/engine/attack/verify';
import { openDataset } from '../../../src/engine/data/open';
import { chunksOf, gather } from '../../../src/engine/evaluate/examples';
import { openModel } from '../../../src/engine/model';

type Norm = 'linf' | 'l2' | 'l1';

/** The first digits that a sample network is right about, and what measures distances on its file. */
async function digits(name: 'plain' | 'robust', n: number) {
  const data = await openDataset({ path: 'data/test.npz', inputs: 'x', labels: 'y' }, 'samples/digits', { unit: 255 });
  const model = await openModel(`samples/digits/models/${name}.onnx`, {
    preprocess: { mean: [0.1307], std: [0.3081], layout: 'nchw', channels: 'gray' },
    exampleShape: data.shape,
    kind: data.kind,
    threads: 1,
  });
  const { oracle, original } = model;
  const { exampleSize: size, classes } = oracle;
  for await (const chunk of chunksOf(data, [Int32Array.from({ length: 2 * n }, (_, i) => i)])) {
    const logits = await oracle.logits(chunk.x);
    const right = [...chunk.y.keys()].filter((i) => !isBroken(logits, i, classes, chunk.y[i]!)).slice(0, n);
    const x = gather(chunk.x, right, size);
    const y = Int32Array.from(right, (i) => chunk.y[i]!);
    const verifier = createVerifier({ predict: (points) => original.predict(points), classes, exampleSize: size });
    return {
      release: () => model.release(),
      /** Distances that the verifier confirmed, in the order of the examples. */
      async distances(attack: Attack, norm: Norm, budget: AttackBudget): Promise<number[]> {
        const threat = { norm, epsilon: 0, bounds: [0, 1] } as const;
        const indices = Int32Array.from(right);
        const { minimal } = await attack.run({ oracle, x, y, indices, threat, budget, seed: 0 });
        const anywhere = { ...threat, epsilon: Number.POSITIVE_INFINITY };
        const verified = await verifier.confirm({ x, adversarial: minimal!.points, y, threat: anywhere });
        return Array.from(verified.distance, (d, i) => (verified.confirmed[i] === 1 ? d : Number.POSITIVE_INFINITY));
      },
    };
  }
  throw new Error('there are no digits');
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const some = (attack: Attack, iterations: number): AttackBudget => ({ ...attack.defaults, iterations, restarts: 1 });

describe('smallest perturbations of the sample networks', () => {
  it('agree between attacks, and tell the plain network from the one trained against attacks', async () => {
    const of: Record<string, Record<string, number[]>> = {};
    for (const name of ['plain', 'robust'] as const) {
      const model = await digits(name, 8);
      try {
        of[name] = {
          ddn: await model.distances(ddn, 'l2', some(ddn, 100)),
          fmn: await model.distances(fmn, 'l2', some(fmn, 100)),
          // By all classes' gradients in one pass.
          fab: await model.distances(fab, 'l2', some(fab, 25)),
          deepfool: await model.distances(deepfool, 'l2', some(deepfool, 30)),
          fabT: await model.distances(fabT, 'linf', { ...some(fabT, 20), targets: 3 }),
          l1: await model.distances(fmn, 'l1', some(fmn, 100)),
        };
      } finally {
        await model.release();
      }
    }
    for (const [attack, distances] of Object.entries(of.plain!)) {
      expect(distances.every((d) => d > 0 && Number.isFinite(d))).toBe(true);
      expect(median(of.robust![attack]!)).toBeGreaterThan(1.3 * median(distances));
    }
    // Three attacks of different kinds end close to one another; the quick one further out.
    for (const { ddn, fmn, fab, deepfool } of Object.values(of) as Record<string, number[]>[]) {
      const best = ddn!.map((d, i) => Math.min(d, fmn![i]!, fab![i]!));
      const excess = (distances: readonly number[]) => median(distances.map((d, i) => d / best[i]!));
      expect(excess(ddn!)).toBeLessThan(1.1);
      expect(excess(fmn!)).toBeLessThan(1.1);
      expect(excess(fab!)).toBeLessThan(1.25);
      expect(excess(deepfool!)).toBeGreaterThan(1.02);
    }
  }, 30_000);
});
