import { attackByName } from '../attack/registry';
import type { Attack, AttackBudget } from '../attack/types';
import type { AttackName, ResolvedThreatModel } from '../spec/schema';

/** By norm, those that together come closest; DeepFool and Carlini-Wagner only where they are named. */
const attacks: Readonly<Record<ResolvedThreatModel['norm'], readonly AttackName[]>> = {
  linf: ['fab-t', 'fmn'],
  l2: ['fab-t', 'ddn', 'fmn'],
  l1: ['fab-t', 'fmn'],
  l0: ['sigma-zero'],
  // The search by edits takes the fewest first, and each of them counts.
  edits: [],
};

/** One restart and so many queries tell the distance; more are for what stands at ε. */
const mostQueries = 5000;

/**
 * The attacks that measure the smallest perturbations of a threat model, if it asks for that: those of its cascade that look for
 * them, and the usual ones of its norm.
 */
export function minimalAttacks(
  threat: Pick<ResolvedThreatModel, 'norm' | 'minimalNorm'>,
  cascade: readonly { readonly attack: Attack; readonly budget: AttackBudget }[],
): { readonly attack: Attack; readonly budget: AttackBudget }[] {
  if (threat.minimalNorm !== true) return [];
  const own = cascade.filter(({ attack }) => attack.minimal === true);
  const usual = attacks[threat.norm]
    .map(attackByName)
    .filter((attack) => !own.some((one) => one.attack.name === attack.name))
    .map((attack) => ({ attack, budget: attack.defaults }));
  return [...own, ...usual].map(({ attack, budget }) => ({
    attack,
    budget: {
      ...budget,
      // Carlini-Wagner counts its search for a weight as restarts.
      restarts: attack.name === 'cw' ? budget.restarts : 1,
      queries: Math.min(budget.queries, mostQueries),
    },
  }));
}
