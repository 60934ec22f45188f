import { describe, expect, it } from 'vitest';
import { square } from '../../../src/engine/attack/square';
import { latticeOf } from '../../../src/engine/attack/squareRegion';
import { changedShare } from '../../../src/engine/attack/squareSchedule';
import type { AttackThreat } from '../../../src/engine/attack/types';
import { createVerifier } from '../../../src/engine/attack/verify';
import { Random } from '../../../src/engine/random';
import { analyticOracle, minimalPerturbation, randomExamples, randomNetwork } from './analyticOracle';

describe('schedule', () => {
  it('halves the share as AutoAttack does: 5000 queries end at a 128th', () => {
    expect(changedShare(0)).toBe(0.8);
    expect(changedShare(10)).toBe(0.8);
    expect(changedShare(11)).toBe(0.4);
    expect(changedShare(4999)).toBe(0.8 / 128);
    expect(changedShare(9999)).toBe(0.8 / 512);
  });
});

describe('regions', () => {
  it.each([
    ['square image', [3, 12, 12]],
    ['tall image', [1, 40, 6]],
    ['wide image', [2, 5, 64]],
    ['image too small for squares', [3, 4, 4]],
    ['vector', [17]],
  ])('%s: inside the channel, reach every position, no position twice', (_, shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const lattice = latticeOf(shape, size);
    expect(lattice.channels * lattice.area).toBe(size);
    const random = Random.of(1);
    for (const patterned of [false, true]) {
      const reached = new Set<number>();
      for (let i = 0; i < 3000; i++) {
        const share = changedShare(i);
        const { positions, pattern } = lattice.draw(share, random, patterned);
        expect(new Set(positions).size).toBe(positions.length);
        for (const p of positions) reached.add(p);
        if (patterned) expect(Math.hypot(...pattern)).toBeCloseTo(1, 9);
      }
      expect(reached.size).toBe(lattice.area);
      expect(Math.max(...reached)).toBe(lattice.area - 1);
    }
    lattice.tiles(random, ({ positions, pattern }) => {
      expect(pattern).toHaveLength(positions.length);
      expect(Math.max(...positions)).toBeLessThan(lattice.area);
    });
  });

  it('keeps the area of a region where the image is narrow', () => {
    const { positions } = latticeOf([1, 64, 5], 320).draw(0.5, Random.of(1), false);
    expect(positions.length).toBeGreaterThan(140);
    expect(positions.length).toBeLessThan(180);
  });
});

describe('square attack', () => {
  const budget = { iterations: 0, restarts: 1, queries: 300 };
  const shapes = [
    ['vectors', [30], 1],
    ['images', [1, 6, 5], 1],
    ['images of three channels', [3, 5, 6], 0.4],
  ] as const;
  const threats: AttackThreat[] = [
    { norm: 'linf', epsilon: 0.2, bounds: [0, 1] },
    { norm: 'l2', epsilon: 0.9, bounds: [0, 1] },
    { norm: 'l1', epsilon: 2.7, bounds: [0, 1] },
  ];

  for (const [kind, shape, share] of shapes) {
    for (const { norm, bounds, epsilon } of threats) {
      const threat = { norm, bounds, epsilon: epsilon * share };
      it(`${kind}, ${norm}: breaks examples with scores alone, all confirmed, within its queries`, async () => {
        const size = shape.reduce((a: number, b: number) => a * b, 1);
        const network = randomNetwork(size, 4, 20, 31);
        const examples = randomExamples(network, 30, 32);
        const oracle = analyticOracle(network, 1, shape);
        oracle.gradient = () => Promise.reject(new Error('a black-box attack asked for a gradient'));
        const request = { oracle: { ...oracle, differentiable: false }, ...examples, threat, budget, seed: 3 };
        const result = await square.run(request);
        const broken = result.success.reduce((s, v) => s + v, 0);
        expect(broken).toBeGreaterThan(2);
        expect(broken).toBeLessThan(30);
        expect(oracle.counts.forwards).toBeLessThanOrEqual(30 * 300);
        expect(oracle.counts.forwards).toBeGreaterThanOrEqual((30 - broken) * 300);
        expect(result.zeroGradient).toBeUndefined();

        const verifier = createVerifier({ predict: (x) => oracle.logits(x), classes: 4, exampleSize: size });
        const checked = await verifier.confirm({ ...examples, adversarial: result.adversarial, threat });
        expect(Array.from(checked.confirmed)).toEqual(Array.from(result.success));
        for (const d of checked.distance) expect(d).toBeLessThanOrEqual(threat.epsilon);

        const tail = {
          x: examples.x.slice(11 * size),
          y: examples.y.slice(11),
          indices: examples.indices.slice(11),
        };
        const alone = await square.run({ ...request, ...tail });
        expect(alone.adversarial).toEqual(result.adversarial.slice(11 * size));
      });
    }
  }

  it('comes close to the optimum on a linear classifier in linf, and never past it', async () => {
    const network = randomNetwork(12, 2, 0, 41);
    const examples = randomExamples(network, 40, 42);
    const least = Array.from(examples.y, (y, i) =>
      minimalPerturbation(network, examples.x.subarray(i * 12, (i + 1) * 12), y, 'linf'),
    );
    const epsilon = [...least].sort((a, b) => a - b)[20]!;
    const threat = { norm: 'linf', epsilon, bounds: null } as const;
    const oracle = analyticOracle(network);
    const result = await square.run({ oracle, ...examples, threat, budget: { ...budget, queries: 2000 }, seed: 1 });
    least.forEach((needed, i) => {
      if (result.success[i] === 1) expect(needed).toBeLessThanOrEqual(epsilon * 1.0001);
      else expect(needed).toBeGreaterThan(epsilon * 0.95);
    });
  });

  it('sees through a gradient that is masked', async () => {
    const network = randomNetwork(30, 4, 20, 31);
    const examples = randomExamples(network, 30, 32);
    const oracle = analyticOracle(network, 0);
    const threat = threats[0]!;
    const result = await square.run({ oracle, ...examples, threat, budget, seed: 3 });
    expect(result.success.reduce((s, v) => s + v, 0)).toBeGreaterThan(2);
  });

  it('shares its queries between restarts', async () => {
    const network = randomNetwork(30, 4, 20, 31);
    const examples = randomExamples(network, 5, 33);
    const oracle = analyticOracle(network);
    const threat = { norm: 'linf', epsilon: 1e-4, bounds: [0, 1] } as const;
    await square.run({ oracle, ...examples, threat, budget: { ...budget, restarts: 3 }, seed: 3 });
    expect(oracle.counts.forwards).toBe(5 * 300);
  });
});
