import type { RegressionReport } from '../../src/engine/report/regression';
import type { LineChart } from '../chart/spec';
import type { OutputContext } from '../context';
import { h } from '../dom';
import { plural, quantity } from '../format';
import { chart, dataTable, section } from '../parts';
import { roundStep } from '../section/minimalNorm';
import { thinned } from './reach';

/** More hide one another on a chart. */
const DRAWN = 600;
const LISTED = 12;
const BANDS = 5;
const TICKS = 5;

export interface Residual {
  readonly index: number;
  readonly prediction: number;
  readonly target: number;
  /** Target less prediction. */
  readonly residual: number;
}

/** Of one output of every example that was seen clean, by rising prediction. */
export function residualsOf({ outcomes }: Pick<RegressionReport, 'outcomes'>, output: number): Residual[] {
  return outcomes.prediction
    .flatMap((row, index): Residual[] => {
      const [prediction, target] = [row[output], outcomes.target[index]?.[output]];
      return prediction === undefined || target === undefined
        ? []
        : [{ index, prediction, target, residual: target - prediction }];
    })
    .sort((a, b) => a.prediction - b.prediction);
}

export interface Band {
  readonly from: number;
  readonly to: number;
  readonly n: number;
  readonly bias: number;
  readonly spread: number;
}

/** Bands of equal counts by prediction: a bias or a spread that changes with it shows here. */
export function bandsOf(sorted: readonly Residual[]): Band[] {
  const count = Math.min(BANDS, sorted.length);
  return Array.from({ length: count }, (_, k) => {
    const own = sorted.slice(Math.floor((k * sorted.length) / count), Math.floor(((k + 1) * sorted.length) / count));
    const mean = (of: (each: Residual) => number) => own.reduce((sum, each) => sum + of(each), 0) / own.length;
    const bias = mean(({ residual }) => residual);
    const spread = Math.sqrt(mean(({ residual }) => (residual - bias) ** 2));
    return { from: own[0]?.prediction ?? 0, to: own.at(-1)?.prediction ?? 0, n: own.length, bias, spread };
  });
}

/** Where the model is off without any disturbance: residuals against predictions. */
export function residuals(ctx: OutputContext): HTMLElement | null {
  const { report } = ctx;
  if (report.clean === null) return null;
  const all = residualsOf(report, 0);
  if (all.length < 10) return null;
  const bands = bandsOf(all);
  const bias = all.reduce((sum, { residual }) => sum + residual, 0) / all.length;
  const several = report.outputs > 1 ? ` Output 0 of ${report.outputs}.` : '';
  const worst = all.toSorted((a, b) => Math.abs(b.residual) - Math.abs(a.residual)).slice(0, LISTED);
  return section(
    'residuals',
    'Residuals',
    h(
      'span',
      { class: 'muted' },
      `target less prediction, without an attack; their mean is ${signed(bias)}.${several}`,
    ),
    h(
      'div',
      { class: 'split' },
      chart(
        ctx,
        'residuals',
        `Residuals of ${plural(all.length, 'example')} against their predictions.`,
        specOf(all, report.tolerance?.relative === false ? report.tolerance.value : null),
        dataTable(
          'Examples with the largest errors',
          [
            { title: 'Example', head: true, cell: (row) => `No. ${row.index}` },
            { title: 'Target', numeric: true, cell: (row) => quantity(row.target) },
            { title: 'Prediction', numeric: true, cell: (row) => quantity(row.prediction) },
            { title: 'Residual', numeric: true, cell: (row) => signed(row.residual) },
          ],
          worst,
        ),
      ),
      dataTable(
        'Residuals by fifths of the prediction',
        [
          { title: 'Prediction', head: true, cell: (row) => `${short(row.from)} to ${short(row.to)}` },
          { title: 'Examples', numeric: true, cell: (row) => row.n },
          { title: 'Bias', numeric: true, cell: (row) => signed(row.bias) },
          { title: 'Spread (σ)', numeric: true, cell: (row) => short(row.spread) },
        ],
        bands,
      ),
    ),
  );
}

function specOf(all: readonly Residual[], tolerance: number | null): LineChart {
  const most = all.reduce((far, { residual }) => Math.max(far, Math.abs(residual)), tolerance ?? 0) || 1;
  // About three steps to either side of nothing.
  const step = roundStep((5 * most) / 3);
  const end = step * Math.ceil(most / step);
  const [low, high] = [all[0]?.prediction ?? 0, all.at(-1)?.prediction ?? 1];
  const wide = roundStep(high - low || 1);
  const [min, max] = [wide * Math.floor(low / wide), wide * Math.ceil(high / wide || 1)];
  const every = Math.max(1, Math.ceil((max - min) / wide / TICKS));
  return {
    series: [
      {
        label: 'Residual',
        color: 'blue',
        points: thinned(all, DRAWN).map(({ prediction, residual }) => ({ x: prediction, y: residual })),
        shape: 'circle',
        scattered: true,
      },
    ],
    rules: [
      { axis: 'y', at: 0, label: '', color: 'foreground' },
      ...(tolerance === null
        ? []
        : [
            { axis: 'y' as const, at: tolerance, label: 'tolerance', color: 'red' as const },
            { axis: 'y' as const, at: -tolerance, label: '', color: 'red' as const },
          ]),
    ],
    x: {
      title: 'Prediction',
      min,
      max,
      ticks: Array.from({ length: Math.floor((max - min) / (wide * every)) + 1 }, (_, k) => {
        const at = min + k * wide * every;
        return { at, label: short(at) };
      }),
    },
    y: { title: 'Target − prediction', limits: [-end, end], step },
  };
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${short(value)}`;
}

function short(value: number): string {
  return quantity(Number(value.toPrecision(3)));
}
