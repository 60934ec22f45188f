import type { Figure } from '../../src/engine/report/schema';
import type { Context } from '../context';
import { h } from '../dom';
import { interval, normLabel, percent, points } from '../format';
import { section, share } from '../parts';

/** Clean accuracy beside robust accuracy under every threat model. */
export function tradeoff(ctx: Context): HTMLElement | null {
  const { report, threat } = ctx;
  const clean = report.clean?.accuracy;
  const measured = report.threatModels.filter((model) => model.robustAccuracy !== null);
  if (clean === undefined || measured.length === 0) return null;
  return section(
    'tradeoff',
    'Trade-off',
    h('span', { class: 'muted' }, 'clean against robust'),
    h(
      'ul',
      { class: 'bars' },
      bar('Clean', '', clean, 'clean', null, false),
      ...measured.map((model) => {
        const robust = model.robustAccuracy as Figure;
        const label = `${normLabel(model.norm)} ε = ${model.epsilonText}`;
        return bar(label, model.name, robust, 'robust', robust.value - clean.value, model === threat);
      }),
    ),
  );
}

function bar(
  label: string,
  note: string,
  figure: Figure,
  kind: 'clean' | 'robust',
  loss: number | null,
  selected: boolean,
): HTMLElement {
  return h(
    'li',
    { class: `bar bar-${kind}${selected ? ' bar-selected' : ''}` },
    h('span', { class: 'bar-label' }, label, note === '' ? null : h('small', {}, note)),
    h(
      'span',
      { class: 'bar-value' },
      h('b', {}, `${kind === 'robust' ? '≤ ' : ''}${percent(figure.value)}`),
      loss === null ? null : h('small', {}, `${points(loss)} points`),
    ),
    h(
      'span',
      { class: 'bar-track', 'aria-hidden': 'true', title: `95 % interval ${interval(figure)}` },
      h('span', { class: 'bar-fill', style: { width: share(figure.value) } }),
      h('span', { class: 'whisker', style: { left: share(figure.low), width: share(figure.high - figure.low) } }),
    ),
  );
}
