import { describe, expect, it } from 'vitest';
import { type ComparedModel, type CompareWords, compareHtml } from '../../../src/vscode/compare/html';
import { collapsedReport, reportBase } from '../../fixtures/reportBase';

const words = new Proxy({}, { get: (_, key) => `[${String(key)}]` }) as CompareWords;
const model = (report: ComparedModel['report'], stale = false): ComparedModel => ({
  path: `/ws/.robustness/${report.model.path}.json`,
  report,
  stale,
});
const rowsOf = (html: string) => html.slice(html.indexOf('<tbody>')).match(/<tr>.*?<\/tr>/gs) ?? [];

describe('compareHtml', () => {
  it('has a row a model with its figures, and a column a threat model', () => {
    const models = [model(collapsedReport()), model(reportBase())];
    const html = compareHtml(models, 'n0nce', words);
    const rows = rowsOf(html);
    expect(rows).toHaveLength(2);
    const [first] = models;
    expect(rows[0]).toContain(`${(100 * (first?.report.clean?.accuracy.value ?? 0)).toFixed(1)} %`);
    for (const { report } of models) {
      for (const threat of report.threatModels) expect(html).toContain(`≤ ${threat.epsilonText}`);
    }
  });

  it('says that a model was not put to a threat model, and never leaves the cell empty', () => {
    const rows = rowsOf(compareHtml([model(collapsedReport()), model(reportBase())], 'n0nce', words));
    expect(rows.join('')).toContain('[notEvaluated]');
    expect(rows.join('')).not.toContain('<td></td>');
  });

  it('marks a stale report', () => {
    expect(compareHtml([model(reportBase(), true), model(reportBase())], 'n0nce', words)).toContain('[stale]');
  });

  it('escapes what a report says, and allows no script', () => {
    const hostile = reportBase((report) => {
      report.model.path = 'models/<img src=x onerror=alert(1)>.onnx';
    });
    const html = compareHtml([model(hostile), model(reportBase())], 'n0nce', words);
    expect(html).not.toContain('<img');
    expect(html).toContain("default-src 'none'");
    expect(html).not.toContain('<script');
  });
});
