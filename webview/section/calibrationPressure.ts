import type { Report } from '../../src/engine/report/schema';
import type { LineChart, Series } from '../chart/spec';
import type { Context } from '../context';
import { h } from '../dom';
import { percent, points } from '../format';
import { chart, dataTable, info, section, stat } from '../parts';

type Calibration = NonNullable<Report['calibration']>;
type Corrupted = NonNullable<Calibration['corrupted']>;
type Attacked = Calibration['attacked'][number];

const SHARES = [0, 0.5, 1].map((at) => ({ at, label: percent(at, 0) }));

/** What one diagram shows: bars of confidence, and what they come to. */
interface Panel {
  readonly key: string;
  readonly title: string;
  readonly color: Series['color'];
  readonly shape: NonNullable<Series['shape']>;
  readonly ece: number;
  readonly meanConfidence: number;
  readonly accuracy: number;
  readonly bins: readonly {
    readonly confidence: number | null;
    readonly accuracy: number | null;
    readonly n: number;
  }[];
  readonly points: readonly { readonly coverage: number; readonly risk: number }[];
}

/** Whether confidences can still be trusted on corrupted and on attacked data, beside the clean ones. */
export function calibrationPressure(ctx: Context): HTMLElement | null {
  const { clean, calibration } = ctx.report;
  if (calibration === undefined) return null;
  const attacked =
    calibration.attacked.find(({ threatModel }) => threatModel === ctx.threat?.name) ?? calibration.attacked[0];
  const panels = [cleanPanel(clean), corruptedPanel(calibration.corrupted), attackedPanel(attacked)].filter(
    (panel) => panel !== null,
  );
  if (panels.length === 0) return null;
  return section(
    'pressure',
    'Confidence under pressure',
    h('span', { class: 'muted' }, 'does the confidence fall when the accuracy does?'),
    stats(ctx, calibration.corrupted, attacked),
    h('div', { class: 'panels' }, ...panels.map((panel) => diagram(ctx, panel))),
    h('div', { class: 'split' }, coverage(ctx, panels), severities(calibration.corrupted, clean)),
  );
}

function stats(ctx: Context, corrupted: Corrupted | undefined, attacked: Attacked | undefined): HTMLElement {
  return h(
    'dl',
    { class: 'scores' },
    corrupted === undefined
      ? null
      : stat(
          'Error under corruption',
          percent(corrupted.ece),
          `${percent(corrupted.meanConfidence)} sure, ${percent(corrupted.accuracy)} right`,
          info(ctx, 'corruptedEce', 'calibration error under corruption', 'pressure'),
        ),
    attacked === undefined
      ? null
      : stat(
          'Error under attack',
          percent(attacked.ece.value),
          `${attacked.threatModel}, ${points(attacked.overconfidence.value)} points too sure`,
          info(ctx, 'attackedEce', 'calibration error under attack', 'pressure'),
        ),
    attacked === undefined || attacked.broken.meanConfidence === null
      ? null
      : stat(
          'Sure when broken',
          percent(attacked.broken.sure.value),
          `of ${attacked.broken.n} adversarial examples at 90 % confidence or more`,
          info(ctx, 'sureErrors', 'sure adversarial examples', 'pressure'),
        ),
  );
}

function cleanPanel(clean: Report['clean']): Panel | null {
  if (!clean?.calibration || !clean.ece) return null;
  return {
    key: 'clean',
    title: 'Clean',
    color: 'blue',
    shape: 'circle',
    ece: clean.ece.value,
    accuracy: clean.accuracy.value,
    meanConfidence: clean.accuracy.value + clean.calibration.overconfidence.value,
    bins: clean.calibration.bins.map((bin) => ({ ...bin, accuracy: bin.accuracy?.value ?? null })),
    points: clean.selective?.points ?? [],
  };
}

function corruptedPanel(corrupted: Corrupted | undefined): Panel | null {
  if (corrupted === undefined) return null;
  const { ece, accuracy, meanConfidence, bins, points: curve } = corrupted;
  return {
    key: 'corrupted',
    title: 'Corrupted',
    color: 'purple',
    shape: 'triangle',
    ece,
    accuracy,
    meanConfidence,
    bins,
    points: curve,
  };
}

function attackedPanel(attacked: Attacked | undefined): Panel | null {
  if (attacked === undefined) return null;
  return {
    key: 'attacked',
    title: `Attacked, ${attacked.threatModel}`,
    color: 'orange',
    shape: 'rectRot',
    ece: attacked.ece.value,
    accuracy: attacked.meanConfidence.value - attacked.overconfidence.value,
    meanConfidence: attacked.meanConfidence.value,
    bins: attacked.bins.map((bin) => ({ ...bin, accuracy: bin.accuracy?.value ?? null })),
    points: attacked.points,
  };
}

/** Accuracy against confidence; a model that knows how sure to be lies on the dashed line, one that is too sure below it. */
function diagram(ctx: Context, panel: Panel): HTMLElement {
  const shown = panel.bins.flatMap(({ confidence, accuracy, n }) =>
    confidence === null || accuracy === null ? [] : [{ x: confidence, y: accuracy, n }],
  );
  const spec: LineChart = {
    series: [diagonal, { label: panel.title, color: panel.color, shape: panel.shape, points: shown, width: 2 }],
    rules: [],
    x: { title: 'Confidence', min: 0, max: 1, ticks: SHARES },
    y: { title: 'Accuracy' },
  };
  return h(
    'div',
    { class: 'panel' },
    h(
      'h3',
      {},
      panel.title,
      ' ',
      h(
        'span',
        { class: 'muted' },
        `${percent(panel.ece)} off, ${percent(panel.meanConfidence)} sure, ${percent(panel.accuracy)} right`,
      ),
    ),
    chart(
      ctx,
      `reliability-${panel.key}`,
      `${panel.title}: accuracy against confidence in ${shown.length} bins: ${shown
        .map(({ x, y }) => `${percent(y)} right at ${percent(x)}`)
        .join(', ')}.`,
      spec,
      dataTable(
        `${panel.title}: accuracy by confidence`,
        [
          { title: 'Mean confidence', head: true, cell: ({ x }) => percent(x) },
          { title: 'Accuracy', numeric: true, cell: ({ y }) => percent(y) },
          { title: 'Predictions', numeric: true, cell: ({ n }) => n },
        ],
        shown,
      ),
    ),
  );
}

const diagonal: Series = {
  label: 'As sure as right',
  color: 'muted',
  points: [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ],
  width: 1,
  dash: [5, 4],
  shape: 'none',
};

/** Errors among the accepted, as the model refuses what it is least sure of. */
function coverage(ctx: Context, panels: readonly Panel[]): HTMLElement | null {
  const curves = panels.filter((panel) => panel.points.length > 1);
  if (curves.length === 0) return null;
  const all = (panel: Panel) => panel.points.at(-1)?.risk ?? 0;
  const half = (panel: Panel) => panel.points.findLast((point) => point.coverage <= 0.5 + 1e-9)?.risk ?? all(panel);
  return h(
    'div',
    {},
    h('h3', {}, 'If it may refuse'),
    chart(
      ctx,
      'pressure-coverage',
      curves
        .map(
          (panel) => `${panel.title}: ${percent(all(panel))} wrong of all, ${percent(half(panel))} of the surer half.`,
        )
        .join(' '),
      {
        series: curves.map((panel) => ({
          label: panel.title,
          color: panel.color,
          points: panel.points.map((point) => ({ x: point.coverage, y: point.risk })),
          shape: 'none',
          endLabel: panel.title,
          ...(panel.key === 'clean' ? {} : { dash: panel.key === 'corrupted' ? [6, 3] : [2, 3] }),
        })),
        rules: [],
        x: { title: 'Answered, the surest first', min: 0, max: 1, ticks: SHARES },
        y: { title: 'Wrong among them' },
      },
      dataTable(
        'Errors among the accepted',
        [
          { title: 'Data', head: true, cell: (panel: Panel) => panel.title },
          { title: 'Of the surer half', numeric: true, cell: (panel: Panel) => percent(half(panel)) },
          { title: 'Of all', numeric: true, cell: (panel: Panel) => percent(all(panel)) },
        ],
        curves,
      ),
    ),
  );
}

/** How far confidence and accuracy part as corruption grows. */
function severities(corrupted: Corrupted | undefined, clean: Report['clean']): HTMLElement | null {
  if (corrupted === undefined) return null;
  const before =
    clean?.calibration && clean.ece
      ? [
          {
            name: 'None',
            accuracy: clean.accuracy.value,
            meanConfidence: clean.accuracy.value + clean.calibration.overconfidence.value,
            ece: clean.ece.value,
            aurc: clean.selective?.aurc.value ?? null,
          },
        ]
      : [];
  const rows = [
    ...before,
    ...corrupted.bySeverity.map((row) => ({ name: String(row.severity), ...row, aurc: row.aurc as number | null })),
  ];
  return h(
    'div',
    {},
    h('h3', {}, 'By severity, mean over corruptions'),
    dataTable(
      'Calibration by severity of corruption',
      [
        { title: 'Severity', head: true, cell: ({ name }) => name },
        { title: 'Right', numeric: true, cell: ({ accuracy }) => percent(accuracy) },
        { title: 'Sure', numeric: true, cell: ({ meanConfidence }) => percent(meanConfidence) },
        { title: 'Error', numeric: true, cell: ({ ece }) => percent(ece) },
        { title: 'AURC', numeric: true, cell: ({ aurc }) => (aurc === null ? '–' : aurc.toFixed(3)) },
      ],
      rows,
    ),
  );
}
