import type { Report } from '../../src/engine/report/schema';
import type { Context } from '../context';
import { h } from '../dom';
import { count, percent, plural } from '../format';
import { dataTable, info, scroller, section } from '../parts';

type Clean = NonNullable<Report['clean']>;

/** A table of more classes than this is wider than any page: the pairs that are confused stand in its place. */
const WIDEST = 20;
const MOST_PAIRS = 12;

export interface ConfusedPair {
  readonly label: string;
  readonly as: string;
  readonly count: number;
  /** Examples of the class. */
  readonly of: number;
}

/** Pairs of classes that are taken for one another, the most frequent first. */
export function confusedPairs({ confusion, perClass }: Pick<Clean, 'confusion' | 'perClass'>): ConfusedPair[] {
  const label = (k: number) => perClass[k]?.label ?? String(k);
  return (confusion ?? [])
    .flatMap((row, t) =>
      row.map((n, p) => ({ label: label(t), as: label(p), count: t === p ? 0 : n, of: perClass[t]?.support ?? 0 })),
    )
    .filter((pair) => pair.count > 0)
    .sort((a, b) => b.count - a.count);
}

/** Which class is taken for which: counts, the stronger coloured the larger their share of the true class. */
export function confusion(ctx: Context): HTMLElement | null {
  const { clean } = ctx.report;
  if (clean?.confusion === undefined) return null;
  const pairs = confusedPairs(clean);
  const wide = clean.confusion.length > WIDEST;
  return section(
    'confusion',
    'Confusion matrix',
    h(
      'span',
      { class: 'muted' },
      'examples by true and predicted class, without an attack',
      info(ctx, 'confusion', 'confusion matrix', 'confusion'),
    ),
    pairs.length === 0
      ? h('p', { class: 'muted' }, 'No class is taken for another.')
      : h('p', { class: 'caption' }, `Most often: ${described(pairs)}.`),
    wide ? pairTable(pairs) : matrix(clean.confusion, clean.perClass),
  );
}

function described(pairs: readonly ConfusedPair[]): string {
  return pairs
    .slice(0, 3)
    .map(({ label, as, count: n, of }) => `${label} taken for ${as} (${count(n)} of ${count(of)})`)
    .join(', ');
}

function matrix(rows: readonly (readonly number[])[], perClass: Clean['perClass']): HTMLElement {
  const label = (k: number) => perClass[k]?.label ?? String(k);
  return scroller(
    'Confusion matrix',
    h(
      'table',
      { class: 'heat confusion' },
      h('caption', { class: 'unseen' }, 'Examples by true class (row) and predicted class (column)'),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'col' }, 'True \\ predicted'),
          ...rows.map((_, p) => h('th', { scope: 'col', class: 'num' }, label(p))),
        ),
      ),
      h(
        'tbody',
        {},
        ...rows.map((row, t) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, label(t)),
            ...row.map((n, p) => cell(n, perClass[t]?.support ?? 0, `${label(t)} predicted as ${label(p)}`, t === p)),
          ),
        ),
      ),
    ),
  );
}

function cell(n: number, support: number, what: string, right: boolean): HTMLElement {
  const share = support > 0 ? n / support : 0;
  if (n === 0) return h('td', { class: 'num none', title: what }, '0');
  return h(
    'td',
    {
      class: `num heat-cell${right ? ' heat-right' : ''}`,
      style: { '--lost': `${Math.round(100 * share)}%` },
      title: `${what}: ${plural(n, 'example')}, ${percent(share)} of the class`,
    },
    count(n),
  );
}

function pairTable(pairs: readonly ConfusedPair[]): HTMLElement {
  return dataTable(
    'Classes that are taken for one another',
    [
      { title: 'True class', head: true, cell: ({ label }) => label },
      { title: 'Predicted', cell: ({ as }) => as },
      { title: 'Examples', numeric: true, cell: ({ count: n, of }) => `${count(n)} of ${count(of)}` },
      { title: 'Share', numeric: true, cell: ({ count: n, of }) => (of > 0 ? percent(n / of) : '–') },
    ],
    pairs.slice(0, MOST_PAIRS),
  );
}
