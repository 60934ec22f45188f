import { attackByName } from '../attack/registry';
import { otherSuites } from './otherSuites';
import type { AttackName, ResolvedThreatModel, SuiteName, ThreatModelSpec } from './schema';
import { towardsTarget } from './targetedSuites';

type AttackPlan = ResolvedThreatModel['attacks'][number];
type Norm = ResolvedThreatModel['norm'];

const row = (name: AttackName, iterations: number, restarts = 1, more: Partial<AttackPlan> = {}): AttackPlan => ({
  name,
  iterations,
  restarts,
  queries: 0,
  ...more,
});
const queries = (name: AttackName, number: number): AttackPlan => row(name, number, 1, { queries: number });

/**
 * AutoAttack's targets and restarts by norm: in l1 five restarts of APGD, and five targets (Croce & Hein 2021, §5). FAB-T has nine
 * targets in every norm.
 */
const budgetOf = (norm: Norm) => (norm === 'l1' ? { restarts: 5, targets: 5 } : { restarts: 1, targets: 9 });

/**
 * The attacks of each suite; what one breaks, the next is not given.
 *
 * - `quick`: minutes on a laptop, cheap attacks first. An upper bound that the others lower.
 * - `standard`: AutoAttack's standard version (Croce & Hein 2020), its order and budgets. With three classes, where its
 *   targeted loss has no fourth logit, APGD-DLR as well; `apgd-t` has another loss there (decision 21).
 * - `plus`: AutoAttack's plus.
 * - `rand`: AutoAttack's, for models whose forward pass is random: every gradient is a mean over 20.
 * - `thorough`: plus with restarts of the targeted attacks as well, other starts (ODI, corners of the ball), every margin, and
 *   attacks of minimal norm; cheap ones first.
 *
 * Attacks that do not know the threat model's norm, or need more than the attacker sees, are left out.
 */
const suites: Readonly<Record<SuiteName, (norm: Norm) => readonly AttackPlan[]>> = {
  quick: () => [row('fgsm', 1), row('pgd', 20), row('apgd-ce', 50), queries('square', 300)],
  standard: (norm) => [
    row('apgd-ce', 100, budgetOf(norm).restarts),
    row('apgd-dlr', 100, 1, { onlyClasses: 3 }),
    row('apgd-t', 100, 1, { targets: budgetOf(norm).targets }),
    row('fab-t', 100, 1, { targets: 9 }),
    queries('square', 5000),
  ],
  plus: () => [
    row('apgd-ce', 100, 5),
    row('apgd-dlr', 100, 5),
    row('fab', 100, 5),
    queries('square', 5000),
    row('apgd-t', 100, 1, { targets: 9 }),
    row('fab-t', 100, 1, { targets: 9 }),
  ],
  rand: () => [row('apgd-ce', 100, 1, { eot: 20 }), row('apgd-dlr', 100, 1, { eot: 20 })],
  thorough: () => [
    row('apgd-ce', 100, 5),
    row('apgd-dlr', 100, 5),
    row('apgd-t', 100, 5, { targets: 9 }),
    row('pgd-odi', 40, 10),
    row('mt-pgd', 100, 1, { targets: 9 }),
    row('corner', 100, 2, { targets: 9 }),
    row('ddn', 1000),
    row('fmn', 1000),
    row('fab', 100, 5),
    row('fab-t', 100, 5, { targets: 9 }),
    queries('square', 5000),
  ],
};

/**
 * The attacks that a threat model gets: those it names, or those of its suite that its norm and knowledge allow.
 *
 * @param classes number of classes if known: the DLR loss needs three (Croce & Hein 2020, eq. 6). If not, attacks that are
 * for some numbers alone stay, marked by `onlyClasses`.
 */
export function attacksFor(
  threat: Partial<ThreatModelSpec>,
  suite: SuiteName,
  classes: number | null,
): readonly AttackPlan[] {
  const norm = threat.norm ?? 'linf';
  const targeted = threat.goal === 'targeted';
  const untargeted = otherSuites(threat)?.[suite] ?? suites[suite](norm);
  const budgets = targeted ? towardsTarget(untargeted) : untargeted;
  const fitting = budgets.filter(({ name, onlyClasses }) => {
    const attack = attackByName(name);
    if (!attack.norms.includes(norm)) return false;
    return classes === null || ((onlyClasses ?? classes) === classes && classes >= (attack.leastClasses ?? 2));
  });
  const named = threat.attacks?.map((name) => withoutCondition(budgets, name) ?? fallback(name, norm, targeted));
  return (named ?? fitting)
    .filter(({ name }) => visible(name, threat.knowledge))
    .map((attack) => adjusted(attack, threat));
}

/** Whether what the attacker sees is enough: gradients hold scores, scores hold labels. */
function visible(name: AttackName, knowledge: ThreatModelSpec['knowledge']): boolean {
  const { needs } = attackByName(name);
  if (knowledge === 'black-box-score') return needs === 'scores';
  return knowledge !== 'black-box-decision' || needs === 'labels';
}

/** With the threat model's own numbers in place of the suite's. */
function adjusted(attack: AttackPlan, threat: Partial<ThreatModelSpec>): AttackPlan {
  if (attackByName(attack.name).needs !== 'gradient') {
    const most = threat.queries ?? attack.queries;
    return { ...attack, queries: most, iterations: most };
  }
  if (attack.name === 'fgsm') return attack;
  return {
    ...attack,
    iterations: threat.iterations ?? attack.iterations,
    restarts: threat.restarts ?? attack.restarts,
  };
}

function withoutCondition(budgets: readonly AttackPlan[], name: AttackName): AttackPlan | undefined {
  const found = budgets.find((each) => each.name === name);
  if (!found) return undefined;
  const { onlyClasses: _, ...budget } = found;
  return budget;
}

/** The budget of an attack that the suite does not have. */
function fallback(name: AttackName, norm: Norm, targeted: boolean): AttackPlan {
  const { targets, ...budget } = withoutCondition(suites.standard(norm), name) ?? {
    name,
    ...attackByName(name).defaults,
  };
  return targeted || targets === undefined ? budget : { ...budget, targets };
}
