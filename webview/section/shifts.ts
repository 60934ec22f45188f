import type { AnyReport, RegressionReport } from '../../src/engine/report/regression';
import type { Report } from '../../src/engine/report/schema';
import type { DriftReport, EffectiveRobustness, ShiftReport } from '../../src/engine/report/shifts';
import type { LineChart, Series } from '../chart/spec';
import type { Context, OutputContext } from '../context';
import { type Child, h } from '../dom';
import { count, interval, percent, points, significant } from '../format';
import { bars, chart, dataTable, info, section, shareBar, tag, toggle } from '../parts';

const SHAPES = ['circle', 'triangle', 'rect', 'rectRot', 'cross'] as const;
const COLORS = ['orange', 'purple', 'red', 'green', 'foreground'] as const;
type Outside = NonNullable<Report['outOfDistribution']>[number];
interface Drifting {
  readonly name: string;
  readonly drift?: DriftReport | undefined;
}

/** Accuracy on other data of the same task, and how well what belongs to no class can be told apart. */
export function shifts(ctx: Context): HTMLElement | null {
  const { shifts: measured, outOfDistribution = [], clean } = ctx.report;
  if (measured.length === 0 && outOfDistribution.length === 0) return null;
  const charts = [costChart(ctx, measured), ...measured.map((shift) => baselineChart(ctx, shift))].filter(
    (found) => found !== null,
  );
  return section(
    'shifts',
    'Distribution shifts',
    h('span', { class: 'muted' }, 'the same model and pre-processing on other data'),
    measured.length === 0
      ? null
      : bars(
          ...(clean
            ? [shareBar(clean.accuracy, { label: 'Clean', note: 'test data', kind: 'clean', faded: true })]
            : []),
          ...measured.map((shift) =>
            shareBar(shift.accuracy, {
              label: shift.name,
              note: `${count(shift.accuracy.n)} examples`,
              kind: 'clean',
              aside: dropText(shift),
              ...(clean ? { beyond: clean.accuracy.value } : {}),
            }),
          ),
        ),
    measured.length === 0 ? null : figures(ctx, measured),
    ...measured.flatMap(({ name, notes = [] }) => notes.map((note) => h('p', { class: 'note' }, `${name}: ${note}.`))),
    charts.length === 0 ? null : h('div', { class: charts.length > 1 ? 'split' : '' }, ...charts),
    ...outOfDistribution.map((outside) => detection(ctx, outside)),
    ...driftTables(ctx, [...measured, ...outOfDistribution]),
  );
}

/** Errors of a model that predicts numbers, on other data. */
export function outputShifts(ctx: OutputContext): HTMLElement | null {
  const { shifts: measured = [], clean } = ctx.report;
  if (measured.length === 0) return null;
  type Row = NonNullable<RegressionReport['shifts']>[number];
  return section(
    'shifts',
    'Distribution shifts',
    h('span', { class: 'muted' }, clean ? `clean MAE ${significant(clean.mae.value)}` : null),
    dataTable<Row>(
      'Errors on shifted data',
      [
        { title: 'Data', head: true, cell: (row) => row.name },
        { title: 'Examples', numeric: true, cell: (row) => count(row.data.count) },
        { title: 'MAE', numeric: true, cell: (row) => significant(row.mae.value) },
        {
          title: '95 % interval',
          numeric: true,
          cell: ({ mae }) => `${significant(mae.low)} to ${significant(mae.high)}`,
        },
        { title: 'Rise of the MAE', numeric: true, cell: riseText },
        { title: 'RMSE', numeric: true, cell: (row) => significant(row.rmse.value) },
        { title: 'R²', numeric: true, cell: (row) => (row.r2 === null ? '–' : significant(row.r2.value)) },
      ],
      measured,
    ),
    ...driftTables(ctx, measured),
  );
}

function riseText({ rise, riseInterval: [low, high] }: NonNullable<RegressionReport['shifts']>[number]): string {
  return `${signed(rise)} (${signed(low)} to ${signed(high)})`;
}

function signed(value: number): string {
  return `${value > 0 ? '+' : value < 0 ? '−' : ''}${significant(Math.abs(value))}`;
}

function dropText({ drop, dropInterval }: ShiftReport): string {
  const range = dropInterval ? ` (${points(-dropInterval[1])} to ${points(-dropInterval[0])})` : '';
  return `${points(-drop)} points${range}`;
}

function figures(ctx: Context, rows: readonly ShiftReport[]): HTMLElement | null {
  if (rows.every(({ balancedAccuracy, ece }) => balancedAccuracy === undefined && ece === undefined)) return null;
  const effective = rows.some(({ effectiveRobustness }) => effectiveRobustness);
  return dataTable<ShiftReport>(
    'Figures on shifted data',
    [
      { title: 'Data', head: true, cell: (row) => row.name },
      { title: 'Accuracy', numeric: true, cell: (row) => percent(row.accuracy.value) },
      { title: '95 % interval', numeric: true, cell: (row) => interval(row.accuracy) },
      {
        title: h('span', {}, 'Against clean, points', info(ctx, 'shiftDrop', 'drop under shift', 'shifts')),
        numeric: true,
        cell: (row) => points(-row.drop),
      },
      {
        title: 'Told apart',
        cell: ({ dropInterval }) =>
          dropInterval === undefined
            ? '–'
            : dropInterval[0] > 0
              ? tag('worse', 'bad')
              : dropInterval[1] < 0
                ? tag('better', 'good')
                : tag('not told apart', 'plain'),
      },
      {
        title: 'Balanced accuracy',
        numeric: true,
        cell: ({ balancedAccuracy }) => (balancedAccuracy ? percent(balancedAccuracy.value) : '–'),
      },
      {
        title: h('span', {}, 'ECE', info(ctx, 'ece', 'expected calibration error', 'shifts')),
        numeric: true,
        cell: ({ ece }) => (ece ? percent(ece.value) : '–'),
      },
      ...(effective
        ? [
            {
              title: h(
                'span',
                {},
                'Effective robustness',
                info(ctx, 'effectiveRobustness', 'effective robustness', 'shifts'),
              ),
              numeric: true,
              cell: ({ effectiveRobustness: found }: ShiftReport) =>
                found ? `${points(found.value)} (expected ${percent(found.expected)})` : '–',
            },
          ]
        : []),
    ],
    rows,
  );
}

/** What a shift costs against how far its data are, by what the model makes of them. */
function costChart(ctx: Context, measured: readonly ShiftReport[]): HTMLElement | null {
  const clean = ctx.report.clean?.accuracy;
  const placed = measured.flatMap((shift) => {
    const distance = shift.drift?.mmd.outputs?.value;
    return distance === undefined ? [] : [{ shift, distance: Math.max(0, distance) }];
  });
  if (clean === undefined || placed.length === 0) return null;
  const most = Math.max(1e-4, ...placed.map(({ distance }) => distance)) * 1.1;
  const series = [
    { label: 'Test data', points: [{ x: 0, y: clean.value }], color: 'blue', scattered: true, endLabel: 'Test data' },
    ...placed.map(({ shift, distance }, i) => ({
      label: shift.name,
      points: [{ x: distance, y: shift.accuracy.value }],
      color: COLORS[i % COLORS.length] ?? 'foreground',
      shape: SHAPES[(i + 1) % SHAPES.length] ?? 'circle',
      scattered: true,
      endLabel: shift.name,
    })),
  ] satisfies Series[];
  const spec: LineChart = {
    series,
    rules: [{ axis: 'y', at: clean.value, label: `clean ${percent(clean.value)}`, color: 'blue' }],
    x: {
      title: 'Distance from the test data (MMD² of the outputs)',
      min: 0,
      max: most,
      ticks: [0, 1, 2, 3, 4].map((k) => ({ at: (most * k) / 4, label: significant((most * k) / 4) })),
    },
    y: { title: 'Accuracy' },
  };
  return chart(
    ctx,
    'shifts',
    `Accuracy against distance: ${placed.map(({ shift, distance }) => `${shift.name} ${percent(shift.accuracy.value)} at ${significant(distance)}`).join(', ')}.`,
    spec,
    dataTable(
      'Accuracy and distance',
      [
        { title: 'Data', head: true, cell: (row) => row.shift.name },
        { title: 'MMD² of the outputs', numeric: true, cell: (row) => significant(row.distance) },
        { title: 'Accuracy', numeric: true, cell: (row) => percent(row.shift.accuracy.value) },
      ],
      placed,
    ),
  );
}

/** This model beside the line that the baselines follow. */
function baselineChart(ctx: Context, { name, accuracy, effectiveRobustness: found }: ShiftReport): HTMLElement | null {
  const clean = ctx.report.clean?.accuracy;
  if (found === undefined || clean === undefined) return null;
  const lows = [clean.value, ...found.baselines.map(({ standard }) => standard)];
  const from = Math.max(0, Math.floor(20 * Math.min(...lows) - 0.5) / 20);
  const to = Math.min(1, Math.ceil(20 * Math.max(...lows) + 0.5) / 20);
  const at = (k: number) => from + ((to - from) * k) / 40;
  const spec: LineChart = {
    series: [
      {
        label: 'Trend of the baselines',
        color: 'muted',
        shape: 'none',
        dash: [4, 4],
        points: Array.from({ length: 41 }, (_, k) => ({ x: at(k), y: expected(at(k), found) })),
      },
      {
        label: 'Baselines',
        color: 'muted',
        shape: 'rect',
        scattered: true,
        points: found.baselines.map(({ standard, shifted }) => ({ x: standard, y: shifted })),
      },
      {
        label: 'This model',
        color: 'orange',
        scattered: true,
        endLabel: 'This model',
        points: [{ x: clean.value, y: accuracy.value }],
      },
    ],
    rules: [],
    x: {
      title: `Clean accuracy, against that on ${name}`,
      min: from,
      max: to,
      ticks: [0, 10, 20, 30, 40].map((k) => ({ at: at(k), label: percent(at(k), 1) })),
    },
    y: { title: `Accuracy on ${name}` },
  };
  return chart(
    ctx,
    `baselines-${name}`,
    `Accuracy on ${name} against clean accuracy: this model has ${percent(accuracy.value)}, its baselines' trend expects ${percent(found.expected)}.`,
    spec,
    dataTable(
      'Baselines',
      [
        { title: 'Model', head: true, cell: (row) => row.model },
        { title: 'Clean accuracy', numeric: true, cell: (row) => percent(row.standard) },
        { title: `On ${name}`, numeric: true, cell: (row) => percent(row.shifted) },
      ],
      found.baselines,
    ),
  );
}

/** As in `metric/effectiveRobustness`: a line in logits. */
function expected(standard: number, { intercept, slope }: EffectiveRobustness): number {
  const p = Math.min(1 - 1e-4, Math.max(1e-4, standard));
  return 1 / (1 + Math.exp(-(intercept + slope * Math.log(p / (1 - p)))));
}

function detection(ctx: Context, { name, data, ordinary, detection: rows }: Outside): HTMLElement {
  const title = (text: string, term: string): Child => h('span', {}, text, info(ctx, term, text, `ood-${name}`));
  return h(
    'div',
    { 'data-key': `ood-${name}` },
    h('h3', {}, `Out-of-distribution: ${name}`),
    h(
      'p',
      { class: 'muted' },
      `${count(data.count)} examples of no class against ${count(ordinary)} of the test data; out-of-distribution is the positive class.`,
    ),
    rows.length === 0
      ? h('p', { class: 'note' }, 'The model returns labels alone: there is no score to tell them apart by.')
      : dataTable<Outside['detection'][number]>(
          `Detection of ${name}`,
          [
            { title: title('Score', 'outlierScore'), head: true, cell: (row) => row.score },
            { title: title('AUROC', 'auroc'), numeric: true, cell: (row) => percent(row.auroc.value) },
            { title: '95 % interval', numeric: true, cell: (row) => interval(row.auroc) },
            { title: title('AUPR', 'aupr'), numeric: true, cell: (row) => percent(row.aupr.value) },
            { title: '95 % interval', numeric: true, cell: (row) => interval(row.aupr) },
            { title: title('FPR95', 'fpr95'), numeric: true, cell: (row) => percent(row.fpr95.value) },
            { title: '95 % interval', numeric: true, cell: (row) => interval(row.fpr95) },
          ],
          rows,
        ),
  );
}

/** How far each data set is, and behind a toggle the columns that drift most. */
function driftTables(ctx: Context<AnyReport>, sets: readonly Drifting[]): Child[] {
  const measured = sets.flatMap(({ name, drift }) => (drift ? [{ name, drift }] : []));
  if (measured.length === 0) return [];
  const of = (found: DriftReport['mmd']['data']) =>
    found === null ? '–' : `${significant(found.value)} (p ${probability(found.pValue)})`;
  const embedded = measured.some(({ drift }) => drift.mmd.embedding !== null);
  return [
    h('h3', {}, 'How far the data are ', info(ctx, 'mmd', 'maximum mean discrepancy', 'shifts')),
    dataTable(
      'How far the data are',
      [
        { title: 'Data', head: true, cell: (row) => row.name },
        { title: 'Columns that differ', numeric: true, cell: ({ drift }) => `${drift.changed} of ${drift.compared}` },
        { title: 'MMD² of the data', numeric: true, cell: ({ drift }) => of(drift.mmd.data) },
        { title: 'of the outputs', numeric: true, cell: ({ drift }) => of(drift.mmd.outputs) },
        ...(embedded
          ? [
              {
                title: 'of the embedding',
                numeric: true,
                cell: ({ drift }: (typeof measured)[number]) => of(drift.mmd.embedding),
              },
            ]
          : []),
      ],
      measured,
    ),
    ...measured.map(({ name, drift }) =>
      toggle(
        ctx,
        `drift-${name}`,
        `Columns that drift most: ${name}`,
        dataTable<DriftReport['largest'][number]>(
          `Columns of ${name} that drift most`,
          [
            { title: 'Column', head: true, cell: (row) => row.name },
            {
              title: h('span', {}, 'KS', info(ctx, 'ks', 'KS', `drift-${name}`)),
              numeric: true,
              cell: (row) => row.ks.toFixed(3),
            },
            { title: 'p-value', numeric: true, cell: (row) => probability(row.pValue) },
            {
              title: h('span', {}, 'PSI', info(ctx, 'psi', 'PSI', `drift-${name}`)),
              numeric: true,
              cell: (row) => (row.psi === null ? '–' : row.psi.toFixed(3)),
            },
          ],
          drift.largest,
        ),
      ),
    ),
  ];
}

function probability(p: number): string {
  return p < 0.0001 ? '< 0.0001' : significant(p);
}

/** Thresholds of the spec. */
export function gates({ report }: Context<AnyReport>): HTMLElement | null {
  if (report.gates.length === 0) return null;
  const failed = report.gates.filter(({ pass }) => !pass).length;
  return section(
    'gates',
    'Gates',
    h('span', { class: 'muted' }, failed === 0 ? 'all pass' : `${failed} of ${report.gates.length} failed`),
    dataTable(
      'Gates',
      [
        { title: 'Result', cell: ({ pass }) => tag(pass ? 'Pass' : 'Fail', pass ? 'good' : 'bad') },
        { title: 'Condition', head: true, cell: ({ expression }) => h('code', {}, expression) },
        { title: 'Measured', numeric: true, cell: (gate) => measuredText(gate, report) },
      ],
      report.gates,
    ),
  );
}

/** Of a classifier all is shares; of a model that predicts numbers, what is within tolerance alone. */
function measuredText({ expression, measured }: AnyReport['gates'][number], { task }: AnyReport): string {
  if (measured === null) return '–';
  const isShare = task === 'classification' || /within/i.test(expression);
  return isShare ? percent(measured) : significant(measured);
}
