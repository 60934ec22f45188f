import type { Churn, PairedTest } from '../../src/engine/compare/types';
import { h } from '../dom';
import { count, interval, percent, plural, points } from '../format';
import { icon } from '../icons';
import { dataTable, section, tag } from '../parts';
import { type CompareContext, pText, testOf } from './context';

/** Tests on the same examples, and how many predictions change: each model against the one that is the base. */
export function pairsSection(ctx: CompareContext): HTMLElement | null {
  const { comparison, base } = ctx;
  const { models, paired, leftOut } = comparison;
  if (paired.length + leftOut.length === 0) return null;
  const name = (model: number) => models[model]?.name ?? '';
  const others = models.map((_, i) => i).filter((i) => i !== base);
  const conditions = [null, ...comparison.tradeOffs.map(({ key }) => key)];
  const tests = others.flatMap((other) =>
    conditions.flatMap((threat) => testOf(comparison, other, base, threat) ?? []),
  );
  const missing = leftOut.filter(({ first, second }) => first === base || second === base);
  return section(
    'pairs',
    'On the same examples',
    h('span', { class: 'muted' }, `${plural(paired.length, 'test')} in all, p-values adjusted for their number`),
    dataTable<PairedTest>(
      `Paired tests against ${name(base)}`,
      [
        { title: 'Model', head: true, cell: (t) => name(t.first) },
        { title: 'On', cell: (t) => t.threat ?? 'clean' },
        { title: 'Difference, points', numeric: true, cell: (t) => points(t.difference.value) },
        {
          title: '95 % interval',
          numeric: true,
          cell: (t) => `${points(t.difference.low)} to ${points(t.difference.high)}`,
        },
        { title: 'It alone is right', numeric: true, cell: (t) => count(t.onlyFirst) },
        { title: `${name(base)} alone`, numeric: true, cell: (t) => count(t.onlySecond) },
        { title: 'p, adjusted', numeric: true, cell: (t) => pText(t.adjusted) },
        { title: 'Verdict', cell: verdict },
      ],
      tests,
    ),
    ...missing.map(({ first, second, threat, reason }) =>
      h(
        'p',
        { class: 'aside' },
        icon('info'),
        h('span', {}, `Not tested: ${name(first === base ? second : first)}, ${threat ?? 'clean'}: ${reason}.`),
      ),
    ),
    h(
      'p',
      { class: 'muted' },
      "McNemar's exact test on which examples each model gets right; Holm's correction for the number of tests; the interval is Newcombe's for paired shares.",
    ),
    ...churnTable(ctx),
  );
}

function verdict({ adjusted, difference }: PairedTest): HTMLElement {
  if (adjusted >= 0.05) return tag('not told apart', 'plain');
  return difference.value > 0 ? tag('better', 'good') : tag('worse', 'bad');
}

function churnTable({ comparison, base }: CompareContext): HTMLElement[] {
  const rows = comparison.churn.flatMap((churn) => {
    if (churn.first === base) return [churn];
    if (churn.second === base) return [turned(churn)];
    return [];
  });
  if (rows.length === 0) return [];
  const name = (model: number) => comparison.models[model]?.name ?? '';
  return [
    h('h3', { class: 'sub' }, `Prediction churn: another takes the place of ${name(base)}`),
    dataTable(
      'Prediction churn',
      [
        { title: 'Model', head: true, cell: (c) => name(c.second) },
        { title: 'Predictions that change', numeric: true, cell: (c) => percent(c.changed.value) },
        { title: '95 % interval', numeric: true, cell: (c) => interval(c.changed) },
        { title: 'Now right', numeric: true, cell: (c) => count(c.gained) },
        { title: 'Now wrong', numeric: true, cell: (c) => count(c.lost) },
        { title: 'Wrong otherwise', numeric: true, cell: (c) => count(c.otherError) },
      ],
      rows,
    ),
  ];
}

function turned({ first, second, gained, lost, ...rest }: Churn): Churn {
  return { ...rest, first: second, second: first, gained: lost, lost: gained };
}
