import type { AnyReport } from '../../src/engine/report/regression';
import { type Context, isRunning } from '../context';
import { h } from '../dom';
import { count, date, duration, fileName, plural } from '../format';
import { icon } from '../icons';
import { link } from '../parts';
import { button } from '../ui';

/** Model, what it was measured on, and what can be done with the report. */
export function header(ctx: Context<AnyReport>): HTMLElement {
  const { report } = ctx;
  const sample =
    report.data.count < report.data.available
      ? `${count(report.data.count)} of ${count(report.data.available)} examples`
      : plural(report.data.count, 'example');
  return h(
    'header',
    { class: 'page-head', 'data-key': 'header' },
    h(
      'div',
      { class: 'page-title' },
      h('p', { class: 'eyebrow' }, 'Robustness report'),
      h('h1', {}, fileName(report.model.path)),
      h(
        'p',
        { class: 'subtitle' },
        h('span', {}, link('openFile', report.data.path, fileName(report.data.path))),
        h('span', {}, sample),
        h(
          'span',
          {},
          report.task === 'regression'
            ? plural(report.outputs, 'output')
            : plural(report.data.classes.length, 'class', 'classes'),
        ),
        h('span', {}, date(report.createdAt)),
        h('span', {}, duration(report.wallSeconds)),
      ),
    ),
    h(
      'div',
      { class: 'toolbar', role: 'toolbar', 'aria-label': 'Report actions' },
      menu('rerun', 'Re-run', isRunning(ctx), suitesFor(report)),
      menu('export', 'Export', false, [
        ['md', 'Markdown', '.md'],
        ['html', 'HTML', 'one self-contained file'],
        ['csv', 'CSV', 'all figures'],
        ...(hasExamples(report) ? [['examples', 'Examples…', 'to train on, .npz'] as const] : []),
      ]),
    ),
  );
}

/** Whether there are adversarial or corrupted examples that an array of numbers can hold. */
function hasExamples(report: AnyReport): boolean {
  return report.task === 'classification' && report.data.kind !== 'text' && report.status.state === 'complete';
}

type Item = readonly [value: string, label: string, note: string];

/** The suites that differ for this report: AutoAttack's `plus` is of gradients in a norm, `rand` for random models. */
export function suitesFor(report: AnyReport): Item[] {
  const classifier = report.task === 'classification';
  const ascents = report.threatModels.some(({ knowledge, norm }) => knowledge === 'white-box' && norm !== 'l0');
  return [
    ['quick', 'Quick', 'few iterations, a first look'],
    ['standard', 'Standard', classifier && ascents ? "AutoAttack's standard version" : 'the default suite'],
    ...(classifier && ascents ? [['plus', 'Plus', "AutoAttack's plus: restarts, every loss"] as const] : []),
    ...(report.model.random === undefined ? [] : [['rand', 'Rand', 'for random models: mean gradients'] as const]),
    ['thorough', 'Thorough', 'more restarts and attacks'],
  ];
}

function menu(action: string, label: string, disabled: boolean, items: readonly Item[]): HTMLElement {
  return h(
    'div',
    { class: 'menu', 'data-menu': action },
    button(
      {
        'aria-haspopup': 'menu',
        'aria-expanded': 'false',
        'data-keep': 'aria-expanded',
        'aria-label': label,
        'data-action': 'menu',
        'data-value': action,
        disabled,
      },
      label,
      h('span', { slot: 'end' }, icon('chevron')),
    ),
    h(
      'div',
      { class: 'menu-items', role: 'menu', 'aria-label': label, 'data-keep': 'hidden', hidden: true },
      ...items.map(([value, title, note]) =>
        h(
          'button',
          { type: 'button', role: 'menuitem', tabindex: -1, 'data-action': action, 'data-value': value },
          h('span', {}, title),
          h('small', {}, note),
        ),
      ),
    ),
  );
}
