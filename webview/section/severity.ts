import type { LineChart, Series } from '../chart/spec';
import { h } from '../dom';
import { scroller } from '../parts';

const SEVERITIES = [1, 2, 3, 4, 5] as const;
const SHAPES = ['circle', 'triangle', 'rect', 'rectRot', 'cross'] as const;
const COLORS = ['red', 'orange', 'purple', 'blue', 'green'] as const;
/** More lines than this cannot be told apart: the others turn grey. */
const NAMED_LINES = 5;

/** A figure as a cell; `lost` is how red it is, 0 to 1. */
export interface HeatCell {
  readonly text: string;
  readonly lost: number;
  /** Shown when one points at it. */
  readonly title?: string | undefined;
}

export interface HeatRow {
  readonly title: string;
  /** Null where there is no figure: at a severity that was not run, or of a model that gave none. */
  readonly bySeverity: ReadonlyMap<number, HeatCell | null>;
  readonly mean: HeatCell | null;
  /** In the column that `last` names. */
  readonly last?: string;
}

/** Corruptions by severity, with their means and, where `last` names it, one column more. */
export function heatTable(caption: string, rows: readonly HeatRow[], last: string | null): HTMLElement {
  const shown = SEVERITIES.filter((s) => rows.some(({ bySeverity }) => bySeverity.has(s)));
  return scroller(
    caption,
    h(
      'table',
      { class: 'heat' },
      h('caption', { class: 'unseen' }, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'col' }, 'Corruption'),
          ...shown.map((s) => h('th', { scope: 'col', class: 'num' }, h('span', { class: 'unseen' }, 'Severity '), s)),
          h('th', { scope: 'col', class: 'num' }, 'Mean'),
          last === null ? null : h('th', { scope: 'col', class: 'num' }, last),
        ),
      ),
      h(
        'tbody',
        {},
        ...rows.map((row) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, row.title),
            ...shown.map((s) => heatCell(row.bySeverity.get(s) ?? null)),
            heatCell(row.mean, 'mean'),
            last === null ? null : h('td', { class: 'num' }, row.last ?? '–'),
          ),
        ),
      ),
    ),
  );
}

export function heatCell(cell: HeatCell | null, kind = ''): HTMLElement {
  if (cell === null) return h('td', { class: 'num none' }, '–');
  const { text, lost, title } = cell;
  return h(
    'td',
    { class: `num heat-cell ${kind}`.trim(), style: { '--lost': `${Math.round(100 * lost)}%` }, title },
    text,
  );
}

/** An accuracy as a cell that is the redder, the more of the clean accuracy is lost. */
export function accuracyCell(value: number, clean: number): HeatCell {
  const lost = clean > 0 ? Math.min(1, Math.max(0, (clean - value) / clean)) : 0;
  return { text: (100 * value).toFixed(1), lost };
}

export interface SeverityLine {
  readonly title: string;
  /** x is the severity. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** A figure against severity, for each corruption; the first few are named, and all begin at what is measured without any. */
export function severityChart(
  lines: readonly SeverityLine[],
  clean: number | undefined,
  y: (most: number) => LineChart['y'],
): LineChart {
  const start = clean === undefined ? [] : [{ x: 0, y: clean }];
  const series = lines.map(({ title, points }, i): Series => {
    const named = i < NAMED_LINES;
    return {
      label: title,
      points: [...start, ...points],
      color: named ? (COLORS[i] ?? 'foreground') : 'muted',
      shape: named ? (SHAPES[i] ?? 'circle') : 'none',
      width: named ? 2 : 1,
      ...(named ? { endLabel: title } : {}),
    };
  });
  const most = series.flatMap(({ points }) => points).reduce((a, point) => Math.max(a, point.y), 0);
  return {
    // The grey lines go below the named ones.
    series: series.reverse(),
    rules: [],
    x: {
      title: 'Severity',
      min: start.length > 0 ? 0 : 1,
      max: 5,
      ticks: [
        ...(start.length > 0 ? [{ at: 0, label: 'clean' }] : []),
        ...SEVERITIES.map((s) => ({ at: s, label: String(s) })),
      ],
    },
    y: y(most),
  };
}
