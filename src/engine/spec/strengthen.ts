import { attackByName } from '../attack/registry';
import { RobustnessError } from '../error';
import type { Mitigation } from '../report/evidenceSchema';
import { wantsMinimalNorm } from './minimalNorm';
import { type AttackName, attackNames, type ResolvedSpec, type ResolvedThreatModel } from './schema';
import { attacksFor } from './suites';

export type SpecChanges = Mitigation['changes'];

/** Beyond these a change asks for days, not for a stronger evaluation: changes are read from reports, which anyone may have written. */
const most = { iterations: 10_000, restarts: 100, queries: 100_000, changes: 50 } as const;

type AttackPlan = ResolvedThreatModel['attacks'][number];

/**
 * The spec with stronger attacks on the threat models concerned, change after change; budgets only grow, and all else stays as it
 * is. What was changed is said in `inferred`, and kept in `changes` for a run that goes on from this one: the spec's file says
 * neither.
 * @param classes number of classes if known
 * @throws RobustnessError `spec/changes` for a threat model or an attack that there is not, for a budget beyond all measure, and
 * where the last change makes nothing different
 */
export function strengthen(spec: ResolvedSpec, changes: readonly SpecChanges[], classes: number | null): ResolvedSpec {
  if (changes.length > most.changes) {
    throw refused(`${changes.length} changes are too many.`, 'Write what they come to into the spec.');
  }
  let { threatModels } = spec;
  const said: string[] = [];
  for (const [k, change] of changes.entries()) {
    check(spec, change);
    const concerned = (name: string) => change.threatModels === undefined || change.threatModels.includes(name);
    const after = threatModels.map((threat) => (concerned(threat.name) ? stronger(threat, change, classes) : threat));
    const same = change.limit === undefined && JSON.stringify(after) === JSON.stringify(threatModels);
    if (same && k === changes.length - 1) {
      throw refused(
        `The evaluation has all of this already: ${describeChanges(change)}.`,
        'Read the advice of the pitfall for what else can be done.',
      );
    }
    threatModels = after;
    const { limit, ...attacks } = change;
    if (limit !== undefined) said.push(`${limit} examples, which the spec does not say`);
    if (describeChanges(attacks) === '') continue;
    const names = threatModels.map(({ name }) => name).filter(concerned);
    said.push(...names.map((name) => `${name}: ${describeChanges(attacks)}, which the spec does not say`));
  }
  return { ...spec, threatModels, changes, inferred: [...spec.inferred, ...said] };
}

function check(spec: ResolvedSpec, change: SpecChanges): void {
  const known = spec.threatModels.map(({ name }) => name);
  const missing = change.threatModels?.find((name) => !known.includes(name));
  if (missing !== undefined) {
    throw refused(
      `The spec has no threat model “${missing.slice(0, 60)}” (it has ${known.join(', ')}).`,
      'Evaluate the model again as the spec is now, then look for pitfalls anew.',
    );
  }
  for (const name of ['iterations', 'restarts', 'queries'] as const) {
    const asked = change[name] ?? 0;
    if (asked > most[name]) {
      throw refused(
        `${asked} ${name} are more than the ${most[name]} that a change may ask for.`,
        'Write them into the spec.',
      );
    }
  }
  const odd = change.addAttacks?.find((name) => !isAttack(name));
  if (odd !== undefined) {
    throw refused(`There is no attack called “${odd.slice(0, 60)}”.`, `The attacks are ${attackNames.join(', ')}.`);
  }
}

function isAttack(name: string): name is AttackName {
  return attackNames.some((each) => each === name);
}

function stronger(threat: ResolvedThreatModel, changes: SpecChanges, classes: number | null): ResolvedThreatModel {
  const { norm, knowledge, queries } = threat;
  const goal = changes.goal ?? threat.goal;
  const suite = changes.suite ?? threat.suite;
  const base =
    changes.suite === undefined && goal === threat.goal
      ? threat.attacks
      : attacksFor({ norm, knowledge, goal, ...(queries === null ? {} : { queries }) }, suite, classes);
  const fits = (name: AttackName) => {
    const { norms, leastClasses = 2, targeted } = attackByName(name);
    if (goal === 'targeted' && !targeted) return false;
    return norms.includes(norm) && (classes === null || classes >= leastClasses);
  };
  const added = (changes.addAttacks ?? [])
    .filter(isAttack)
    .filter((name, k, all) => all.indexOf(name) === k && fits(name) && !base.some((each) => each.name === name));
  const fresh = added.length === 0 ? [] : attacksFor({ norm, knowledge, goal, attacks: added }, suite, classes);
  // An attacker who takes any class has none that he wants.
  const { target, ...untargeted } = threat;
  const kept = goal === 'targeted' && target !== undefined ? threat : untargeted;
  const attacks = [...base, ...fresh].map((attack) => grown(attack, changes));
  if (attacks.length === 0) {
    throw refused(`No attack of the suite ${suite} fits ${threat.name}.`, 'Choose another suite in the spec.');
  }
  const minimalNorm = threat.minimalNorm === true || wantsMinimalNorm({}, suite);
  return {
    ...kept,
    goal,
    suite,
    attacks,
    ...(minimalNorm ? { minimalNorm } : {}),
    ...(queries !== null && changes.queries !== undefined ? { queries: Math.max(queries, changes.queries) } : {}),
  };
}

/** Budgets of what a change concerns: iterations and restarts of ascents, queries of the rest; never less than before. */
function grown(attack: AttackPlan, { iterations = 0, restarts = 0, queries = 0 }: SpecChanges): AttackPlan {
  if (attackByName(attack.name).needs !== 'gradient') {
    const asked = Math.max(attack.queries, queries);
    return { ...attack, queries: asked, iterations: asked };
  }
  // One step is what a single-step attack is.
  if (attack.name === 'fgsm') return attack;
  return {
    ...attack,
    iterations: Math.max(attack.iterations, iterations),
    restarts: Math.max(attack.restarts, restarts),
  };
}

/** `the suite standard, at least 100 iterations`. */
export function describeChanges({
  suite,
  goal,
  addAttacks,
  iterations,
  restarts,
  queries,
  limit,
}: SpecChanges): string {
  return [
    ...(suite === undefined ? [] : [`the suite ${suite}`]),
    ...(goal === undefined ? [] : ['any wrong class']),
    ...(addAttacks === undefined ? [] : [`${addAttacks.join(' and ')} added`]),
    ...(iterations === undefined ? [] : [`at least ${iterations} iterations`]),
    ...(restarts === undefined ? [] : [`at least ${restarts} restarts`]),
    ...(queries === undefined ? [] : [`at least ${queries} queries`]),
    ...(limit === undefined ? [] : [`${limit} examples`]),
  ].join(', ');
}

function refused(message: string, hint: string): RobustnessError {
  return new RobustnessError('spec/changes', message, hint);
}
