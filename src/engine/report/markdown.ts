import { type AnyReport, isRegression } from './regression';
import type { Pitfall } from './schema';
import type { Section } from './section';
import { modelName, sections } from './sections';
import { textGallery } from './textSections';
import { waveformSection } from './waveformSections';
import { caveat } from './words';

/** A report as Markdown, fit for a pull request or a model card. */
export function renderMarkdown(report: AnyReport): string {
  const note = caveat(report);
  const [first, ...rest] = sections(report);
  // Pages with pictures show these in their gallery.
  const waveforms = waveformSection(report);
  const parts = [
    `# Robustness of ${escapeText(modelName(report))}`,
    ...(note ? [`> **${escapeText(note)}**`] : []),
    ...(first ? [renderSection(first)] : []),
    renderPitfalls(report.pitfalls),
    ...(waveforms ? [renderSection(waveforms)] : []),
    ...gallery(report),
    ...rest.map(renderSection),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Of texts alone: pictures and tables of features would not fit. */
function gallery(report: AnyReport): string[] {
  const text = isRegression(report) ? null : textGallery(report.gallery, escapeText);
  return text === null ? [] : [text];
}

/** A Markdown table; cells are escaped. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(' | ')} |`;
  return [line(columns), `|${columns.map(() => ' --- ').join('|')}|`, ...rows.map(line)].join('\n');
}

function renderSection({ title, paragraphs, table }: Section): string {
  const parts = [`## ${escapeText(title)}`, ...paragraphs.map(escapeText)];
  if (table && table.rows.length > 0) parts.push(markdownTable(table.columns, table.rows));
  return parts.join('\n\n');
}

function renderPitfalls(pitfalls: readonly Pitfall[]): string {
  if (pitfalls.length === 0) return '## Pitfalls\n\nNone was found.';
  const items = pitfalls.map(({ severity, rule, message, evidence, advice }) => {
    const lines = [`- **${severity}** (${escapeText(rule)}): ${escapeText(message)} ${escapeText(advice)}`];
    return [...lines, ...evidence.map((line) => `  - ${escapeText(line)}`)].join('\n');
  });
  return `## Pitfalls\n\n${items.join('\n')}`;
}

function escapeCell(text: string): string {
  return escapeText(text).replaceAll('|', '\\|');
}

/** Names come from files that others wrote: they must not become markup. */
function escapeText(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').replace(/[\\`*_[\]<>#~]/g, '\\$&');
}
