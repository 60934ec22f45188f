import type { CorruptionRow } from '../../src/engine/report/schema';
import type { Context } from '../context';
import { h } from '../dom';
import { interval, percent } from '../format';
import { chart, dataTable, info, section, stat } from '../parts';
import { accuracyCell, heatTable, severityChart } from './severity';

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

function heat(ctx: Context, groups: readonly CorruptionGroup[]): HTMLElement {
  const clean = ctx.report.clean?.accuracy.value ?? 1;
  const reference = ctx.report.corruptions?.reference;
  const ce = (name: string) => {
    const value = reference?.byCorruption.find((row) => row.name === name)?.ce;
    return value === undefined || value === null ? '–' : (100 * value).toFixed(0);
  };
  return heatTable(
    'Accuracy by corruption and severity',
    groups.map(({ name, title, rows, mean }) => ({
      title,
      bySeverity: new Map(rows.map(({ severity, accuracy }) => [severity, accuracyCell(accuracy.value, clean)])),
      mean: accuracyCell(mean, clean),
      last: ce(name),
    })),
    reference === undefined ? null : 'CE',
  );
}

function lines(ctx: Context, groups: readonly CorruptionGroup[]): HTMLElement {
  const spec = severityChart(
    groups.map(({ title, rows }) => ({
      title,
      points: rows.map(({ severity, accuracy }) => ({ x: severity, y: accuracy.value })),
    })),
    ctx.report.clean?.accuracy.value,
    () => ({ title: 'Accuracy' }),
  );
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
