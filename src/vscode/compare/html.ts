import { basename } from 'node:path';
import { compareReports } from '../../engine/report/compare';
import { shortThreat } from '../../engine/report/describe';
import { escapeHtml } from '../../engine/report/html';
import type { Figure, Report } from '../../engine/report/schema';
import { percent } from '../../engine/report/words';

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
    | 'tradeOff'
    | 'score'
    | 'examples'
    | 'pitfalls'
    | 'stale'
    | 'incomplete'
    | 'notEvaluated'
    | 'reference'
    | 'explanation',
    string
  >
>;

/** A page without scripts: one row a model, one column a threat model, and what robustness costs in clean accuracy. */
export function compareHtml(models: readonly ComparedModel[], nonce: string, words: CompareWords): string {
  const threats = threatColumns(models);
  const reference = cleanest(models);
  const columns = [words.model, words.clean, ...threats.map((threat) => `${words.robust} (${threat})`)];
  columns.push(words.tradeOff, words.score, words.examples, words.pitfalls);
  const rows = models.map((model) => row(model, threats, reference, words));
  const { notes } = compareReports(models.map((model) => model.report));
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
${notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join('\n')}
<div class="scroll"><table>
<thead><tr>${columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>
<p class="muted">${escapeHtml(words.explanation)}</p>
</body>
</html>`;
}

/** Threat models by norm and radius, as figures are comparable only within one. */
function threatColumns(models: readonly ComparedModel[]): string[] {
  return [...new Set(models.flatMap(({ report }) => report.threatModels.map(shortThreat)))];
}

/** What the others' trade-off is measured from: the model that is best without an attack. */
function cleanest(models: readonly ComparedModel[]): Report | undefined {
  const clean = ({ report }: ComparedModel) => report.clean?.accuracy.value ?? -1;
  return models.reduce<ComparedModel | undefined>((best, model) => {
    return best === undefined || clean(model) > clean(best) ? model : best;
  }, undefined)?.report;
}

function row(
  { report, path, stale }: ComparedModel,
  threats: readonly string[],
  reference: Report | undefined,
  words: CompareWords,
): string {
  const command = `command:robustness.openReport?${encodeURIComponent(JSON.stringify([path]))}`;
  const marks = [stale ? words.stale : '', report.status.state === 'complete' ? '' : words.incomplete];
  const mark = marks.filter((each) => each !== '').join(', ');
  const cells = [
    `<th scope="row"><a href="${escapeHtml(command)}">${escapeHtml(basename(report.model.path))}</a>${muted(mark)}</th>`,
    cell(report.clean?.accuracy ?? null, words),
    ...threats.map((label) => {
      const threat = report.threatModels.find((each) => shortThreat(each) === label);
      const certified = threat?.certifiedAccuracy ?? null;
      const proved = certified === null ? '' : words.certified.replace('{0}', percent(certified.value));
      return cell(threat?.robustAccuracy ?? null, words, proved);
    }),
    `<td>${tradeOff(report, reference, words)}</td>`,
    `<td>${report.summary.robustnessScore === null ? '–' : report.summary.robustnessScore.toFixed(2)}</td>`,
    `<td>${report.data.count}</td>`,
    `<td>${report.pitfalls.filter((pitfall) => pitfall.severity !== 'info').length}</td>`,
  ];
  return `<tr>${cells.join('')}</tr>`;
}

function cell(figure: Figure | null, words: CompareWords, below = ''): string {
  if (figure === null) return `<td>${muted(words.notEvaluated)}</td>`;
  // A meter is drawn by the browser; it needs no script and no inline style, which the policy would refuse.
  const meter = `<meter min="0" max="1" value="${figure.value}" aria-hidden="true"></meter>`;
  const interval = `${(100 * figure.low).toFixed(1)}–${(100 * figure.high).toFixed(1)}`;
  return `<td><span class="figure">${percent(figure.value)}</span>${meter}${muted(interval)}${muted(below)}</td>`;
}

/** What a model loses without an attack, and what it gains under each that both were put to. */
function tradeOff(report: Report, reference: Report | undefined, words: CompareWords): string {
  if (reference === undefined || reference === report) return muted(words.reference);
  const lines: string[] = [];
  if (report.clean !== null && reference.clean !== null) {
    lines.push(`${points(report.clean.accuracy.value - reference.clean.accuracy.value)} ${escapeHtml(words.clean)}`);
  }
  for (const threat of report.threatModels) {
    const label = shortThreat(threat);
    const other = reference.threatModels.find((each) => shortThreat(each) === label);
    if (threat.robustAccuracy === null || other?.robustAccuracy == null) continue;
    lines.push(`${points(threat.robustAccuracy.value - other.robustAccuracy.value)} ${escapeHtml(label)}`);
  }
  return lines.map((line) => `<span class="line">${line}</span>`).join('');
}

/** Percentage points with their sign. */
function points(difference: number): string {
  const size = (100 * Math.abs(difference)).toFixed(1);
  return `${size === '0.0' ? '±' : difference < 0 ? '−' : '+'}${size}`;
}

function muted(text: string): string {
  return text === '' ? '' : `<span class="muted">${escapeHtml(text)}</span>`;
}

const style = `
body { padding: 16px 24px; max-width: 1200px; color: var(--vscode-foreground); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); }
h1 { font-size: 1.5em; font-weight: 600; margin: 0 0 16px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 10px 16px 10px 0; border-bottom: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder)); font-weight: normal; }
thead th::first-letter { text-transform: uppercase; }
thead th { color: var(--vscode-descriptionForeground); font-size: 0.92em; vertical-align: bottom; }
tbody th { font-weight: 600; }
.figure { font-size: 1.25em; font-weight: 600; font-variant-numeric: tabular-nums; }
meter { display: block; width: 100%; min-width: 90px; height: 8px; margin: 4px 0; }
.muted { display: block; color: var(--vscode-descriptionForeground); font-size: 0.92em; font-weight: normal; }
.line { display: block; white-space: nowrap; font-variant-numeric: tabular-nums; }
.note { border-left: 3px solid var(--vscode-editorWarning-foreground); padding: 6px 12px; margin: 8px 0; }
a { color: var(--vscode-textLink-foreground); }
`;
