import type { PairedTest, TradeOff, TradeOffPoint } from '../../src/engine/compare/types';
import { type Child, h } from '../dom';
import { interval, listed, percent, points } from '../format';
import { icon } from '../icons';
import { dataTable, section, tag } from '../parts';
import { type CompareContext, look, testOf } from './context';
import type { Scatter } from './scatter';

/** Clean against robust under one threat model: the chart, and the figures with what they differ by. */
export function tradeOffSection(ctx: CompareContext): HTMLElement {
  const { tradeOff, comparison } = ctx;
  if (tradeOff === null) {
    return section(
      'tradeoff',
      'Clean against robust',
      null,
      h('p', { class: 'muted' }, 'No model was evaluated under a threat model yet.'),
    );
  }
  const name = (point: TradeOffPoint) => comparison.models[point.model]?.name ?? '';
  const spec: Scatter = {
    points: tradeOff.points.map((point) => ({
      label: name(point),
      x: point.clean,
      y: point.robust,
      ...look(point.model),
      front: point.front,
      apart: point.apart !== null,
    })),
    x: { ...tradeOff.x, title: 'Clean accuracy' },
    y: { ...tradeOff.y, title: 'Robust accuracy, at most' },
  };
  ctx.scatters.set('tradeoff', spec);
  const front = tradeOff.points.filter((point) => point.front).map(name);
  const summary = tradeOff.points
    .map((p) => `${name(p)}: clean ${percent(p.clean.value)}, robust at most ${percent(p.robust.value)}`)
    .join('; ');
  return section(
    'tradeoff',
    'Clean against robust',
    h('span', { class: 'muted' }, 'with 95 % intervals in both directions'),
    tabs(ctx, tradeOff),
    h(
      'div',
      { id: 'panel', role: comparison.tradeOffs.length > 1 ? 'tabpanel' : null, 'aria-label': tradeOff.label },
      h(
        'figure',
        { class: 'chart chart-scatter' },
        h(
          'div',
          { class: 'chart-canvas' },
          h('canvas', {
            'data-scatter': 'tradeoff',
            role: 'img',
            'aria-label': `Clean against robust accuracy under ${tradeOff.label}. ${summary}. On the Pareto front: ${listed(front)}.`,
          }),
        ),
      ),
      h('p', { class: 'muted legend' }, frontText(front, tradeOff)),
      ...tradeOff.notes.map((note) => h('p', { class: 'aside' }, icon('info'), h('span', {}, note))),
      table(ctx, tradeOff),
    ),
  );
}

function frontText(front: readonly string[], { points: all }: TradeOff): string {
  if (front.length === 0) return 'No two of these can be compared.';
  if (front.length === 1 && all.length > 1)
    return `${front[0]} is the Pareto front alone: no other is better in either. Filled points are on the front.`;
  return `On the Pareto front: ${listed(front)}. None of these is beaten in both. Filled points and the dashed line are the front.`;
}

function tabs({ comparison }: CompareContext, shown: TradeOff): HTMLElement | null {
  if (comparison.tradeOffs.length < 2) return null;
  return h(
    'div',
    { class: 'tabs', role: 'tablist', 'aria-label': 'Threat model' },
    ...comparison.tradeOffs.map(({ key, label }) =>
      h(
        'button',
        {
          type: 'button',
          role: 'tab',
          'aria-controls': 'panel',
          'aria-selected': String(key === shown.key),
          tabindex: key === shown.key ? 0 : -1,
          'data-action': 'threat',
          'data-value': key,
        },
        label,
      ),
    ),
  );
}

function table(ctx: CompareContext, tradeOff: TradeOff): HTMLElement {
  const { comparison, base } = ctx;
  const name = (model: number) => comparison.models[model]?.name ?? '';
  const other = (point: TradeOffPoint, threat: string | null): Child => {
    if (point.model === base) return h('span', { class: 'none' }, '–');
    return change(testOf(comparison, point.model, base, threat));
  };
  const certified = tradeOff.points.some((point) => point.certified !== null);
  return dataTable(
    `Clean and robust accuracy under ${tradeOff.label}`,
    [
      { title: 'Model', head: true, cell: (p) => h('span', { class: 'class-name' }, name(p.model), frontTag(p)) },
      { title: 'Clean accuracy', numeric: true, cell: (p) => figure(p.clean, '') },
      { title: `against ${name(base)}`, numeric: true, cell: (p) => other(p, null) },
      { title: 'Robust accuracy', numeric: true, cell: (p) => figure(p.robust, '≤ ') },
      { title: `against ${name(base)}`, numeric: true, cell: (p) => other(p, tradeOff.key) },
      ...(certified
        ? [
            {
              title: 'Certified',
              numeric: true,
              cell: (p: TradeOffPoint) => (p.certified ? figure(p.certified, '≥ ') : '–'),
            },
          ]
        : []),
    ],
    tradeOff.points,
  );
}

function frontTag({ front, apart }: TradeOffPoint): HTMLElement | null {
  if (apart !== null) return h('small', {}, `not compared: ${apart}`);
  return front ? tag('Pareto front', 'good') : tag('dominated', 'plain');
}

function figure(value: TradeOffPoint['clean'], sign: string): HTMLElement {
  return h('span', {}, `${sign}${percent(value.value)}`, h('small', { class: 'range' }, interval(value)));
}

/** A difference in points with its interval; faint where chance would explain it. */
function change(test: PairedTest | null): HTMLElement {
  if (test === null) return h('span', { class: 'none' }, 'not tested');
  const { value, low, high } = test.difference;
  return h(
    'span',
    { class: test.adjusted < 0.05 ? 'told-apart' : 'not-told-apart' },
    points(value),
    h('small', { class: 'range' }, `${points(low)} to ${points(high)}`),
  );
}
