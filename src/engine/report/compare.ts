import type { ComparedRow } from '../compare/types';
import { shortThreat } from './describe';
import type { Report } from './schema';
import type { Table } from './section';
import { modelName } from './sections';
import { isComplete, orDash, robustText } from './words';

export interface Comparison {
  readonly rows: readonly ComparedRow[];
  /** Why the rows are not fully comparable, in words. */
  readonly notes: readonly string[];
}

/** Sets reports side by side: clean against robust, one row a model and threat model. */
export function compareReports(reports: readonly Report[]): Comparison {
  return { rows: reports.flatMap(rowsOf), notes: notesOn(reports) };
}

function rowsOf(report: Report): ComparedRow[] {
  const common = {
    model: modelName(report),
    clean: report.clean?.accuracy ?? null,
    robustnessScore: report.summary.robustnessScore,
    complete: isComplete(report),
    pitfalls: report.pitfalls.map((pitfall) => pitfall.rule),
  };
  if (report.threatModels.length === 0) {
    const nothing = {
      norm: null,
      epsilon: null,
      robust: null,
      certified: null,
      attackSuccessRate: null,
      degradation: null,
    };
    return [{ ...common, ...nothing, threatModel: null }];
  }
  return report.threatModels.map((threat) => ({
    ...common,
    threatModel: threat.name,
    norm: threat.norm,
    epsilon: threat.epsilon,
    robust: threat.robustAccuracy,
    certified: threat.certifiedAccuracy,
    attackSuccessRate: threat.attackSuccessRate,
    degradation: threat.degradation,
  }));
}

function notesOn(reports: readonly Report[]): string[] {
  const notes: string[] = [];
  const distinct = (of: (report: Report) => string) => new Set(reports.map(of)).size > 1;
  if (distinct((report) => `${report.data.sha256} ${report.data.count}`)) {
    notes.push(
      'The reports rest on different data or numbers of examples, so their figures are not directly comparable.',
    );
  }
  const suites = (report: Report) =>
    JSON.stringify(report.threatModels.map((t) => [shortThreat(t), t.epsilon, t.suite]).sort());
  if (distinct(suites)) notes.push('The reports rest on different threat models or suites of attacks.');
  for (const report of reports) {
    if (!isComplete(report))
      notes.push(`${modelName(report)}: the evaluation is ${report.status.state}; figures are upper bounds so far.`);
  }
  return notes;
}

/** The comparison as a table of text, for terminals, Markdown and HTML alike. */
export function comparisonTable(reports: readonly Report[]): Table {
  return {
    columns: ['Model', 'Threat model', 'Clean accuracy', 'Robust accuracy', 'Certified', 'Degradation', 'Pitfalls'],
    rows: reports.flatMap((report) => {
      const counts = pitfallCounts(report);
      const threats = report.threatModels.map((threat) => [
        modelName(report),
        `${threat.name} (${shortThreat(threat)})`,
        orDash(report.clean?.accuracy),
        robustText(threat, isComplete(report)),
        orDash(threat.certifiedAccuracy),
        threat.degradation ?? '–',
        counts,
      ]);
      return threats.length > 0
        ? threats
        : [[modelName(report), '–', orDash(report.clean?.accuracy), '–', '–', '–', counts]];
    }),
  };
}

function pitfallCounts({ pitfalls }: Report): string {
  const parts = (['error', 'warning', 'info'] as const).map((severity) => {
    const n = pitfalls.filter((pitfall) => pitfall.severity === severity).length;
    return n === 0 ? null : `${n} ${severity}${n > 1 && severity !== 'info' ? 's' : ''}`;
  });
  return parts.filter((part) => part !== null).join(', ') || 'none';
}
