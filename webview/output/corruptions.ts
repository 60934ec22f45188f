import type { OutputCorruptionRow } from '../../src/engine/report/outputCorruptions';
import type { Figure } from '../../src/engine/report/schema';
import type { OutputContext } from '../context';
import { h } from '../dom';
import { percent, quantity, quantityInterval } from '../format';
import { chart, dataTable, info, section, stat } from '../parts';
import { roundStep } from '../section/minimalNorm';
import { type HeatCell, heatTable, severityChart } from '../section/severity';

/** A cell is as red as can be where the error is so many times the clean one. */
const REDDEST = 3;

interface Group {
  readonly title: string;
  readonly rows: readonly OutputCorruptionRow[];
  /** Of MAE; null where the model gave no number. */
  readonly mean: number | null;
}

/** Rows by corruption, the one with the largest errors first. */
export function groupRows(rows: readonly OutputCorruptionRow[]): Group[] {
  const groups = new Map<string, OutputCorruptionRow[]>();
  for (const row of rows) groups.set(row.name, [...(groups.get(row.name) ?? []), row]);
  return [...groups.values()]
    .map((members): Group => {
      const known = members.flatMap(({ mae }) => (mae === null ? [] : [mae.value]));
      return {
        title: members[0]?.title ?? '',
        rows: members.toSorted((a, b) => a.severity - b.severity),
        mean: known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length,
      };
    })
    .sort((a, b) => (b.mean ?? Number.POSITIVE_INFINITY) - (a.mean ?? Number.POSITIVE_INFINITY));
}

/** Errors of a model that predicts numbers under corruptions. */
export function outputCorruptions(ctx: OutputContext): HTMLElement | null {
  const { corruptions: measured, clean } = ctx.report;
  if (measured === undefined) return null;
  const groups = groupRows(measured.byCorruption);
  const worst = groups[0];
  const unanswered = measured.byCorruption.reduce((most, row) => Math.max(most, row.unanswered ?? 0), 0);
  const of = (term: string, label: string, found: Figure | null, note = '') =>
    found === null
      ? null
      : stat(label, `${quantity(found.value)}${note}`, quantityInterval(found), info(ctx, term, label, 'corruptions'));
  return section(
    'corruptions',
    'Corruptions by severity',
    h('span', { class: 'muted' }, 'mean absolute error, without an adversary'),
    h(
      'dl',
      { class: 'scores' },
      of('corruptedMae', 'Mean error', measured.mae),
      of('errorRatio', 'Against the clean error', measured.ratio, ' times'),
      of('outputChange', 'Mean change', measured.meanChange),
      measured.withinTolerance === null
        ? null
        : stat(
            'Within tolerance',
            percent(measured.withinTolerance.value),
            clean?.withinTolerance ? `of ${percent(clean.withinTolerance.value)} without` : 'of all examples',
            info(ctx, 'toleratedUnderCorruption', 'within tolerance', 'corruptions'),
          ),
      worst === undefined || worst.mean === null || groups.length < 2
        ? null
        : stat('Costs most', worst.title, `mean error ${quantity(worst.mean)}`),
    ),
    unanswered === 0
      ? null
      : h(
          'p',
          { class: 'note' },
          `Under some corruptions the model gives no number (for up to ${unanswered} of ${ctx.report.data.count} examples). Errors are of the others; within tolerance counts them as not.`,
        ),
    h('div', { class: 'split' }, heat(groups), lines(ctx, groups)),
  );
}

function heat(groups: readonly Group[]): HTMLElement {
  return heatTable(
    'Mean absolute error by corruption and severity',
    groups.map(({ title, rows, mean }) => {
      const ratios = rows.flatMap(({ ratio }) => (ratio === null ? [] : [ratio.value]));
      const ratio = ratios.length === 0 ? null : ratios.reduce((sum, value) => sum + value, 0) / ratios.length;
      return {
        title,
        bySeverity: new Map(
          rows.map(({ severity, mae, ratio: each, parameter }) => [
            severity,
            cell(mae?.value ?? null, each?.value ?? null, parameter),
          ]),
        ),
        mean: cell(mean, ratio),
        last: ratio === null ? '–' : quantity(Number(ratio.toPrecision(3))),
      };
    }),
    '× clean',
  );
}

/** The redder, the more often the error holds the clean one. */
function cell(mae: number | null, ratio: number | null, parameter?: string): HeatCell | null {
  if (mae === null) return null;
  const lost = ratio === null ? 0 : Math.min(1, Math.max(0, (ratio - 1) / (REDDEST - 1)));
  return { text: quantity(Number(mae.toPrecision(4))), lost, title: parameter };
}

function lines(ctx: OutputContext, groups: readonly Group[]): HTMLElement {
  const spec = severityChart(
    groups.map(({ title, rows }) => ({
      title,
      points: rows.flatMap(({ severity, mae }) => (mae === null ? [] : [{ x: severity, y: mae.value }])),
    })),
    ctx.report.clean?.mae.value,
    (most) => {
      const step = roundStep(most || 1);
      return { title: 'MAE', limits: [0, step * Math.ceil((most || 1) / step)] };
    },
  );
  const { tolerance } = ctx.report;
  const written = (found: Figure | null) => (found === null ? '–' : quantity(found.value));
  return chart(
    ctx,
    'corruptions',
    `Mean absolute error against severity for ${groups.length} corruptions.`,
    spec,
    dataTable(
      'Corruptions with intervals',
      [
        { title: 'Corruption', head: true, cell: (row) => row.title },
        { title: 'Severity', numeric: true, cell: (row) => row.severity },
        { title: 'What it means', cell: (row) => row.parameter },
        { title: 'MAE', numeric: true, cell: (row) => written(row.mae) },
        { title: '95 % interval', numeric: true, cell: (row) => (row.mae === null ? '–' : quantityInterval(row.mae)) },
        { title: 'RMSE', numeric: true, cell: (row) => written(row.rmse) },
        { title: '× clean', numeric: true, cell: (row) => written(row.ratio) },
        { title: 'Mean change', numeric: true, cell: (row) => written(row.meanChange) },
        ...(tolerance === null
          ? []
          : [
              {
                title: 'Within tolerance',
                numeric: true,
                cell: (row: OutputCorruptionRow) =>
                  row.withinTolerance === null ? '–' : percent(row.withinTolerance.value),
              },
            ]),
      ],
      groups.flatMap(({ rows }) => rows),
    ),
  );
}
