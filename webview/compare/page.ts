import { h } from '../dom';
import { count, fileName, listed, percent, plural } from '../format';
import { icon } from '../icons';
import { dataTable, link, section } from '../parts';
import { button } from '../ui';
import { choiceSection } from './choice';
import type { CompareContext } from './context';
import { pairsSection } from './pairs';
import { tradeOffSection } from './tradeOff';

/** The whole comparison as a fresh tree, which `morph` works into the page. */
export function comparePage(ctx: CompareContext): HTMLElement {
  return h(
    'main',
    { class: 'page' },
    header(ctx),
    ...banners(ctx),
    tradeOffSection(ctx),
    choiceSection(ctx),
    pairsSection(ctx),
    models(ctx),
  );
}

function header({ comparison, base }: CompareContext): HTMLElement {
  const { models: all } = comparison;
  const counts = [...new Set(all.map(({ examples }) => examples))];
  return h(
    'header',
    { class: 'page-head', 'data-key': 'header' },
    h(
      'div',
      { class: 'page-title' },
      h('p', { class: 'eyebrow' }, 'Robustness compared'),
      h('h1', {}, all.length <= 3 ? listed(all.map(({ name }) => name)) : plural(all.length, 'model')),
      h(
        'p',
        { class: 'subtitle' },
        h('span', {}, counts.length === 1 ? plural(counts[0] ?? 0, 'example') : 'different numbers of examples'),
        h('span', {}, plural(comparison.tradeOffs.length, 'threat model')),
      ),
    ),
    h(
      'div',
      { class: 'toolbar', role: 'toolbar', 'aria-label': 'Comparison' },
      h(
        'label',
        { class: 'base-picker' },
        h('span', { class: 'muted' }, 'Differences from '),
        h(
          'select',
          { 'data-change': 'base' },
          ...all.map(({ name }, i) => h('option', { value: i, selected: i === base }, name)),
        ),
      ),
      button({ 'data-action': 'export' }, 'Export HTML'),
    ),
  );
}

function banners({ comparison, stale }: CompareContext): HTMLElement[] {
  const old = comparison.models.filter((_, i) => stale[i]).map(({ name }) => name);
  const texts = [
    ...comparison.notes,
    ...(old.length === 0
      ? []
      : [`${listed(old)} changed since ${old.length === 1 ? 'it was' : 'they were'} evaluated: evaluate again.`]),
  ];
  return texts.map((text, i) =>
    h(
      'div',
      { class: 'banner banner-stale', role: 'note', 'data-key': `note-${i}` },
      icon('warning'),
      h('div', { class: 'banner-text' }, text),
    ),
  );
}

function models({ comparison }: CompareContext): HTMLElement {
  const rows = comparison.models.map((model, index) => ({ model, index }));
  const pitfalls = ({ error, warning }: (typeof rows)[number]['model']['pitfalls']) =>
    error + warning === 0
      ? 'none'
      : [plural(error, 'error'), plural(warning, 'warning')].filter((t) => !t.startsWith('0')).join(', ');
  return section(
    'models',
    'Models',
    null,
    dataTable(
      'Models',
      [
        {
          title: 'Model',
          head: true,
          cell: ({ model }) => h('span', {}, model.name, h('small', { class: 'range' }, model.modelPath)),
        },
        { title: 'Examples', numeric: true, cell: ({ model }) => count(model.examples) },
        {
          title: 'Corruption accuracy',
          numeric: true,
          cell: ({ model }) => (model.corruption ? percent(model.corruption.value) : '–'),
        },
        {
          title: 'Calibration error',
          numeric: true,
          cell: ({ model }) => (model.ece ? percent(model.ece.value) : '–'),
        },
        {
          title: 'Robustness score',
          numeric: true,
          cell: ({ model }) => (model.robustnessScore === null ? '–' : model.robustnessScore.toFixed(2)),
        },
        { title: 'Pitfalls', cell: ({ model }) => pitfalls(model.pitfalls) },
        {
          title: 'Report',
          cell: ({ model, index }) =>
            model.path === null ? '–' : link('openReport', String(index), fileName(model.path)),
        },
      ],
      rows,
    ),
  );
}
