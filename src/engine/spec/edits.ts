import { z } from 'zod';
import { type EditRules, usualEditRules } from '../attack/editRules';
import type { DataKind } from '../data/types';
import { RobustnessError } from '../error';
import type { AttackName, ResolvedThreatModel, SuiteName, ThreatModelSpec } from './schema';

/** What a threat model of edits leaves alone, so that a text keeps its meaning. */
export const editRulesSchema = z.strictObject({
  keepEnds: z.boolean().optional().describe('First and last letters of a word stay; true if absent.'),
  leastLetters: z.number().int().min(1).max(64).optional().describe('Words of fewer letters stay; 4 if absent.'),
  keep: z.array(z.string().min(1)).max(10_000).optional().describe('Words that stay, besides those that negate.'),
});

/** Edits of Pruthi et al. 2019, who evaluate one and two. */
export const conventionalEdits = '2';

/**
 * The rules of a threat model of edits; undefined for one of a norm.
 * @param kind null while the data are not known
 * @throws RobustnessError `spec/edits` where norm and data do not go together, and for an ε that is no number of characters
 */
export function resolveEdits(
  name: string,
  threat: Pick<Partial<ThreatModelSpec>, 'bounds' | 'edits'> & { readonly norm: ResolvedThreatModel['norm'] },
  epsilon: number,
  kind: DataKind | null,
): EditRules | undefined {
  if (threat.norm !== 'edits') {
    if (kind === 'text') {
      throw new RobustnessError(
        'spec/edits',
        `The threat model “${name}” is in ${threat.norm}, which has no meaning for text: characters are discrete.`,
        'State `norm: edits` with a whole number of characters as `epsilon`, such as 2.',
      );
    }
    if (threat.edits === undefined) return undefined;
    throw new RobustnessError(
      'spec/edits',
      `The threat model “${name}” has rules of edits, and its norm is ${threat.norm}.`,
      'Leave `edits` out, or state `norm: edits`.',
    );
  }
  if (kind !== null && kind !== 'text') {
    throw new RobustnessError(
      'spec/edits',
      `The threat model “${name}” counts edited characters, and the data hold no texts.`,
      'State another norm, such as linf or l2.',
    );
  }
  if (!Number.isInteger(epsilon)) {
    throw new RobustnessError(
      'spec/edits',
      `ε = ${epsilon} of the threat model “${name}” is not a number of characters.`,
      'Give a whole number, such as 2.',
    );
  }
  if (threat.bounds !== undefined) {
    throw new RobustnessError(
      'spec/edits',
      `The threat model “${name}” has bounds, which characters have not.`,
      'Leave `bounds` out.',
    );
  }
  const { keepEnds, leastLetters, keep } = threat.edits ?? {};
  return {
    keepEnds: keepEnds ?? usualEditRules.keepEnds,
    leastLetters: leastLetters ?? usualEditRules.leastLetters,
    keep: (keep ?? usualEditRules.keep).map((word) => word.toLowerCase()),
  };
}

type AttackPlan = ResolvedThreatModel['attacks'][number];
const search = (name: AttackName, queries: number): AttackPlan => ({ name, iterations: queries, restarts: 1, queries });

/** Attacks on texts by suite: by scores, and by labels alone where the attacker sees nothing else. */
export function editSuites({
  knowledge,
}: Partial<ThreatModelSpec>): Readonly<Record<SuiteName, readonly AttackPlan[]>> {
  const name = knowledge === 'black-box-decision' ? 'edits-random' : 'edits-beam';
  return {
    quick: [search(name, 200)],
    standard: [search(name, 1000)],
    plus: [search(name, 2500)],
    // A mean over passes does nothing for a search that compares single ones.
    rand: [search(name, 1000)],
    thorough: [search(name, 5000)],
  };
}
