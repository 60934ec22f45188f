import type { Pitfall } from '../src/engine/report/schema';
import type { Section } from '../src/engine/report/section';
import type { OutputPage } from '../src/vscode/report/protocol';
import { h } from './dom';
import { icon } from './icons';
import { link, scroller, section } from './parts';

const word = { error: 'Error', warning: 'Warning', info: 'Note' } as const;

/** The report on a model that predicts numbers: its parts as the host has them, in reading order. */
export function outputPage({ title, caveat, state, sections, pitfalls }: OutputPage): HTMLElement {
  const [first, ...rest] = sections;
  const actions: readonly (readonly [string, string, string])[] = [
    ...(state === 'running' ? ([['cancel', '', 'Cancel']] as const) : []),
    ...(state === 'interrupted' || state === 'failed' ? ([['resume', '', 'Resume']] as const) : []),
    ...(state === 'running' ? [] : ([['rerun', 'standard', 'Re-run']] as const)),
    ['export', 'md', 'Markdown'],
    ['export', 'html', 'HTML'],
    ['export', 'csv', 'CSV'],
    ['openAsText', '', 'As text'],
  ];
  return h(
    'main',
    { class: 'page' },
    h(
      'header',
      { class: 'page-head', 'data-key': 'header' },
      h('div', { class: 'page-title' }, h('p', { class: 'eyebrow' }, 'Robustness report'), h('h1', {}, title)),
      h(
        'nav',
        { class: 'toolbar', 'aria-label': 'Report actions' },
        ...actions.map(([action, value, label]) => link(action, value, label)),
      ),
    ),
    caveat === null ? null : h('p', { class: 'muted', role: 'status' }, caveat),
    first ? part(first, 0) : null,
    section(
      'pitfalls',
      'Pitfalls in this evaluation',
      null,
      pitfalls.length === 0
        ? h('p', { class: 'all-clear' }, 'No pitfall found. That does not prove the evaluation right.')
        : h('ul', { class: 'pitfalls' }, ...pitfalls.map(pitfall)),
    ),
    ...rest.map((each, k) => part(each, k + 1)),
  );
}

function part({ title, paragraphs, table }: Section, position: number): HTMLElement {
  return section(
    `part-${position}`,
    title,
    null,
    ...paragraphs.map((text) => h('p', {}, text)),
    table === null || table.rows.length === 0
      ? null
      : scroller(
          title,
          h(
            'table',
            {},
            h('thead', {}, h('tr', {}, ...table.columns.map((column) => h('th', { scope: 'col' }, column)))),
            h('tbody', {}, ...table.rows.map((row) => h('tr', {}, ...row.map((cell) => h('td', {}, cell))))),
          ),
        ),
  );
}

function pitfall({ rule, severity, message, evidence, advice }: Pitfall): HTMLElement {
  return h(
    'li',
    { class: `pitfall pitfall-${severity}`, 'data-key': `${rule} ${message}` },
    h('p', { class: 'pitfall-severity' }, icon(severity), word[severity]),
    h(
      'div',
      { class: 'pitfall-body' },
      h('h3', {}, message),
      evidence.length === 0 ? null : h('ul', { class: 'evidence' }, ...evidence.map((line) => h('li', {}, line))),
      h('p', { class: 'advice' }, icon('arrow'), h('span', {}, advice)),
      h('p', { class: 'rule' }, link('openRule', rule, rule)),
    ),
  );
}
