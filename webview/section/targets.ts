import type { ThreatModelReport } from '../../src/engine/report/schema';
import type { Context } from '../context';
import { h } from '../dom';
import { count, plural } from '../format';
import { barCell, dataTable, section } from '../parts';

type Target = NonNullable<ThreatModelReport['target']>;

const wanted: Readonly<Record<Target['rule'], string>> = {
  class: 'one class',
  'least-likely': 'the least likely class of each example',
  random: 'a random wrong class of each example',
  all: 'each wrong class in turn',
};

/** Which classes a targeted attacker gets, the easiest first; nothing where any wrong class will do. */
export function targets({ threat }: Context): HTMLElement | null {
  const target = threat?.target;
  if (!target) return null;
  const { rule, class: only, pairs, reached, ownClass, byClass } = target;
  const rows = [...byClass].sort((a, b) => b.successRate.value - a.successRate.value);
  return section(
    'targets',
    'Targets',
    h('span', { class: 'muted' }, only === null ? wanted[rule] : `the class ${only}`),
    h(
      'p',
      { class: 'lesson' },
      'The attacks reached the target in ',
      h('strong', {}, count(reached)),
      ` of ${plural(pairs, 'pair')} of example and target. Another mistake of the model does not count here.`,
    ),
    rows.length === 0
      ? null
      : dataTable(
          'Targets, those reached most often first',
          [
            { title: 'Target', head: true, cell: ({ label }) => label },
            {
              title: 'Reached the target',
              className: 'wide',
              cell: ({ successRate }) => barCell(successRate, 'robust'),
            },
            { title: 'Pairs', numeric: true, cell: ({ successRate }) => count(successRate.n) },
          ],
          rows,
        ),
    ownClass === 0
      ? null
      : h(
          'p',
          { class: 'note' },
          `${plural(ownClass, 'example')} ${ownClass === 1 ? 'is' : 'are'} of that class already: nothing is to be reached there, and they count as standing.`,
        ),
  );
}
