import { targetText } from './describe';
import type { ThreatModelReport } from './schema';
import type { Section } from './section';
import { withInterval } from './words';

type Target = NonNullable<ThreatModelReport['target']>;

/** The classes that were wanted, those reached most often first; of equal ones in the order of the classes. */
function easiestFirst({ byClass }: Pick<Target, 'byClass'>): Target['byClass'] {
  return [...byClass].sort((a, b) => b.successRate.value - a.successRate.value);
}

/** What a targeted attacker wanted and got, in a sentence or two. */
function targetSummary({ rule, class: wanted, pairs, reached, ownClass }: Target): string {
  const own =
    ownClass === 0
      ? ''
      : ` ${ownClass} ${ownClass === 1 ? 'example is' : 'examples are'} of that class as they are: there is nothing to reach, and they count as standing.`;
  return `The attacker wants ${targetText({ rule, class: wanted })}, and reached the target in ${reached} of ${pairs} pairs of example and target; another mistake of the model does not count.${own}`;
}

/** Which classes are easiest to reach; null where any wrong class will do. */
export function targets({ name, target }: ThreatModelReport): Section | null {
  if (!target) return null;
  return {
    title: `Targets: ${name}`,
    paragraphs: [targetSummary(target)],
    table: {
      columns: ['Target', 'Reached', 'Pairs'],
      rows: easiestFirst(target).map(({ label, successRate }) => [
        label,
        withInterval(successRate),
        String(successRate.n),
      ]),
    },
  };
}
