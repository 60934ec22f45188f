import type { RegressionReport } from '../../src/engine/report/regression';
import type { LineChart } from '../chart/spec';
import type { OutputContext } from '../context';
import { h } from '../dom';
import { plural, quantity } from '../format';
import { chart, dataTable, section } from '../parts';
import { roundStep, roundTicks } from '../section/minimalNorm';

/** More cannot be told apart on a chart. */
const DRAWN = 250;
const LISTED = 12;

export interface Reached {
  readonly index: number;
  readonly target: number;
  readonly prediction: number;
  readonly lowest: number;
  readonly highest: number;
  readonly worstError: number;
  readonly worstBy: string | null;
}

/** What attacks made of one output of each example that they have met, in the order of the data. */
export function reachedBy(outcomes: RegressionReport['outcomes'], threat: string, output: number): Reached[] {
  const found = Object.hasOwn(outcomes.reached, threat) ? outcomes.reached[threat] : undefined;
  if (found === undefined) return [];
  return outcomes.prediction.flatMap((row, index): Reached[] => {
    const [prediction, target] = [row[output], outcomes.target[index]?.[output]];
    const [lowest, highest] = [found.lowest[index]?.[output], found.highest[index]?.[output]];
    const worstError = found.worstError[index];
    if (prediction === undefined || target === undefined || worstError === undefined) return [];
    if (lowest === undefined || highest === undefined) return [];
    return [{ index, target, prediction, lowest, highest, worstError, worstBy: found.worstBy[index] ?? null }];
  });
}

/** The output that attacks move most, on the mean. */
export function mostMoved(report: RegressionReport, threat: string): number {
  const moved = Array.from({ length: report.outputs }, (_, output) =>
    reachedBy(report.outcomes, threat, output).reduce((sum, { lowest, highest }) => sum + highest - lowest, 0),
  );
  return moved.reduce((most, sum, output) => (sum > (moved[most] ?? 0) ? output : most), 0);
}

/** Evenly spaced, the first and the last among them. */
export function thinned<Row>(rows: readonly Row[], most: number): Row[] {
  if (rows.length <= most) return [...rows];
  return Array.from({ length: most }, (_, k) => rows[Math.round((k * (rows.length - 1)) / (most - 1))] as Row);
}

/** How far attacks can drive each prediction, beside the target. */
export function reach(ctx: OutputContext): HTMLElement | null {
  const { report, threat } = ctx;
  if (threat === null) return null;
  const output = mostMoved(report, threat.name);
  const all = reachedBy(report.outcomes, threat.name, output);
  if (all.length < 2) return null;
  const rows = thinned(
    all.toSorted((a, b) => a.prediction - b.prediction),
    DRAWN,
  );
  const several = report.outputs > 1 ? ` Output ${output}, which moves most.` : '';
  return section(
    'reach',
    'How far predictions can be driven',
    h('span', { class: 'muted' }, `between the lowest and the highest that attacks reached.${several}`),
    chart(
      ctx,
      'reach',
      `Predictions of ${plural(all.length, 'example')}, the range that attacks reached, and the targets.`,
      spec(rows, all.length),
      dataTable(
        'Examples with the largest errors',
        [
          { title: 'Example', head: true, cell: (row) => `No. ${row.index}` },
          ...(['target', 'prediction', 'lowest', 'highest', 'worstError'] as const).map((name) => ({
            title: TITLES[name],
            numeric: true,
            cell: (row: Reached) => quantity(row[name]),
          })),
          { title: 'By', cell: (row) => threat.attacks.find(({ name }) => name === row.worstBy)?.title ?? '–' },
        ],
        all.toSorted((a, b) => b.worstError - a.worstError).slice(0, LISTED),
      ),
    ),
  );
}

const TITLES = {
  target: 'Target',
  prediction: 'Prediction',
  lowest: 'Lowest reached',
  highest: 'Highest reached',
  worstError: 'Worst error',
} as const;

function spec(rows: readonly Reached[], count: number): LineChart {
  const values = rows.flatMap(({ target, lowest, highest }) => [target, lowest, highest]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const step = roundStep(high - low || 1);
  const at = (i: number) => 1 + (i * (count - 1)) / (rows.length - 1);
  return {
    series: [
      {
        label: 'Target',
        color: 'foreground',
        points: rows.map(({ target }, i) => ({ x: at(i), y: target })),
        shape: 'cross',
        scattered: true,
      },
      {
        label: 'Prediction',
        color: 'orange',
        points: rows.map(({ prediction, lowest, highest }, i) => ({
          x: at(i),
          y: prediction,
          low: lowest,
          high: highest,
        })),
        shape: 'none',
        band: 'reached',
        endLabel: 'prediction',
      },
    ],
    rules: [],
    x: {
      title: 'Examples by their prediction, × target',
      min: 1,
      max: count,
      ticks: [1, ...roundTicks(count).slice(1)].map((rank) => ({ at: rank, label: String(rank) })),
    },
    y: { title: 'Output', limits: [step * Math.floor(low / step), step * Math.ceil(high / step)] },
  };
}
