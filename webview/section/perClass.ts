import type { Figure, PerClass } from '../../src/engine/report/schema';
import type { Context, Sort } from '../context';
import { type Child, h } from '../dom';
import { count, percent, threatLabel } from '../format';
import { barCell, scroller, section, tag } from '../parts';

interface ClassColumn {
  readonly key: string;
  readonly title: string;
  readonly value: (row: PerClass) => number | string | null;
  readonly cell: (row: PerClass) => Child;
  readonly wide?: boolean;
}

/** Rows in the chosen order; rows without the figure come last either way. */
export function sortRows<Row>(
  rows: readonly Row[],
  value: (row: Row) => number | string | null,
  descending: boolean,
): Row[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    if (typeof x === 'number' && typeof y === 'number') return sign * (x - y);
    return sign * String(x).localeCompare(String(y), 'en', { numeric: true });
  });
}

/** Metrics by class, with the class that suffers most marked. */
export function perClass({ report, threat, sort }: Context): HTMLElement | null {
  const rows = report.clean?.perClass ?? [];
  if (rows.length === 0) return null;
  const robust = (row: PerClass): Figure | null =>
    threat !== null && Object.hasOwn(row.robustAccuracy, threat.name)
      ? (row.robustAccuracy[threat.name] ?? null)
      : null;
  const hasRobust = rows.some((row) => robust(row) !== null);
  const ratio = (figure: Figure | null) => (figure === null ? '–' : percent(figure.value));
  const judged = (row: PerClass) => (hasRobust ? robust(row) : row.accuracy)?.value ?? null;
  const worst = worstClass(rows, judged);
  const columns: ClassColumn[] = [
    {
      key: 'label',
      title: 'Class',
      value: (row) => row.label,
      cell: (row) => h('span', { class: 'class-name' }, row.label, row === worst ? tag('worst', 'bad') : null),
    },
    { key: 'support', title: 'Examples', value: (row) => row.support, cell: (row) => count(row.support) },
    {
      key: 'accuracy',
      title: 'Accuracy',
      value: (row) => row.accuracy?.value ?? null,
      cell: (row) => barCell(row.accuracy, 'clean'),
      wide: true,
    },
    ...(hasRobust
      ? [
          {
            key: 'robust',
            title: threat === null ? 'Robust' : `Robust, ${threatLabel(threat)}`,
            value: (row: PerClass) => robust(row)?.value ?? null,
            cell: (row: PerClass) => barCell(robust(row), 'robust'),
            wide: true,
          },
        ]
      : []),
    {
      key: 'precision',
      title: 'Precision',
      value: (row) => row.precision?.value ?? null,
      cell: (row) => ratio(row.precision),
    },
    { key: 'recall', title: 'Recall', value: (row) => row.recall?.value ?? null, cell: (row) => ratio(row.recall) },
    { key: 'f1', title: 'F1', value: (row) => row.f1?.value ?? null, cell: (row) => ratio(row.f1) },
    {
      key: 'rocAuc',
      title: 'ROC AUC',
      value: (row) => row.rocAuc?.value ?? null,
      cell: (row) => (row.rocAuc === null ? '–' : row.rocAuc.value.toFixed(3)),
    },
  ];
  const by = columns.find(({ key }) => key === sort.column) ?? (columns[0] as ClassColumn);
  return section(
    'classes',
    'Per class',
    h('span', { class: 'muted' }, 'column heads sort'),
    scroller(
      'Metrics by class',
      h(
        'table',
        {},
        h('caption', { class: 'unseen' }, 'Metrics by class'),
        h('thead', {}, h('tr', {}, ...columns.map((column) => head(column, by, sort)))),
        h(
          'tbody',
          {},
          ...sortRows(rows, by.value, sort.descending).map((row) =>
            h(
              'tr',
              { class: row === worst ? 'worst' : null, 'data-key': `class ${row.label}` },
              ...columns.map(({ key, cell, wide }) =>
                key === 'label'
                  ? h('th', { scope: 'row' }, cell(row))
                  : h('td', { class: wide ? 'wide' : 'num' }, cell(row)),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** The class with the lowest figure; none if another has it too, since then no class stands out. */
export function worstClass<Row>(rows: readonly Row[], value: (row: Row) => number | null): Row | null {
  const [first, second] = sortRows(rows, value, false).filter((row) => value(row) !== null);
  return first === undefined || second === undefined || value(first) === value(second) ? null : first;
}

function head({ key, title, wide }: ClassColumn, by: ClassColumn, sort: Sort): HTMLElement {
  const active = key === by.key;
  return h(
    'th',
    {
      scope: 'col',
      class: key === 'label' ? null : wide ? 'wide' : 'num',
      'aria-sort': active ? (sort.descending ? 'descending' : 'ascending') : 'none',
    },
    h(
      'button',
      { type: 'button', class: 'sort', 'data-action': 'sort', 'data-value': key },
      title,
      h('span', { class: 'sort-sign', 'aria-hidden': 'true' }, active ? (sort.descending ? '▼' : '▲') : ''),
    ),
  );
}
