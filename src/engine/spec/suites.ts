import { attackByName } from '../attack/registry';
import type { AttackName, ResolvedThreatModel, ThreatModelSpec } from './schema';

type Suite = ResolvedThreatModel['suite'];
type AttackPlan = ResolvedThreatModel['attacks'][number];

const plan = (name: AttackName, iterations: number, restarts: number, queries = 0): AttackPlan => ({
  name,
  iterations,
  restarts,
  queries,
});

/**
 * The attacks of each suite, weakest and cheapest first: what one breaks, the next is not given. `standard` follows
 * AutoAttack (Croce & Hein 2020) in its APGD budget of 100 iterations; `thorough` in its five restarts and 5000 queries.
 */
const suites: Readonly<Record<Suite, readonly AttackPlan[]>> = {
  quick: [plan('fgsm', 1, 1), plan('pgd', 20, 1), plan('apgd-ce', 50, 1), plan('square', 300, 1, 300)],
  standard: [
    plan('fgsm', 1, 1),
    plan('pgd', 40, 3),
    plan('apgd-ce', 100, 1),
    plan('apgd-dlr', 100, 1),
    plan('square', 1000, 1, 1000),
  ],
  thorough: [
    plan('fgsm', 1, 1),
    plan('pgd', 100, 5),
    plan('apgd-ce', 100, 5),
    plan('apgd-dlr', 100, 5),
    plan('square', 5000, 1, 5000),
  ],
};

/**
 * The attacks that a threat model gets: those it names, or those of its suite that its knowledge allows.
 * @param classes number of classes if known: the DLR loss needs three (Croce & Hein 2020, eq. 6)
 */
export function attacksFor(
  threat: Partial<ThreatModelSpec>,
  suite: Suite,
  classes: number | null,
): readonly AttackPlan[] {
  const budgets = suites[suite];
  const named = threat.attacks?.map((name) => budgets.find((each) => each.name === name) ?? fallback(name));
  const allowed = (named ?? budgets).filter(({ name }) => {
    if (threat.knowledge === 'black-box-score') return name === 'square';
    return named !== undefined || name !== 'apgd-dlr' || classes === null || classes >= 3;
  });
  return allowed.map((attack) => {
    if (attack.name === 'square') {
      const queries = threat.queries ?? attack.queries;
      return { ...attack, queries, iterations: queries };
    }
    if (attack.name === 'fgsm') return attack;
    return {
      ...attack,
      iterations: threat.iterations ?? attack.iterations,
      restarts: threat.restarts ?? attack.restarts,
    };
  });
}

function fallback(name: AttackName): AttackPlan {
  return suites.standard.find((each) => each.name === name) ?? { name, ...attackByName(name).defaults };
}
