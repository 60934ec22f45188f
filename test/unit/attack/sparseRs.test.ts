import { describe, expect, it } from 'vitest';
import { renewedShare, sparseRs } from '../../../src/engine/attack/sparseRs';
import type { AttackThreat } from '../../../src/engine/attack/types';
import { createVerifier } from '../../../src/engine/attack/verify';
import { analyticOracle, predict, randomExamples, randomNetwork } from './analyticOracle';
import { leastValues } from './leastValues';

const budget = { iterations: 0, restarts: 1, queries: 400 };
const bounds = [0, 1] as const;
const sum = (values: Uint8Array) => values.reduce((a, b) => a + b, 0);

describe('schedule', () => {
  it('follows the paper, stretched over the queries that there are', () => {
    expect(renewedShare(1, 10000)).toBe(0.15);
    expect(renewedShare(51, 10000)).toBe(0.075);
    expect(renewedShare(8001, 10000)).toBe(0.015);
    expect(renewedShare(801, 1000)).toBe(0.015);
    expect(renewedShare(5, 1000)).toBe(0.15);
    expect(renewedShare(6, 1000)).toBe(0.075);
  });
});

describe('Sparse-RS', () => {
  it.each([
    ['vectors', [30], 1, 3],
    ['pixels of three channels', [3, 5, 6], 3, 1],
    ['values of an image', [3, 5, 6], 1, 2],
  ] as const)(
    '%s: breaks examples by scores alone, within its queries, whatever the batch',
    async (_, shape, channels, epsilon) => {
      const size = shape.reduce((a: number, b: number) => a * b, 1);
      const network = randomNetwork(size, 4, 20, 31);
      const examples = randomExamples(network, 30, 32);
      const oracle = analyticOracle(network, 1, shape);
      oracle.gradient = () => Promise.reject(new Error('a black-box attack asked for a gradient'));
      const threat: AttackThreat = { norm: 'l0', epsilon, bounds, channels };
      const request = { oracle: { ...oracle, differentiable: false }, ...examples, threat, budget, seed: 3 };
      const result = await sparseRs.run(request);
      const broken = sum(result.success);
      expect(broken).toBeGreaterThan(4);
      expect(broken).toBeLessThan(30);
      expect(oracle.counts.forwards).toBeLessThanOrEqual(30 * 400);
      expect(oracle.counts.forwards).toBeGreaterThanOrEqual((30 - broken) * 400);
      const verifier = createVerifier({ predict: (x) => oracle.logits(x), classes: 4, exampleSize: size });
      const checked = await verifier.confirm({ ...examples, adversarial: result.adversarial, threat });
      expect(checked.confirmed).toEqual(result.success);
      // The whole budget is used, and no more: values that change always differ from the clean ones.
      expect(new Set(checked.distance)).toEqual(new Set([epsilon]));

      const tail = { x: examples.x.slice(11 * size), y: examples.y.slice(11), indices: examples.indices.slice(11) };
      const alone = await sparseRs.run({ ...request, ...tail });
      expect(alone.adversarial).toEqual(result.adversarial.slice(11 * size));
    },
  );

  it('finds what is there on a linear classifier, and nothing that is not', async () => {
    const network = randomNetwork(24, 3, 0, 41);
    const examples = randomExamples(network, 40, 42);
    const least = Array.from(examples.y, (y, i) =>
      leastValues(network, examples.x.subarray(i * 24, (i + 1) * 24), y, bounds),
    );
    let tight = 0;
    for (const epsilon of [1, 2, 3]) {
      const threat = { norm: 'l0', epsilon, bounds } as const;
      const { success } = await sparseRs.run({ oracle: analyticOracle(network), ...examples, threat, budget, seed: 1 });
      const possible = least.filter((needed) => needed <= epsilon).length;
      least.forEach((needed, i) => {
        if (success[i] === 1) expect(needed).toBeLessThanOrEqual(epsilon);
      });
      expect(sum(success)).toBeGreaterThanOrEqual(possible - 1);
      if (possible > 0 && possible < 40) tight++;
    }
    expect(tight).toBeGreaterThan(0);
  });

  it('does not search where nothing may change, and goes on where everything may', async () => {
    const network = randomNetwork(5, 3, 8, 43);
    const examples = randomExamples(network, 20, 44);
    const oracle = analyticOracle(network);
    const run = (epsilon: number) =>
      sparseRs.run({ oracle, ...examples, threat: { norm: 'l0', epsilon, bounds }, budget, seed: 1 });
    const none = await run(0);
    expect(sum(none.success)).toBe(0);
    expect(none.adversarial).toEqual(examples.x);
    expect(oracle.counts.forwards).toBe(0);
    expect(sum((await run(5)).success)).toBeGreaterThan(0);
  });

  it('shares its queries between restarts', async () => {
    const network = randomNetwork(24, 3, 0, 41);
    const examples = randomExamples({ ...network, weight: network.weight.map((w) => w / 1e4) }, 5, 42);
    const oracle = analyticOracle({ ...network, weight: network.weight.map((w) => w / 1e4) });
    const threat = { norm: 'l0', epsilon: 1, bounds } as const;
    const { success } = await sparseRs.run({
      oracle,
      ...examples,
      threat,
      budget: { ...budget, restarts: 3 },
      seed: 1,
    });
    expect(sum(success)).toBe(0);
    expect(oracle.counts.forwards).toBe(5 * 3 * 133);
  });

  it.each([1, 3])('spends nothing on painting black black (%i channels)', async (channels) => {
    const network = randomNetwork(90, 4, 20, 31);
    const x = randomExamples(network, 20, 32).x.map((v) => Math.round(v));
    const examples = { x, y: predict(network, x), indices: Int32Array.from({ length: 20 }, (_, i) => i) };
    const threat = { norm: 'l0', epsilon: 2, bounds, channels } as const;
    const oracle = analyticOracle(network, 1, [3, 5, 6]);
    const { adversarial } = await sparseRs.run({ oracle, ...examples, threat, budget, seed: 3 });
    const verifier = createVerifier({ predict: (at) => oracle.logits(at), classes: 4, exampleSize: 90 });
    const { distance } = await verifier.confirm({ ...examples, adversarial, threat });
    expect(new Set(distance)).toEqual(new Set([2]));
  });

  it('is given bounds', async () => {
    const network = randomNetwork(5, 3, 8, 43);
    const examples = randomExamples(network, 2, 44);
    const threat = { norm: 'l0', epsilon: 1, bounds: null } as const;
    await expect(
      sparseRs.run({ oracle: analyticOracle(network), ...examples, threat, budget, seed: 1 }),
    ).rejects.toMatchObject({ code: 'attack/bounds' });
  });
});
