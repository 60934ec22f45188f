import * as vscode from 'vscode';
import { RobustnessError } from '../../engine/error';
import { openRule } from '../rules';
import type { Evaluator } from '../runs/evaluator';
import type { RunStore } from '../runs/store';
import type { ReportActions } from './editor';
import { exportReport } from './export';
import { exportExamples } from './exportExamples';
import type { ReportStore } from './store';

/** What the buttons and links of the report do. */
export function reportActions(deps: {
  readonly extensionUri: vscode.Uri;
  readonly reports: ReportStore;
  readonly evaluator: Evaluator;
  readonly runs: RunStore;
}): ReportActions {
  const { extensionUri, reports, evaluator, runs } = deps;
  return {
    openAsText,
    openRule: (rule) => openRule(extensionUri, rule),
    resume: (reportPath) => evaluator.resume(reportPath),
    rerun: (reportPath, preset) => evaluator.rerun(reportPath, preset),
    mitigate: (reportPath, pitfall) => evaluator.mitigate(reportPath, pitfall),
    exportAs: async (reportPath, format) => exportReport(await reports.read(reportPath), reportPath, format),
    exportExamples: async (reportPath) => exportExamples(await reports.read(reportPath), reportPath, runs),
    openFile: async (stored, reportPath) => {
      // The page shows a report, and a report is untrusted: it opens the files that it was made from and no others.
      const report = await reports.read(reportPath);
      const members = report.model.ensemble?.members.map(({ path }) => path) ?? [];
      const known = [report.model.path, ...members, report.data.path, report.specPath];
      const path = known.includes(stored) ? await reports.resolve(stored, reportPath) : null;
      if (path === null) {
        throw new RobustnessError(
          'report/no-such-file',
          vscode.l10n.t('{0} is not where the report says.', stored),
          vscode.l10n.t('Put it back, or evaluate again.'),
        );
      }
      const uri = vscode.Uri.file(path);
      // Text opens; a model or data set would show as bytes, so it is pointed at.
      const text = /\.(ya?ml|json|csv|md|txt)$/i.test(path);
      await vscode.commands.executeCommand(text ? 'vscode.open' : 'revealInExplorer', uri);
    },
  };
}

/** Shows the JSON of a report: all that can be done with a file that is no valid one. */
export async function openAsText(reportPath: string): Promise<void> {
  await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(reportPath), 'default');
}
