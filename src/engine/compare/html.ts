import { escapeHtml, page, tableHtml } from '../report/html';
import type { ContextName } from './context';
import { scatterSvg } from './scatterSvg';
import { comparisonSections } from './sections';
import type { ModelComparison } from './types';

/** The comparison as one HTML file: no scripts, nothing loaded from elsewhere. */
export function renderComparisonHtml(comparison: ModelComparison, context?: ContextName): string {
  const { models, notes, tradeOffs } = comparison;
  const title = 'Robustness compared';
  const figures = tradeOffs.map(
    (tradeOff) =>
      `<figure>${scatterSvg(tradeOff, models)}<figcaption>${escapeHtml(tradeOff.label)}: filled points and the dashed line are the Pareto front</figcaption></figure>`,
  );
  const sections = comparisonSections(comparison, context).map(({ title: head, paragraphs, table }) =>
    [
      `<h2>${escapeHtml(head)}</h2>`,
      ...paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`),
      table === null ? '' : tableHtml(table.columns, table.rows),
    ].join('\n'),
  );
  const list = tableHtml(
    ['Model', 'File', 'Examples', 'Robustness score', 'Pitfalls'],
    models.map(({ name, modelPath, examples, robustnessScore, pitfalls }) => [
      name,
      modelPath,
      String(examples),
      robustnessScore === null ? '–' : robustnessScore.toFixed(3),
      `${pitfalls.error} errors, ${pitfalls.warning} warnings`,
    ]),
  );
  const body = [
    `<h1>${title}</h1>`,
    ...notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`),
    list,
    `<div class="curves">${figures.join('\n')}</div>`,
    ...sections,
    '<p class="muted">Robust accuracy is over all examples, under the strongest attack that ran: an upper bound. 95 % intervals.</p>',
  ];
  return page(title, body.join('\n'));
}
