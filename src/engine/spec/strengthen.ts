import { attackByName } from '../attack/registry';
import { RobustnessError } from '../error';
import type { Mitigation } from '../report/evidenceSchema';
import { wantsMinimalNorm } from './minimalNorm';
import { type AttackName, attackNames, type ResolvedSpec, type ResolvedThreatModel } from './schema';
import { attacksFor } from './suites';

export type SpecChanges = Mitigation['changes'];

/** Beyond these a change asks for days, not for a stronger evaluation: changes are read from reports, which anyone may have written. */
const most = { iterations: 10_000, restarts: 100, queries: 100_000, addAttacks: attackNames.length } as const;

type AttackPlan = ResolvedThreatModel['attacks'][number];

/**
 * The spec with stronger attacks on the threat models concerned; budgets only grow, and all else stays as it is. What was
 * changed is said in `inferred`, since the spec's file does not say it.
 * @param classes number of classes if known
 * @throws RobustnessError `spec/changes` for a threat model or an attack that there is not, for a budget beyond all measure, and
 * where nothing would be different
 */
export function strengthen(spec: ResolvedSpec, changes: SpecChanges, classes: number | null): ResolvedSpec {
  const { threatModels: names, limit: _, ...budget } = changes;
  if (Object.keys(budget).length === 0) return spec;
  const known = spec.threatModels.map(({ name }) => name);
  const missing = names?.find((name) => !known.includes(name));
  if (missing !== undefined) {
    throw refused(
      `The spec has no threat model “${missing}” (it has ${known.join(', ')}).`,
      'Evaluate the model again as the spec is now, then look for pitfalls anew.',
    );
  }
  for (const [name, limit] of Object.entries(most)) {
    const asked = changes[name as keyof typeof most];
    const size = Array.isArray(asked) ? asked.length : asked;
    if (size !== undefined && Number(size) > limit) {
      throw refused(`${name}: ${size} is more than the ${limit} that a change may ask for.`, 'Write it into the spec.');
    }
  }
  const concerned = (name: string) => names === undefined || names.includes(name);
  const said = (names ?? known).map((name) => `${name}: ${describeChanges(changes)}, which the spec does not say`);
  const threatModels = spec.threatModels.map((threat) =>
    concerned(threat.name) ? stronger(threat, changes, classes) : threat,
  );
  if (JSON.stringify(threatModels) === JSON.stringify(spec.threatModels)) {
    throw refused(
      `The evaluation has all of this already: ${describeChanges(changes)}.`,
      'Read the advice of the pitfall for what else can be done.',
    );
  }
  return { ...spec, threatModels, inferred: [...spec.inferred, ...said] };
}

function stronger(threat: ResolvedThreatModel, changes: SpecChanges, classes: number | null): ResolvedThreatModel {
  const { norm, knowledge, queries } = threat;
  const suite = changes.suite ?? threat.suite;
  const base =
    changes.suite === undefined
      ? threat.attacks
      : attacksFor({ norm, knowledge, ...(queries === null ? {} : { queries }) }, changes.suite, classes);
  const fits = (name: AttackName) => {
    const { norms, leastClasses = 2 } = attackByName(name);
    return norms.includes(norm) && (classes === null || classes >= leastClasses);
  };
  const added = (changes.addAttacks ?? [])
    .map(attackName)
    .filter((name) => fits(name) && !base.some((each) => each.name === name));
  const fresh = added.length === 0 ? [] : attacksFor({ norm, knowledge, attacks: added }, suite, classes);
  const attacks = [...base, ...fresh].map((attack) => grown(attack, changes));
  if (attacks.length === 0) {
    throw refused(`No attack of the suite ${suite} fits ${threat.name}.`, 'Choose another suite in the spec.');
  }
  const minimalNorm = threat.minimalNorm === true || wantsMinimalNorm({}, suite);
  return {
    ...threat,
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

function attackName(name: string): AttackName {
  const found = attackNames.find((each) => each === name);
  if (found !== undefined) return found;
  throw refused(`There is no attack called “${name.slice(0, 60)}”.`, `The attacks are ${attackNames.join(', ')}.`);
}

/** `the suite standard, at least 100 iterations`. */
export function describeChanges({ suite, addAttacks, iterations, restarts, queries, limit }: SpecChanges): string {
  return [
    ...(suite === undefined ? [] : [`the suite ${suite}`]),
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
