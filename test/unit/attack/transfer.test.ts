import { describe, expect, it } from 'vitest';
import { isBroken } from '../../../src/engine/attack/scores';
import { transferAttack, transferObstacle } from '../../../src/engine/attack/transfer';
import type { AttackThreat } from '../../../src/engine/attack/types';
import { analyticOracle, randomExamples, randomNetwork } from './analyticOracle';

const inputs = 8;
const network = randomNetwork(inputs, 4, 12, 6);
/** The same network a little off: what fools one mostly fools the other. */
const relative = { ...network, weight: network.weight.map((w, i) => w + 0.05 * Math.sin(7 * i)) };
const threat: AttackThreat = { norm: 'linf', epsilon: 0.25, bounds: [0, 1] };
const budget = { iterations: 30, restarts: 1, queries: 0 };

describe('transfer', () => {
  it('breaks a model that masks its gradients, by another’s', async () => {
    const target = analyticOracle(network, 0);
    const { x, y, indices } = randomExamples(network, 40, 3);
    const attack = transferAttack('relative.onnx', analyticOracle(relative));
    const { success, adversarial } = await attack.run({ oracle: target, x, y, indices, threat, budget, seed: 0 });
    const logits = await analyticOracle(network).logits(adversarial);
    const broken = y.map((label, i) => (isBroken(logits, i, 4, label) ? 1 : 0));
    expect(success).toEqual(Uint8Array.from(broken));
    expect(success.reduce((a, b) => a + b, 0)).toBeGreaterThan(20);
    // One pass an example through the target, and no gradient of it.
    expect(target.counts).toEqual({ forwards: 40, backwards: 0 });
  });

  it('spends the budget where the other model is fooled early, which transfers better', async () => {
    const surrogate = analyticOracle(relative);
    const { x, y, indices } = randomExamples(network, 40, 3);
    await transferAttack('r', surrogate).run({
      oracle: analyticOracle(network),
      x,
      y,
      indices,
      threat,
      budget,
      seed: 0,
    });
    // Each iteration on all examples: none left when it was broken.
    expect(surrogate.counts.backwards).toBe(40 * (budget.iterations + 1));
  });

  it('is refused between models of other shapes or classes, in words', () => {
    const other = analyticOracle(randomNetwork(inputs, 5, 4, 1));
    const wide = analyticOracle(randomNetwork(inputs + 1, 4, 4, 1));
    const target = analyticOracle(network);
    expect(transferObstacle(target, other, 'linf')).toContain('5 classes');
    expect(transferObstacle(target, wide, 'linf')).toContain('another shape');
    expect(transferObstacle(target, { ...target, differentiable: false }, 'linf')).toContain('gradient');
    expect(transferObstacle(target, analyticOracle(relative), 'l0')).toContain('l0');
    expect(transferObstacle(target, analyticOracle(relative), 'l2')).toBeNull();
  });
});
