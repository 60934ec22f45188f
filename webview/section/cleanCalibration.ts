import type { Report } from '../../src/engine/report/schema';
import type { LineChart } from '../chart/spec';
import type { Context } from '../context';
import { h } from '../dom';
import { count, interval, percent, points } from '../format';
import { chart, dataTable, info, section, stat } from '../parts';
import { roundStep } from './minimalNorm';

type Clean = NonNullable<Report['clean']>;

const SHARES = [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, label: percent(at, 0) }));

/** Confidence against accuracy: whether the model is as often right as it says. */
export function calibration(ctx: Context): HTMLElement | null {
  const { clean } = ctx.report;
  const found = clean?.calibration;
  if (clean === null || !found) return null;
  const { overconfidence } = found;
  const bins = found.bins.filter(({ n }) => n > 0);
  return section(
    'calibration',
    'Calibration',
    h('span', { class: 'muted' }, 'are confidences to be trusted?'),
    h(
      'dl',
      { class: 'scores' },
      clean.ece === null
        ? null
        : stat(
            'Calibration error',
            percent(clean.ece.value),
            interval(clean.ece),
            info(ctx, 'ece', 'expected calibration error', 'calibration'),
          ),
      stat(
        'Adaptive',
        percent(found.adaptiveEce.value),
        interval(found.adaptiveEce),
        info(ctx, 'adaptiveEce', 'adaptive calibration error', 'calibration'),
      ),
      stat(
        'Overconfidence',
        `${points(overconfidence.value)} points`,
        `${points(overconfidence.low)} to ${points(overconfidence.high)}`,
        info(ctx, 'overconfidence', 'overconfidence', 'calibration'),
      ),
    ),
    chart(
      ctx,
      'reliability',
      `Accuracy against confidence in ${bins.length} bins: ${bins
        .map(({ confidence, accuracy }) => `${percent(accuracy?.value ?? 0)} right at ${percent(confidence ?? 0)}`)
        .join(', ')}.`,
      reliabilityChart(bins),
      dataTable(
        'Reliability by bin of confidence',
        [
          { title: 'Confidence', head: true, cell: ({ low, high }) => `${percent(low)} to ${percent(high)}` },
          { title: 'Examples', numeric: true, cell: ({ n }) => count(n) },
          { title: 'Mean confidence', numeric: true, cell: (bin) => percent(bin.confidence ?? 0) },
          { title: 'Accuracy', numeric: true, cell: ({ accuracy }) => (accuracy ? percent(accuracy.value) : '–') },
          { title: '95 % interval', numeric: true, cell: ({ accuracy }) => (accuracy ? interval(accuracy) : '–') },
        ],
        bins,
      ),
    ),
  );
}

function reliabilityChart(bins: NonNullable<Clean['calibration']>['bins']): LineChart {
  const shown = bins.flatMap(({ confidence, accuracy }) =>
    confidence === null || accuracy === null
      ? []
      : [{ x: confidence, y: accuracy.value, low: accuracy.low, high: accuracy.high }],
  );
  return {
    series: [
      {
        label: 'As sure as right',
        color: 'muted',
        points: [
          { x: 0, y: 0 },
          { x: 1, y: 1 },
        ],
        width: 1,
        dash: [5, 4],
        shape: 'none',
      },
      { label: 'Accuracy', color: 'blue', points: shown, width: 2 },
    ],
    rules: [],
    x: { title: 'Confidence', min: 0, max: 1, ticks: SHARES },
    y: { title: 'Accuracy' },
  };
}

/** Errors among the accepted as the model refuses what it is least sure of. */
export function selective(ctx: Context): HTMLElement | null {
  const found = ctx.report.clean?.selective;
  if (!found) return null;
  const most = Math.max(...found.points.map(({ risk }) => risk));
  const step = roundStep(most > 0 ? most : 0.1);
  const half = found.points.findLast(({ coverage }) => coverage <= 0.5 + 1e-9);
  const all = found.points.at(-1);
  return section(
    'selective',
    'Selective prediction',
    h('span', { class: 'muted' }, 'does it know when it is wrong?'),
    h(
      'dl',
      { class: 'scores' },
      stat(
        'AURC',
        percent(found.aurc.value),
        interval(found.aurc),
        info(ctx, 'aurc', 'area under the risk-coverage curve', 'selective'),
      ),
      stat(
        'Excess',
        percent(found.excessAurc.value),
        interval(found.excessAurc),
        info(ctx, 'excessAurc', 'excess AURC', 'selective'),
      ),
      half === undefined
        ? null
        : stat('Errors in the surer half', percent(half.risk), `${percent(all?.risk ?? 0)} in all`),
    ),
    chart(
      ctx,
      'selective',
      `Errors among the accepted: ${percent(all?.risk ?? 0)} of all examples${half === undefined ? '' : `, ${percent(half.risk)} of the surer half`}.`,
      {
        series: [
          {
            label: 'Errors',
            color: 'red',
            points: found.points.map(({ coverage, risk }) => ({ x: coverage, y: 100 * risk })),
            shape: 'none',
          },
        ],
        rules: [],
        x: { title: 'Examples accepted, the surest first', min: 0, max: 1, ticks: SHARES },
        y: {
          title: 'Errors among them, %',
          limits: [0, 100 * Math.min(1, step * Math.ceil((most > 0 ? most : 0.1) / step))],
        },
      },
      dataTable(
        'Errors by share of accepted examples',
        [
          { title: 'Accepted', head: true, cell: ({ coverage }) => percent(coverage) },
          { title: 'Errors among them', numeric: true, cell: ({ risk }) => percent(risk) },
        ],
        found.points,
      ),
    ),
  );
}
