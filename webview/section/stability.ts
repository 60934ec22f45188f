import type { StabilityReport, StabilityRow } from '../../src/engine/report/stability';
import type { LineChart } from '../chart/spec';
import type { Context } from '../context';
import { h } from '../dom';
import { count, interval, percent, significant } from '../format';
import { type Bar, bars, chart, dataTable, info, section, stat, toggle } from '../parts';

const COLORS = ['red', 'orange', 'purple', 'blue'] as const;
const SHAPES = ['circle', 'triangle', 'rect', 'rectRot'] as const;

/** How often predictions flip along sequences of small perturbations. */
export function stability(ctx: Context): HTMLElement | null {
  const { stability: measured, data } = ctx.report;
  if (measured === undefined) return null;
  const rows = [...measured.bySequence].sort((a, b) => b.flipProbability.value - a.flipProbability.value);
  const { mFP, index, reference, top5Distance, examples } = measured;
  return section(
    'stability',
    'Stability along sequences',
    h(
      'span',
      { class: 'muted' },
      `small perturbations of ${examples === data.count ? 'all' : `${count(examples)} of ${count(data.count)}`} examples, frame by frame`,
    ),
    h(
      'dl',
      { class: 'scores' },
      stat(
        'Mean flip probability',
        percent(mFP.value, 2),
        interval(mFP, 2),
        info(ctx, 'meanFlipProbability', 'mean flip probability', 'stability'),
      ),
      stat(
        'Prediction stays',
        percent(index.value, 2),
        'of the steps',
        info(ctx, 'sequenceIndex', 'stability along sequences', 'stability'),
      ),
      reference?.mFR
        ? stat(
            'mFR',
            percent(reference.mFR.value),
            `${interval(reference.mFR)}, relative to ${reference.name}${unratedText(reference)}`,
            info(ctx, 'meanFlipRate', 'mean flip rate', 'stability'),
          )
        : null,
      top5Distance
        ? stat(
            'Top-5 distance',
            top5Distance.value.toFixed(2),
            `${top5Distance.low.toFixed(2)} to ${top5Distance.high.toFixed(2)}`,
            info(ctx, 'top5Distance', 'top-5 distance', 'stability'),
          )
        : null,
      rows[0] !== undefined && rows.length > 1 && rows[0].flipProbability.value > 0
        ? stat('Flips most', rows[0].title, `at ${percent(rows[0].flipProbability.value, 2)} of its steps`)
        : null,
    ),
    h(
      'div',
      { class: 'split' },
      h(
        'div',
        {},
        h(
          'p',
          { class: 'muted caption' },
          `Flip probability, bars up to ${percent(scaleOf(rows), 0)}`,
          info(ctx, 'flipProbability', 'flip probability', 'stability'),
        ),
        bars(...flipBars(rows)),
        toggle(ctx, 'table-sequences', 'Show table', table(ctx, rows, measured)),
      ),
      alongChart(ctx, rows),
    ),
  );
}

/** Bars on one scale that ends at a round number above the highest interval. */
function flipBars(rows: readonly StabilityRow[]): Bar[] {
  const top = scaleOf(rows);
  return rows.map(({ title, flipProbability: { value, low, high }, flipProbability, steady }) => ({
    label: title,
    text: percent(value, 2),
    aside: `${percent(steady.value, 0)} steady`,
    kind: 'robust',
    value: value / top,
    low: low / top,
    high: high / top,
    interval: interval(flipProbability, 2),
  }));
}

/** Where the reference never flips there is no ratio, and the mean leaves that out. */
function unratedText({ bySequence }: NonNullable<StabilityReport['reference']>): string {
  const unrated = bySequence.filter(({ flipRate }) => flipRate === null).length;
  return unrated === 0 ? '' : `, which never flips in ${unrated} of ${bySequence.length} kinds`;
}

function scaleOf(rows: readonly StabilityRow[]): number {
  return roundAbove(Math.max(...rows.map(({ flipProbability }) => flipProbability.high)));
}

/** The next of 1, 2, 5 · 10ⁿ, at most 1. */
export function roundAbove(value: number): number {
  if (!(value > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  const next = [1, 2, 5, 10].find((factor) => factor * unit >= value) ?? 10;
  return Math.min(1, next * unit);
}

/** Where along the sequences predictions flip, for those that flip most. */
function alongChart(ctx: Context, rows: readonly StabilityRow[]): HTMLElement | null {
  const drawn = rows.filter(({ byStep }) => byStep.some((share) => share > 0)).slice(0, COLORS.length);
  if (drawn.length === 0) return null;
  const longest = Math.max(...drawn.map(({ byStep }) => byStep.length));
  const top = roundAbove(Math.max(...drawn.flatMap(({ byStep }) => byStep)));
  const every = Math.max(1, Math.ceil(longest / 6));
  const spec: LineChart = {
    series: drawn.map(({ title, byStep }, i) => ({
      label: title,
      color: COLORS[i] ?? 'muted',
      shape: byStep.length > 12 ? 'none' : (SHAPES[i] ?? 'circle'),
      dash: DASHES[i] ?? [],
      points: byStep.map((share, step) => ({ x: step + 1, y: 100 * share })),
      endLabel: title,
    })),
    rules: [],
    x: {
      title: 'Step',
      min: 1,
      max: Math.max(2, longest),
      ticks: Array.from({ length: longest }, (_, i) => ({
        at: i + 1,
        label: String(i + 1),
        quiet: i % every !== 0 && i !== longest - 1,
      })),
    },
    y: { title: 'Predictions that flip, %', limits: [0, 100 * top] },
  };
  return chart(
    ctx,
    'stability',
    `Share of predictions that flip at each step, for ${drawn.map(({ title }) => title).join(', ')}. ${drawn[0]?.title} flips most.`,
    spec,
    dataTable(
      'Flips by step',
      [
        { title: 'Step', head: true, numeric: true, cell: (step: number) => step + 1 },
        ...drawn.map(({ title, byStep }) => ({
          title,
          numeric: true,
          cell: (step: number) => (byStep[step] === undefined ? '–' : percent(byStep[step], 2)),
        })),
      ],
      Array.from({ length: longest }, (_, step) => step),
    ),
  );
}
const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3]] as const;

function table(ctx: Context, rows: readonly StabilityRow[], { reference }: StabilityReport): HTMLElement {
  const rates = new Map(reference?.bySequence.map(({ name, flipRate }) => [name, flipRate]));
  return dataTable<StabilityRow>(
    'Sequences',
    [
      { title: 'Sequence', head: true, cell: ({ title }) => title },
      { title: 'Steps', cell: ({ steps }) => steps },
      { title: 'Frames', numeric: true, cell: ({ frames }) => frames },
      { title: 'Flip probability', numeric: true, cell: ({ flipProbability }) => percent(flipProbability.value, 2) },
      { title: '95 % interval', numeric: true, cell: ({ flipProbability }) => interval(flipProbability, 2) },
      {
        title: h('span', {}, 'Steady', info(ctx, 'steadySequences', 'steady sequences', 'stability')),
        numeric: true,
        cell: ({ steady }) => percent(steady.value),
      },
      ...(rows.some(({ top5Distance }) => top5Distance)
        ? [
            {
              title: 'Top-5 distance',
              numeric: true,
              cell: ({ top5Distance }: StabilityRow) => (top5Distance ? significant(top5Distance.value) : '–'),
            },
          ]
        : []),
      ...(reference
        ? [
            {
              title: 'Flip rate',
              numeric: true,
              cell: ({ name }: StabilityRow) => {
                const rate = rates.get(name);
                return rate === undefined || rate === null ? '–' : percent(rate);
              },
            },
          ]
        : []),
    ],
    rows,
  );
}
