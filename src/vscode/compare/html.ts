import { basename } from 'node:path';
import type { Figure, Report } from '../../engine/report/schema';
import { percent, threatLabel } from '../report/summary';

export interface ComparedModel {
  /** Path of the report. */
  readonly path: string;
  readonly report: Report;
  readonly stale: boolean;
}

export type CompareWords = Readonly<
  Record<
    | 'title'
    | 'model'
    | 'clean'
    | 'robust'
    | 'certified'
    | 'score'
    | 'pitfalls'
    | 'cost'
    | 'examples'
    | 'stale'
    | 'incomplete'
    | 'mixed'
    | 'intervals'
    | 'missing',
    string
  >
>;

/** A page without scripts: one row a model, one column a threat model, and what robustness costs in clean accuracy. */
export function compareHtml(models: readonly ComparedModel[], nonce: string, words: CompareWords): string {
  const threats = threatColumns(models);
  const bestClean = Math.max(...models.map(({ report }) => report.clean?.accuracy.value ?? 0));
  const sameData = new Set(models.map(({ report }) => `${report.data.sha256} ${report.data.count}`)).size === 1;
  const columns = [words.model, words.clean, ...threats.map((each) => `${words.robust} (${each})`)];
  columns.push(words.cost, words.score, words.examples, words.pitfalls);
  const rows = models.map((each) => row(each, threats, bestClean, words));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(words.title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<h1>${escapeHtml(words.title)}</h1>
${sameData ? '' : `<p class="note">${escapeHtml(words.mixed)}</p>`}
<div class="scroll"><table>
<thead><tr>${columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>
<p class="muted">${escapeHtml(words.intervals)}</p>
</body>
</html>`;
}

/** Threat models by norm and radius, as figures are comparable only within one. */
function threatColumns(models: readonly ComparedModel[]): string[] {
  return [...new Set(models.flatMap(({ report }) => report.threatModels.map(threatLabel)))];
}

function row(model: ComparedModel, threats: readonly string[], bestClean: number, words: CompareWords): string {
  const { report, path } = model;
  const clean = report.clean?.accuracy ?? null;
  const command = `command:robustness.openReport?${encodeURIComponent(JSON.stringify([path]))}`;
  const marks = [model.stale ? words.stale : '', report.status.state === 'complete' ? '' : words.incomplete];
  const mark = marks.filter((each) => each !== '').join(', ');
  const cells = [
    `<th scope="row"><a href="${escapeHtml(command)}">${escapeHtml(basename(report.model.path))}</a>${mark === '' ? '' : `<span class="muted">${escapeHtml(mark)}</span>`}</th>`,
    cell(clean, words),
    ...threats.map((label) => {
      const threat = report.threatModels.find((each) => threatLabel(each) === label);
      const certified = threat?.certifiedAccuracy ?? null;
      const below = certified === null ? '' : words.certified.replace('{0}', percent(certified.value));
      return cell(threat?.robustAccuracy ?? null, words, below);
    }),
    `<td>${clean === null ? '' : points(clean.value - bestClean)}</td>`,
    `<td>${report.summary.robustnessScore === null ? '' : report.summary.robustnessScore.toFixed(2)}</td>`,
    `<td>${report.data.count}</td>`,
    `<td>${report.pitfalls.filter((pitfall) => pitfall.severity !== 'info').length}</td>`,
  ];
  return `<tr>${cells.join('')}</tr>`;
}

function cell(figure: Figure | null, words: CompareWords, below = ''): string {
  if (figure === null) return `<td class="muted">${escapeHtml(words.missing)}</td>`;
  // A meter is drawn by the browser and read by screen readers; it needs no script and no inline style.
  const meter = `<meter min="0" max="1" value="${figure.value}" aria-hidden="true"></meter>`;
  const interval = `${(100 * figure.low).toFixed(1)}–${(100 * figure.high).toFixed(1)}`;
  const extra = below === '' ? '' : `<span class="muted">${escapeHtml(below)}</span>`;
  return `<td><span class="figure">${percent(figure.value)}</span>${meter}<span class="muted">${interval}</span>${extra}</td>`;
}

function points(difference: number): string {
  return Math.abs(difference) < 5e-4 ? '0' : `−${(100 * Math.abs(difference)).toFixed(1)} pp`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const style = `
body { padding: 16px 24px; max-width: 1100px; color: var(--vscode-foreground); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); }
h1 { font-size: 1.5em; font-weight: 600; margin: 0 0 16px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 10px 16px 10px 0; border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder)); font-weight: normal; }
thead th { color: var(--vscode-descriptionForeground); font-size: 0.92em; vertical-align: bottom; }
tbody th { font-weight: 600; }
.figure { font-size: 1.25em; font-weight: 600; font-variant-numeric: tabular-nums; }
meter { display: block; width: 100%; min-width: 90px; height: 8px; margin: 4px 0; }
.muted { color: var(--vscode-descriptionForeground); font-size: 0.92em; font-weight: normal; }
tbody th .muted { display: block; }
td > .muted + .muted { display: block; }
.note { border-left: 3px solid var(--vscode-editorWarning-foreground); padding: 6px 12px; }
a { color: var(--vscode-textLink-foreground); }
`;
