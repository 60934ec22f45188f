import type { AnyReport } from '../src/engine/report/regression';
import type { Figure } from '../src/engine/report/schema';
import type { LineChart } from './chart/spec';
import type { Context } from './context';
import { type Child, h } from './dom';
import { interval, percent } from './format';
import { icon } from './icons';

/** A part of the report under its heading. */
export function section(name: string, title: string, aside: Child, ...children: readonly Child[]): HTMLElement {
  return h(
    'section',
    { class: `section section-${name}`, 'data-key': name, 'aria-labelledby': `title-${name}` },
    h('div', { class: 'section-head' }, h('h2', { id: `title-${name}` }, title), aside),
    ...children,
  );
}

/** A toggle whose state outlives updates and hiding: `key` names it. */
export function toggle(
  ctx: Pick<Context<AnyReport>, 'open'>,
  key: string,
  label: Child,
  ...children: readonly Child[]
): HTMLElement {
  return h(
    'details',
    { class: 'toggle', 'data-key': key, 'data-keep': 'open', open: ctx.open.has(key) },
    h('summary', {}, icon('chevron'), h('span', {}, label)),
    h('div', { class: 'toggle-body' }, ...children),
  );
}

/** A chart and, behind a toggle, the table of what it shows. */
export function chart(
  ctx: Pick<Context<AnyReport>, 'open' | 'charts'>,
  name: string,
  summary: string,
  spec: LineChart,
  table: HTMLElement,
): HTMLElement {
  ctx.charts.set(name, spec);
  return h(
    'figure',
    { class: `chart chart-${name}` },
    h('div', { class: 'chart-canvas' }, h('canvas', { 'data-chart': name, role: 'img', 'aria-label': summary })),
    toggle(ctx, `table-${name}`, 'Show table', table),
  );
}

export interface Column<Row> {
  readonly title: Child;
  readonly cell: (row: Row) => Child;
  readonly numeric?: boolean;
  /** Names the row for screen readers. */
  readonly head?: boolean;
  readonly className?: string;
}

/** A plain data table that scrolls sideways by itself when the page is too narrow. */
export function dataTable<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  rowClass: (row: Row) => string = () => '',
): HTMLElement {
  const kind = (column: Column<Row>) => `${column.numeric ? 'num' : ''} ${column.className ?? ''}`.trim() || null;
  return scroller(
    caption,
    h(
      'table',
      {},
      h('caption', { class: 'unseen' }, caption),
      h('thead', {}, h('tr', {}, ...columns.map((c) => h('th', { scope: 'col', class: kind(c) }, c.title)))),
      h(
        'tbody',
        {},
        ...rows.map((row) =>
          h(
            'tr',
            { class: rowClass(row) || null },
            ...columns.map((c) =>
              c.head
                ? h('th', { scope: 'row', class: kind(c) }, c.cell(row))
                : h('td', { class: kind(c) }, c.cell(row)),
            ),
          ),
        ),
      ),
    ),
  );
}

/** A region that scrolls sideways, reachable by keyboard. */
export function scroller(label: string, ...children: readonly Child[]): HTMLElement {
  return h('div', { class: 'scroller', role: 'region', 'aria-label': label, tabindex: 0 }, ...children);
}

/** A share with a thin bar beneath it. */
export function barCell(figure: Figure | null, color: 'clean' | 'robust'): HTMLElement {
  if (figure === null) return h('span', { class: 'none' }, '–');
  return h(
    'span',
    { class: `bar-cell bar-${color}`, title: `95 % interval ${interval(figure)}, n = ${figure.n}` },
    h('span', { class: 'bar-text' }, percent(figure.value)),
    h('span', { class: 'bar-track', 'aria-hidden': 'true' }, h('span', { style: { width: share(figure.value) } })),
  );
}

/** One line of a list of bars, with what it has lost against another. */
export interface Bar {
  readonly label: string;
  readonly note?: string;
  /** As shown: `≤ 69.3 %`. */
  readonly text: string;
  readonly aside?: string;
  readonly kind: 'clean' | 'robust';
  /** Shares of the track: the value, the ends of its interval, and where another reached beyond it. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly beyond?: number;
  readonly interval: string;
  readonly faded?: boolean;
}

/** Figures as bars on one scale, with their intervals. */
export function bars(...items: readonly Bar[]): HTMLElement {
  return h(
    'ul',
    { class: 'bars' },
    ...items.map(({ label, note, text, aside, kind, value, low, high, beyond, interval: range, faded }) =>
      h(
        'li',
        { class: `bar bar-${kind}${faded ? '' : ' bar-selected'}` },
        h('span', { class: 'bar-label' }, label, note === undefined ? null : h('small', {}, note)),
        h('span', { class: 'bar-value' }, h('b', {}, text), aside === undefined ? null : h('small', {}, aside)),
        h(
          'span',
          { class: 'bar-track', title: `95 % interval ${range}` },
          h('span', { class: 'unseen' }, `95 % interval ${range}`),
          h('span', { class: 'bar-fill', style: { width: share(value) } }),
          beyond === undefined || beyond <= value
            ? null
            : h('span', { class: 'bar-beyond', style: { left: share(value), width: share(beyond - value) } }),
          h('span', { class: 'whisker', style: { left: share(low), width: share(high - low) } }),
        ),
      ),
    ),
  );
}

/** A bar of an accuracy. */
export function shareBar(figure: Figure, more: Pick<Bar, 'label' | 'kind'> & Partial<Bar>): Bar {
  const { value, low, high } = figure;
  const text = `${more.kind === 'robust' ? '≤ ' : ''}${percent(value)}`;
  return { value, low, high, interval: interval(figure), text, ...more };
}

/** A figure in a row of such, with what it is of. */
export function stat(label: string, value: string, note: string, more: Child = null, name?: string): HTMLElement {
  return h(
    'div',
    {},
    h('dt', {}, label, more),
    h('dd', {}, h('b', { 'data-figure': name }, value), ' ', h('span', { class: 'muted' }, note)),
  );
}

/** A share as a CSS length along its axis. */
export function share(value: number): string {
  return `${(100 * Math.min(1, Math.max(0, value))).toFixed(3)}%`;
}

/** The small button that explains a term, if the page was given its definition. */
export function info(ctx: Context<AnyReport>, term: string, label: string, place = 'summary'): HTMLElement | null {
  const definition = Object.hasOwn(ctx.terms, term) ? ctx.terms[term] : undefined;
  if (definition === undefined) return null;
  const id = `tip-${place}-${term}`;
  const { text, formula } = typeof definition === 'string' ? { text: definition } : definition;
  return h(
    'span',
    { class: 'info' },
    h(
      'button',
      { type: 'button', class: 'info-button', 'aria-label': `Definition: ${label}`, 'aria-describedby': id },
      icon('info'),
    ),
    h(
      'span',
      { class: 'tip', role: 'tooltip', id },
      h('span', {}, text),
      formula === undefined || formula === '' ? null : h('code', {}, formula),
    ),
  );
}

/** What the engine writes, in which names of settings and files stand between backticks. */
export function prose(text: string): Child[] {
  return text.split('`').map((part, i) => (i % 2 === 0 ? part : h('code', {}, part)));
}

/** A digest, cut off by the page where there is no room for all of it. */
export function hash(sha256: string): HTMLElement {
  return h('code', { class: 'hash', title: sha256 }, sha256);
}

/** A button that looks like a link. */
export function link(action: string, value: string, ...children: readonly Child[]): HTMLElement {
  return h('button', { type: 'button', class: 'link', 'data-action': action, 'data-value': value }, ...children);
}

/** A word set apart: the state of a row. */
export function tag(text: string, kind: 'good' | 'bad' | 'plain'): HTMLElement {
  return h('span', { class: `tag tag-${kind}` }, text);
}

/** Something is going on; what it is stands beside it. */
export function spinner(): HTMLElement {
  return h('span', { class: 'spinner', 'aria-hidden': 'true' });
}
