import type { CorruptionRow } from '../../src/engine/report/schema';
import type { LineChart, Series } from '../chart/spec';
import type { Context } from '../context';
import { h } from '../dom';
import { interval, percent } from '../format';
import { chart, dataTable, info, scroller, section, stat } from '../parts';

const SEVERITIES = [1, 2, 3, 4, 5] as const;
const SHAPES = ['circle', 'triangle', 'rect', 'rectRot', 'cross'] as const;
const COLORS = ['red', 'orange', 'purple', 'blue', 'green'] as const;
/** More lines than this cannot be told apart: the others turn grey. */
const NAMED_LINES = 5;

export interface CorruptionGroup {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly CorruptionRow[];
  readonly mean: number;
}

/** Rows by corruption, the one that costs most first. */
export function groupCorruptions(rows: readonly CorruptionRow[]): CorruptionGroup[] {
  const groups = new Map<string, CorruptionRow[]>();
  for (const row of rows) {
    const group = groups.get(row.name);
    if (group === undefined) groups.set(row.name, [row]);
    else group.push(row);
  }
  return [...groups.entries()]
    .map(([name, members]) => ({
      name,
      title: members[0]?.title ?? name,
      rows: [...members].sort((a, b) => a.severity - b.severity),
      mean: members.reduce((sum, { accuracy }) => sum + accuracy.value, 0) / members.length,
    }))
    .sort((a, b) => a.mean - b.mean);
}

export function corruptions(ctx: Context): HTMLElement | null {
  const { corruptions: measured } = ctx.report;
  if (measured === null) return null;
  const groups = groupCorruptions(measured.byCorruption);
  const worst = groups[0];
  const { reference } = measured;
  return section(
    'corruptions',
    'Corruptions by severity',
    h('span', { class: 'muted' }, 'accuracy in %, without an adversary'),
    h(
      'dl',
      { class: 'scores' },
      stat(
        'Mean accuracy',
        percent(measured.meanAccuracy.value),
        interval(measured.meanAccuracy),
        info(ctx, 'meanAccuracy', 'mean accuracy under corruption', 'corruptions'),
      ),
      measured.mCE === null
        ? null
        : stat(
            'mCE',
            percent(measured.mCE.value),
            `${interval(measured.mCE)}${reference === undefined ? '' : `, relative to ${reference.name}`}`,
            info(ctx, 'mCE', 'mean corruption error', 'corruptions'),
          ),
      reference === undefined || reference.relativeMCE === null
        ? null
        : stat(
            'Relative mCE',
            percent(reference.relativeMCE),
            'of the errors beyond the clean ones',
            info(ctx, 'relativeMCE', 'relative mean corruption error', 'corruptions'),
          ),
      worst === undefined || groups.length < 2
        ? null
        : stat('Costs most', worst.title, `${percent(worst.mean)} are left on average`),
      stat(
        'Stability index',
        measured.stabilityIndex.value.toFixed(2),
        'of answers unchanged',
        info(ctx, 'stabilityIndex', 'stability index', 'corruptions'),
      ),
    ),
    h('div', { class: 'split' }, heat(ctx, groups), lines(ctx, groups)),
  );
}

/** Accuracy by corruption and severity; a cell is the redder, the more of the clean accuracy is lost. */
function heat(ctx: Context, groups: readonly CorruptionGroup[]): HTMLElement {
  const clean = ctx.report.clean?.accuracy.value ?? 1;
  const reference = ctx.report.corruptions?.reference;
  const ce = (name: string) => {
    const value = reference?.byCorruption.find((row) => row.name === name)?.ce;
    return value === undefined || value === null ? '–' : (100 * value).toFixed(0);
  };
  const shown = SEVERITIES.filter((s) => groups.some(({ rows }) => rows.some(({ severity }) => severity === s)));
  return scroller(
    'Accuracy by corruption and severity',
    h(
      'table',
      { class: 'heat' },
      h('caption', { class: 'unseen' }, 'Accuracy by corruption and severity'),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'col' }, 'Corruption'),
          ...shown.map((s) => h('th', { scope: 'col', class: 'num' }, h('span', { class: 'unseen' }, 'Severity '), s)),
          h('th', { scope: 'col', class: 'num' }, 'Mean'),
          reference === undefined ? null : h('th', { scope: 'col', class: 'num' }, 'CE'),
        ),
      ),
      h(
        'tbody',
        {},
        ...groups.map(({ name, title, rows, mean }) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, title),
            ...shown.map((s) => cell(rows.find(({ severity }) => severity === s)?.accuracy.value ?? null, clean)),
            cell(mean, clean, 'mean'),
            reference === undefined ? null : h('td', { class: 'num' }, ce(name)),
          ),
        ),
      ),
    ),
  );
}

/** A cell that is the redder, the more of the clean accuracy is lost. */
export function cell(value: number | null, clean: number, kind = ''): HTMLElement {
  if (value === null) return h('td', { class: 'num none' }, '–');
  const lost = clean > 0 ? Math.min(1, Math.max(0, (clean - value) / clean)) : 0;
  return h(
    'td',
    { class: `num heat-cell ${kind}`.trim(), style: { '--lost': `${Math.round(100 * lost)}%` } },
    (100 * value).toFixed(1),
  );
}

function lines(ctx: Context, groups: readonly CorruptionGroup[]): HTMLElement {
  const clean = ctx.report.clean?.accuracy;
  const start = clean === undefined ? [] : [{ x: 0, y: clean.value }];
  const series = groups.map(({ title, rows }, i): Series => {
    const points = [...start, ...rows.map(({ severity, accuracy }) => ({ x: severity, y: accuracy.value }))];
    const named = i < NAMED_LINES;
    return {
      label: title,
      points,
      color: named ? (COLORS[i] ?? 'foreground') : 'muted',
      shape: named ? (SHAPES[i] ?? 'circle') : 'none',
      width: named ? 2 : 1,
      ...(named ? { endLabel: title } : {}),
    };
  });
  const spec: LineChart = {
    // The grey lines go below the named ones.
    series: [...series].reverse(),
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
    y: { title: 'Accuracy' },
  };
  const worst = groups[0];
  return chart(
    ctx,
    'corruptions',
    `Accuracy against severity for ${groups.length} corruptions.${worst === undefined ? '' : ` ${worst.title} costs most.`}`,
    spec,
    dataTable(
      'Corruptions with intervals',
      [
        { title: 'Corruption', head: true, cell: (row) => row.title },
        { title: 'Severity', numeric: true, cell: (row) => row.severity },
        { title: 'Accuracy', numeric: true, cell: (row) => percent(row.accuracy.value) },
        { title: '95 % interval', numeric: true, cell: (row) => interval(row.accuracy) },
        { title: 'Answers unchanged', numeric: true, cell: (row) => percent(row.stability.value) },
      ],
      groups.flatMap(({ rows }) => rows),
    ),
  );
}
