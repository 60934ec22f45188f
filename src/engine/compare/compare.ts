import { compareReports } from '../report/compare';
import type { Report } from '../report/schema';
import { isComplete } from '../report/words';
import { apartBecause } from './alike';
import { choose } from './choice';
import { sharedCorruption } from './corruption';
import { distinctNames } from './names';
import { churns, pairedTests } from './pairs';
import { tradeOffs } from './tradeOff';
import type { ComparedModel, ModelComparison } from './types';

/** A report and where it lies, if it lies anywhere. */
export interface Compared {
  readonly report: Report;
  readonly path?: string;
}

/**
 * Any number of reports of classifiers side by side: trade-offs, tests on the same examples, and which model for which use.
 * Only like is compared with like; what is not says why.
 */
export function compareModels(compared: readonly Compared[]): ModelComparison {
  const reports = compared.map(({ report }) => report);
  const names = distinctNames(reports.map(({ model }) => model.path));
  const apart = apartBecause(reports);
  const offs = tradeOffs(reports, names, apart);
  const candidates = reports.flatMap((report, i) => (apart[i] === null && isComplete(report) ? [i] : []));
  const { rows, notes } = compareReports(reports);
  const tests = pairedTests(reports, apart, offs);
  // Outside, a threat model goes by its label, which is as distinct and can be read.
  const labels = new Map(offs.map(({ key, label }) => [key, label]));
  const labelled = <T extends { readonly threat: string | null }>(test: T): T => ({
    ...test,
    threat: test.threat === null ? null : (labels.get(test.threat) ?? null),
  });
  return {
    rows,
    notes: [...notes, ...contextNotes(reports)],
    models: modelsOf(compared, names, apart),
    tradeOffs: offs.map((off) => ({ ...off, key: off.label })),
    paired: tests.paired.map(labelled),
    leftOut: tests.leftOut.map(labelled),
    churn: churns(reports, apart),
    choice: choose(reports, names, candidates, offs),
  };
}

function modelsOf(
  compared: readonly Compared[],
  names: readonly string[],
  apart: readonly (string | null)[],
): ComparedModel[] {
  const like = compared.flatMap(({ report }, i) => (apart[i] === null ? [report] : []));
  const corruption = sharedCorruption(like);
  return compared.map(({ report, path }, i) => {
    const counted = (severity: 'error' | 'warning' | 'info') =>
      report.pitfalls.filter((pitfall) => pitfall.severity === severity).length;
    return {
      name: names[i]!,
      modelPath: report.model.path,
      path: path ?? null,
      examples: report.data.count,
      clean: report.clean?.accuracy ?? null,
      ece: report.clean?.ece ?? null,
      corruption: corruption?.figures[like.indexOf(report)] ?? null,
      robustnessScore: report.summary.robustnessScore,
      complete: isComplete(report),
      apart: apart[i]!,
      pitfalls: { error: counted('error'), warning: counted('warning'), info: counted('info') },
    };
  });
}

function contextNotes(reports: readonly Report[]): string[] {
  const contexts = [...new Set(reports.map(({ spec }) => spec.context).filter((context) => context !== undefined))];
  return contexts.length > 1
    ? [`The specs name different contexts (${contexts.join(', ')}); the choice starts from a general one.`]
    : [];
}
