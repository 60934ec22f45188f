import { attackByName } from '../attack/registry';
import type { AttackName, ResolvedThreatModel } from './schema';

type AttackPlan = ResolvedThreatModel['attacks'][number];

/** What takes the place of an attack that leads away from the true class alone. */
const toTarget: Readonly<Partial<Record<AttackName, AttackName>>> = { 'apgd-dlr': 'apgd-t', fab: 'fab-t' };

/**
 * A suite for an attacker who wants a certain class: the same attacks on losses that lead to it (`docs/attacks.md`), each toward
 * one target; what cannot be told where to go is left out. AutoAttack has no such suite: its targeted attacks count any
 * wrong class.
 */
export function towardsTarget(suite: readonly AttackPlan[]): readonly AttackPlan[] {
  const planned = new Map<AttackName, AttackPlan>();
  for (const { targets: _, ...plan } of suite) {
    const name = toTarget[plan.name] ?? plan.name;
    // What a suite has for some numbers of classes alone stands in for a targeted ratio of logits, which is here always.
    if (plan.onlyClasses !== undefined || !attackByName(name).targeted || planned.has(name)) continue;
    planned.set(name, { ...plan, name });
  }
  return [...planned.values()];
}
