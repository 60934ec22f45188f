import { describe, expect, it } from 'vitest';
import { attacks } from '../../../src/engine/attack/registry';
import type { Attack, AttackThreat } from '../../../src/engine/attack/types';
import { analyticOracle, randomExamples, randomNetwork } from './analyticOracle';

const network = randomNetwork(12, 4, 0, 5);
const n = 12;
const examples = randomExamples(network, n, 6);
/** Nothing is safe this far out. */
const far = { linf: 0.9, l2: 3, l1: 10, l0: 12 } as const;

async function costOf(attack: Attack, norm: keyof typeof far, restarts: number) {
  const oracle = analyticOracle(network);
  const threat: AttackThreat = { norm, epsilon: far[norm], bounds: [0, 1] };
  const budget = { ...attack.defaults, restarts, iterations: 40, queries: 400 * restarts };
  const { success } = await attack.run({ oracle, ...examples, threat, budget, seed: 1 });
  return { broken: success.reduce((sum, s) => sum + s, 0), ...oracle.counts };
}

// Edits are of texts, and have tests of their own. One gradient step need not break all; of Carlini and Wagner's, restarts are the weights that are tried.
const all = attacks
  .filter(({ name }) => name !== 'fgsm' && name !== 'cw')
  .flatMap((attack) => attack.norms.flatMap((norm) => (norm === 'edits' ? [] : [{ attack, norm }])));

describe('an example that is broken', () => {
  it.each(all)('leaves $attack.name in $norm at once, and no restart takes it up', async ({ attack, norm }) => {
    const once = await costOf(attack, norm, 1);
    expect(once.broken).toBe(n);
    // Auto-PGD in l1 comes in from outside of the ball, where nothing counts: two phases of twelve steps.
    const wayIn = norm === 'l1' && once.backwards > 300 ? 26 : 0;
    expect(once.forwards).toBeLessThanOrEqual(n * (wayIn + 5));
    expect(await costOf(attack, norm, 3)).toEqual(once);
  });
});
