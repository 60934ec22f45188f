import type { Figure } from '../../src/engine/report/schema';
import type { Context } from '../context';
import { h } from '../dom';
import { interval, percent, points } from '../format';
import { dataTable, info, section, stat, toggle } from '../parts';

type Averages = 'Macro' | 'Micro' | 'Weighted';
const WAYS: readonly Averages[] = ['Macro', 'Micro', 'Weighted'];

/** Figures of clean performance beyond accuracy; nothing of reports that have none. */
export function cleanMetrics(ctx: Context): HTMLElement | null {
  const { clean } = ctx.report;
  if (clean?.f1Weighted === undefined) return null;
  const numbered = (figure: Figure) => `${figure.low.toFixed(3)} to ${figure.high.toFixed(3)}`.replaceAll('-', '−');
  const item = (name: string, label: string, figure: Figure | null | undefined, kind: 'share' | 'number') =>
    figure === null || figure === undefined
      ? null
      : stat(
          label,
          kind === 'share' ? percent(figure.value) : figure.value.toFixed(3).replace('-', '−'),
          kind === 'share' ? interval(figure) : numbered(figure),
          info(ctx, name, label, 'clean'),
          name,
        );
  const cellOf = (figure: Figure | undefined) =>
    figure === undefined ? '–' : h('span', { title: `95 % interval ${interval(figure)}` }, percent(figure.value));
  const rows = (['precision', 'recall', 'f1'] as const).map((name) => ({
    title: { precision: 'Precision', recall: 'Recall', f1: 'F1' }[name],
    figures: Object.fromEntries(WAYS.map((way) => [way, clean[`${name}${way}`]])),
  }));
  return section(
    'clean',
    'Clean performance',
    h('span', { class: 'muted' }, 'without an attack, with 95 % intervals'),
    h(
      'dl',
      { class: 'scores' },
      item('balancedAccuracy', 'Balanced accuracy', clean.balancedAccuracy, 'share'),
      item('top5Accuracy', 'Top-5 accuracy', clean.top5Accuracy, 'share'),
      item('f1Macro', 'F1 (macro)', clean.f1Macro, 'share'),
      item('matthews', 'Matthews correlation', clean.matthews, 'number'),
      item('rocAuc', 'ROC AUC', clean.rocAuc, 'number'),
      item('prAuc', 'PR AUC', clean.prAuc, 'number'),
      item('logLoss', 'Log loss', clean.logLoss, 'number'),
      item('brier', 'Brier score', clean.brier, 'number'),
    ),
    generalisation(ctx),
    toggle(
      ctx,
      'clean-averages',
      'Precision, recall and F1 by way of averaging',
      dataTable(
        'Precision, recall and F1 by way of averaging',
        [
          { title: 'Metric', head: true, cell: (row) => row.title },
          ...WAYS.map((way) => ({
            title: way,
            numeric: true,
            cell: (row: (typeof rows)[number]) => cellOf(row.figures[way]),
          })),
        ],
        rows,
      ),
    ),
  );
}

/** Training against test data, in a line; nothing where no training data were named. */
function generalisation(ctx: Context): HTMLElement | null {
  const found = ctx.report.generalisation;
  if (found === undefined) return null;
  const { train, test, gap } = found;
  return h(
    'p',
    { class: 'caption', 'data-figure': 'generalisation' },
    `Training data ${percent(train.value)}, test data ${percent(test.value)}: a gap of `,
    h('strong', {}, `${points(gap.value)} points`),
    ` (${points(gap.low)} to ${points(gap.high)})`,
    info(ctx, 'generalisationGap', 'generalisation gap', 'clean'),
  );
}
