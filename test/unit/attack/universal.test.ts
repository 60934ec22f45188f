import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normBall } from '../../../src/engine/attack/geometry';
import { isBroken } from '../../../src/engine/attack/scores';
import type { AttackThreat } from '../../../src/engine/attack/types';
import { addUniversal, universalStep } from '../../../src/engine/attack/universal';
import { createVerifier } from '../../../src/engine/attack/verify';
import { analyticOracle, randomExamples, randomNetwork } from './analyticOracle';

const inputs = 8;
const network = randomNetwork(inputs, 3, 12, 4);

describe('one perturbation for all examples', () => {
  it('stays in the ball, step by step, and each example within ball and bounds, as the verifier sees it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('linf', 'l2', 'l1' as const),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 500 }),
        async (norm, epsilon, seed) => {
          const threat: AttackThreat = { norm, epsilon, bounds: [0, 1] };
          const { x, y } = randomExamples(network, 6, seed);
          const oracle = analyticOracle(network);
          let delta: Float32Array = new Float32Array(inputs);
          const ball = normBall({ ...threat, bounds: null }, inputs);
          for (let k = 0; k < 6; k++) {
            delta = await universalStep(delta, { oracle, x, y, threat, share: 0.5 });
            expect(ball.distance(new Float32Array(inputs), delta)).toBeLessThanOrEqual(epsilon);
          }
          const shifted = addUniversal(x, delta, threat);
          const verifier = createVerifier({ predict: (z) => oracle.logits(z), classes: 3, exampleSize: inputs });
          const { reasons } = await verifier.confirm({ x, adversarial: shifted, y, threat });
          for (const reason of reasons) expect(reason === null || /predicts the true class/.test(reason)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('comes near the best corner of the ball that there is, on examples that it was not made on', async () => {
    const oracle = analyticOracle(network);
    const threat: AttackThreat = { norm: 'linf', epsilon: 0.25, bounds: null };
    const made = randomExamples(network, 60, 1);
    const kept = randomExamples(network, 200, 2);
    const fooled = async (delta: Float32Array) => {
      const logits = await oracle.logits(addUniversal(kept.x, delta, threat));
      return kept.y.filter((label, i) => isBroken(logits, i, 3, label)).length;
    };
    let delta: Float32Array = new Float32Array(inputs);
    for (let k = 0; k < 40; k++)
      delta = await universalStep(delta, { oracle, ...made, threat, share: 0.2 * 0.95 ** k });
    // Of all signs of its coordinates: the largest count, and the mean.
    let [best, sum] = [0, 0];
    for (let signs = 0; signs < 2 ** inputs; signs++) {
      const reached = await fooled(Float32Array.from({ length: inputs }, (_, i) => ((signs >> i) & 1 ? 0.25 : -0.25)));
      best = Math.max(best, reached);
      sum += reached;
    }
    expect(await fooled(delta)).toBeGreaterThan(0.9 * best);
    expect(await fooled(delta)).toBeGreaterThan((1.5 * sum) / 2 ** inputs);
  });
});
