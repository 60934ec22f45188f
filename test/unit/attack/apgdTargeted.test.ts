import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apgdCe } from '../../../src/engine/attack/apgd';
import { apgdTargeted } from '../../../src/engine/attack/apgdTargeted';
import { likeliestTargets } from '../../../src/engine/attack/targets';
import type { AttackBudget, AttackRequest, AttackThreat, LossName, Oracle } from '../../../src/engine/attack/types';
import { createVerifier } from '../../../src/engine/attack/verify';
import { analyticOracle, randomExamples, randomNetwork, scores } from './analyticOracle';

type Examples = ReturnType<typeof randomExamples>;

function request(oracle: Oracle, examples: Examples, threat: AttackThreat, budget: Partial<AttackBudget> = {}) {
  const { iterations = 50, restarts = 1, ...rest } = budget;
  return { oracle, ...examples, threat, budget: { iterations, restarts, queries: 0, ...rest }, seed: 3 } as const;
}
const linf: AttackThreat = { norm: 'linf', epsilon: 0.1, bounds: [0, 1] };
const count = (success: Uint8Array) => success.reduce((sum, s) => sum + s, 0);

/** Notes what each gradient was asked for. */
function spied(oracle: Oracle) {
  const asked: { loss: LossName; labels: number[]; aims: number[][] }[] = [];
  const gradient: Oracle['gradient'] = async (x, y, loss, aim) => {
    const aims = Array.from(y, (_, i) => [...(aim?.subarray(i * oracle.classes, (i + 1) * oracle.classes) ?? [])]);
    asked.push({ loss, labels: [...y], aims });
    return oracle.gradient(x, y, loss, aim);
  };
  return { asked, oracle: { ...oracle, gradient } };
}

describe('targets', () => {
  it('are the wrong classes by falling score, of equal ones the first', async () => {
    const row = fc.record({
      scores: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 2, maxLength: 14 }),
      label: fc.nat(),
      most: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(row, async ({ scores: given, label, most }) => {
        const y = label % given.length;
        const oracle = { classes: given.length, logits: async () => Float32Array.from(given) } as unknown as Oracle;
        const budget = { iterations: 1, restarts: 1, queries: 0, ...(most === undefined ? {} : { targets: most }) };
        const some = { oracle, x: new Float32Array(1), y: Int32Array.of(y), budget } as unknown as AttackRequest;
        const { count: found, classes } = await likeliestTargets(some);
        expect(found).toBe(Math.min(most ?? 9, given.length - 1));
        const all = [...given.keys()].filter((k) => k !== y);
        const wanted = all.sort((a, b) => given[b]! - given[a]! || a - b).slice(0, found);
        expect([...classes]).toEqual(wanted);
      }),
    );
  });

  it('get a climb each and every restart, and examples leave when they are broken', async () => {
    const network = randomNetwork(8, 6, 12, 1);
    const examples = randomExamples(network, 10, 2);
    const { asked, oracle } = spied(analyticOracle(network));
    const tight = { ...linf, epsilon: 1e-6 };
    await apgdTargeted.run(request(oracle, examples, tight, { iterations: 4, restarts: 2, targets: 3 }));
    expect(asked).toHaveLength(3 * 2 * 5);
    for (const [turn, { loss, labels, aims }] of asked.entries()) {
      expect(loss).toBe('dlr-targeted');
      expect(labels).toEqual([...examples.y]);
      const rank = Math.floor(turn / 10);
      aims.forEach((aim, i) => {
        const z = scores(network, examples.x.subarray(i * 8, (i + 1) * 8));
        const order = [...z.keys()].filter((k) => k !== examples.y[i]).sort((a, b) => z[b]! - z[a]!);
        expect(aim.indexOf(1)).toBe(order[rank]);
        expect(aim.filter((v) => v !== 0)).toEqual([1]);
      });
    }
  });

  it.each([
    [2, 'linear', 1],
    [3, 'linear', 2],
    [4, 'dlr-targeted', 3],
    [7, 'dlr-targeted', 6],
    [12, 'dlr-targeted', 9],
  ] as const)('with %i classes the loss is %s, toward %i of them', async (classes, loss, climbs) => {
    const network = randomNetwork(6, classes, 10, classes);
    const examples = randomExamples(network, 6, 2);
    const { asked, oracle } = spied(analyticOracle(network));
    await apgdTargeted.run(request(oracle, examples, { ...linf, epsilon: 1e-6 }, { iterations: 2 }));
    expect(asked).toHaveLength(climbs * 3);
    expect(new Set(asked.map((each) => each.loss))).toEqual(new Set([loss]));
    for (const { aims, labels } of asked) {
      aims.forEach((aim, i) => {
        expect(aim[labels[i]!]).toBe(loss === 'linear' ? -1 : 0);
        expect(aim.filter((v) => v === 1)).toHaveLength(1);
      });
    }
  });
});

describe('what it breaks', () => {
  for (const classes of [2, 3, 10]) {
    for (const norm of ['linf', 'l2', 'l1'] as const) {
      it(`${classes} classes in ${norm}: confirmed, and no less than each of its targets alone`, async () => {
        const network = randomNetwork(16, classes, 24, 7);
        const examples = randomExamples(network, 50, 8);
        const scale = classes === 2 ? 3 : 1;
        const epsilon = scale * { linf: 0.12, l2: 0.35, l1: 1 }[norm];
        const threat: AttackThreat = { norm, epsilon, bounds: [0, 1] };
        const oracle = analyticOracle(network);
        const all = await apgdTargeted.run(request(oracle, examples, threat));
        expect(count(all.success)).toBeGreaterThan(5);
        expect(count(all.success)).toBeLessThan(50);
        const verifier = createVerifier({ predict: (x) => oracle.logits(x), classes, exampleSize: 16 });
        const { confirmed } = await verifier.confirm({ ...examples, adversarial: all.adversarial, threat });
        expect(confirmed).toEqual(all.success);
        // The first target's climb is the same alone: those that it breaks are broken by all.
        const first = await apgdTargeted.run(request(oracle, examples, threat, { targets: 1 }));
        first.success.forEach((s, i) => {
          if (s === 1) expect(all.success[i]).toBe(1);
        });
        const ce = await apgdCe.run(request(oracle, examples, threat));
        expect(count(all.success)).toBeGreaterThanOrEqual(count(ce.success) - 1);
      });
    }
  }
});
