import { describe, expect, it } from 'vitest';
import { sigmaZero } from '../../../src/engine/attack/sigmaZero';
import type { AttackThreat } from '../../../src/engine/attack/types';
import { createVerifier } from '../../../src/engine/attack/verify';
import { analyticOracle, randomExamples, randomNetwork } from './analyticOracle';
import { leastValues } from './leastValues';

const budget = { iterations: 300, restarts: 1, queries: 0 };
const bounds = [0, 1] as const;
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

describe('σ-zero', () => {
  it('comes close to the fewest values on a linear classifier, and never under', async () => {
    const network = randomNetwork(24, 3, 0, 41);
    const examples = randomExamples(network, 40, 42);
    const oracle = analyticOracle(network);
    const threat: AttackThreat = { norm: 'l0', epsilon: 2, bounds };
    const { success } = await sigmaZero.run({ oracle: analyticOracle(network), ...examples, threat, budget, seed: 0 });
    // Without a radius the search goes on to the fewest.
    const open = { ...threat, epsilon: 0 };
    const { minimal } = await sigmaZero.run({ oracle, ...examples, threat: open, budget, seed: 0 });
    let excess = 0;
    let above = 0;
    for (let i = 0; i < 40; i++) {
      const clean = examples.x.subarray(i * 24, (i + 1) * 24);
      const needed = leastValues(network, clean, examples.y[i]!, bounds);
      const point = minimal!.points.subarray(i * 24, (i + 1) * 24);
      const spent = clean.filter((v, k) => v !== point[k]).length;
      expect(minimal!.found[i]).toBe(1);
      expect(spent).toBeGreaterThanOrEqual(needed);
      expect(success[i]).toBe(spent <= 2 ? 1 : 0);
      excess += spent - needed;
      if (needed > 1) above++;
    }
    expect(above).toBeGreaterThan(5);
    expect(excess).toBeLessThanOrEqual(4);
    expect(oracle.counts.backwards).toBeLessThanOrEqual(40 * 300);
  });

  it.each([
    ['values', undefined, 6],
    ['pixels', 3, 4],
  ] as const)(
    'counts %s; what it claims is confirmed, whatever the batch and the range',
    async (_, channels, epsilon) => {
      const shape = [3, 5, 6];
      const network = randomNetwork(90, 4, 20, 31);
      const examples = randomExamples(network, 30, 32);
      const threat: AttackThreat = { norm: 'l0', epsilon, bounds, ...(channels ? { channels } : {}) };
      const oracle = analyticOracle(network, 1, shape);
      const request = { oracle, ...examples, threat, budget: { ...budget, iterations: 100 }, seed: 3 };
      const result = await sigmaZero.run(request);
      expect(sum(result.success)).toBeGreaterThan(20);
      const verifier = createVerifier({ predict: (x) => oracle.logits(x), classes: 4, exampleSize: 90 });
      const checked = await verifier.confirm({ ...examples, adversarial: result.adversarial, threat });
      expect(checked.confirmed).toEqual(result.success);
      expect(result.lossTrace).toHaveLength(100);

      const tail = { x: examples.x.slice(11 * 90), y: examples.y.slice(11), indices: examples.indices.slice(11) };
      const alone = await sigmaZero.run({ ...request, ...tail });
      expect(alone.adversarial).toEqual(result.adversarial.slice(11 * 90));

      // The same model over values of 0 to 255: nothing but the units differ.
      const wide = { ...network, hidden: { ...network.hidden!, weight: network.hidden!.weight.map((w) => w / 256) } };
      const scaled = await sigmaZero.run({
        ...request,
        oracle: analyticOracle(wide, 1, shape),
        x: examples.x.map((v) => v * 256),
        threat: { ...threat, bounds: [0, 256] },
      });
      expect(scaled.adversarial).toEqual(result.adversarial.map((v) => v * 256));
    },
  );

  it('finds pixels to be fewer than values', async () => {
    const network = randomNetwork(90, 4, 20, 31);
    const examples = randomExamples(network, 30, 32);
    const spent = async (channels: number) => {
      const threat: AttackThreat = { norm: 'l0', epsilon: 0, bounds, channels };
      const { adversarial } = await sigmaZero.run({
        oracle: analyticOracle(network),
        ...examples,
        threat,
        budget,
        seed: 0,
      });
      return sum(
        Array.from({ length: 30 }, (_, i) => {
          const at = (k: number) => examples.x[i * 90 + k] !== adversarial[i * 90 + k];
          return Array.from({ length: 30 }).filter((_, p) => at(p) || at(p + 30) || at(p + 60)).length;
        }),
      );
    };
    expect(await spent(3)).toBeLessThan(await spent(1));
  });

  it('says where the gradient is zero, and finds nothing there', async () => {
    const network = randomNetwork(12, 3, 0, 41);
    const examples = randomExamples(network, 5, 42);
    const threat: AttackThreat = { norm: 'l0', epsilon: 3, bounds };
    const result = await sigmaZero.run({ oracle: analyticOracle(network, 0), ...examples, threat, budget, seed: 0 });
    expect([...result.zeroGradient!]).toEqual([1, 1, 1, 1, 1]);
    expect(sum(result.success)).toBe(0);
    expect(result.minimal!.points).toEqual(examples.x);
  });
});
