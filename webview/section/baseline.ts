import type { BaselineChanges } from '../../src/engine/report/baseline';
import type { Context } from '../context';
import { h } from '../dom';
import { count, date, fileName, interval, percent, points } from '../format';
import { icon } from '../icons';
import { dataTable, info, link, section, stat, tag } from '../parts';

interface Line extends BaselineChanges {
  readonly name: string;
}

/** What changed since an earlier version, example by example: gains and losses apart, which an average sets off against one another. */
export function baseline(ctx: Context): HTMLElement | null {
  const { baseline: held } = ctx.report;
  if (held === undefined) return null;
  const { path, createdAt, model, sameModel, clean, threatModels, leftOut, lost } = held;
  const lines: Line[] = [...(clean ? [{ name: 'clean', ...clean }] : []), ...threatModels];
  return section(
    'baseline',
    'Changes since the baseline',
    h(
      'span',
      { class: 'muted' },
      'against ',
      link('openFile', path, fileName(model.path)),
      `, ${date(createdAt)}${sameModel ? ', the same model file' : ''}`,
    ),
    clean === null ? null : figures(ctx, clean),
    lines.length === 0
      ? null
      : dataTable<Line>(
          'Changes since the baseline',
          [
            { title: 'On', head: true, cell: ({ name }) => name },
            { title: 'Before', numeric: true, cell: ({ before }) => percent(before.value) },
            { title: 'Now', numeric: true, cell: ({ after }) => percent(after.value) },
            { title: 'Difference, points', numeric: true, cell: ({ difference }) => points(difference.value) },
            {
              title: '95 % interval',
              numeric: true,
              cell: ({ difference: { low, high } }) => `${points(low)} to ${points(high)}`,
            },
            { title: 'Churn', numeric: true, cell: ({ churn }) => percent(churn.value) },
            { title: 'Now wrong', numeric: true, cell: ({ negativeFlips }) => percent(negativeFlips.value) },
            { title: 'Now right', numeric: true, cell: ({ positiveFlips }) => percent(positiveFlips.value) },
            { title: 'p, adjusted', numeric: true, cell: ({ adjusted }) => pText(adjusted) },
            { title: 'Verdict', cell: verdict },
          ],
          lines,
        ),
    ...leftOut.map(({ on, reason }) =>
      h('p', { class: 'aside' }, icon('info'), h('span', {}, `Not compared, ${on}: ${reason}.`)),
    ),
    lost.length === 0 ? null : lostNote(held),
  );
}

function figures(ctx: Context, { churn, negativeFlips, positiveFlips }: BaselineChanges): HTMLElement {
  return h(
    'dl',
    { class: 'scores' },
    stat('Prediction churn', percent(churn.value), interval(churn), info(ctx, 'churn', 'prediction churn', 'baseline')),
    stat(
      'Negative flips',
      percent(negativeFlips.value),
      `${interval(negativeFlips)}: right before, wrong now`,
      info(ctx, 'negativeFlips', 'negative flips', 'baseline'),
    ),
    stat(
      'Positive flips',
      percent(positiveFlips.value),
      `${interval(positiveFlips)}: wrong before, right now`,
      info(ctx, 'positiveFlips', 'positive flips', 'baseline'),
    ),
  );
}

function lostNote({ lost, clean }: NonNullable<Context['report']['baseline']>): HTMLElement {
  const all = clean === null ? lost.length : Math.round(clean.negativeFlips.value * clean.negativeFlips.n);
  const named = lost.map(({ index, label, prediction }) => `${index} (${label}, now ${prediction})`).join(', ');
  return h(
    'p',
    { class: 'note' },
    `Examples that are lost${all > lost.length ? `, ${lost.length} of ${count(all)}` : ''}: ${named}.`,
  );
}

function verdict({ adjusted, difference }: Line): HTMLElement {
  if (adjusted >= 0.05) return tag('not told apart', 'plain');
  return difference.value > 0 ? tag('better', 'good') : tag('worse', 'bad');
}

function pText(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}
