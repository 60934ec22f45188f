import { RobustnessError } from '../error';
import type { AttackName, ResolvedThreatModel, SuiteName, ThreatModelSpec } from './schema';

type AttackPlan = ResolvedThreatModel['attacks'][number];

const climbs = (name: AttackName, iterations: number, restarts: number): AttackPlan => ({
  name,
  iterations,
  restarts,
  queries: 0,
});
const search = (queries: number): AttackPlan => ({ name: 'square', iterations: queries, restarts: 1, queries });

/**
 * Attacks on outputs: each runs on every example and in every direction, with its whole budget. `apgd-ce` stands for Auto-PGD,
 * which climbs the output itself here.
 */
const suites: Readonly<Record<'quick' | 'standard' | 'thorough', readonly AttackPlan[]>> = {
  quick: [climbs('pgd', 20, 1), climbs('apgd-ce', 30, 1), search(200)],
  standard: [climbs('pgd', 40, 2), climbs('apgd-ce', 100, 3), search(1000)],
  thorough: [climbs('pgd', 100, 5), climbs('apgd-ce', 100, 5), search(5000)],
};

const known: readonly AttackName[] = ['fgsm', 'pgd', 'apgd-ce', 'square'];

/**
 * The attacks on the outputs of a model that predicts numbers: those that a threat model names, or those of its suite.
 * @throws RobustnessError `spec/no-attack` for an attack that compares classes
 */
export function outputAttacksFor(threat: Partial<ThreatModelSpec>, suite: SuiteName): readonly AttackPlan[] {
  const odd = threat.attacks?.find((name) => !known.includes(name));
  if (odd !== undefined) {
    throw new RobustnessError(
      'spec/no-attack',
      `The attack ${odd} looks for another class, and a regression has no classes.`,
      `Name ${known.join(', ')}, or leave \`attacks\` out.`,
    );
  }
  const budgets =
    suites[suite === 'quick' ? 'quick' : suite === 'standard' || suite === 'rand' ? 'standard' : 'thorough'];
  const chosen = threat.attacks?.map((name) => budgets.find((each) => each.name === name) ?? climbs(name, 1, 1));
  return (chosen ?? budgets)
    .filter(({ name }) => threat.knowledge !== 'black-box-score' || name === 'square')
    .map((attack) => {
      if (attack.name === 'fgsm') return attack;
      const queries = threat.queries ?? attack.queries;
      if (attack.name === 'square') return { ...attack, queries, iterations: queries };
      const { iterations = attack.iterations, restarts = attack.restarts } = threat;
      return { ...attack, iterations, restarts };
    });
}
