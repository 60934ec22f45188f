import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { RobustnessError } from '../../engine/error';
import type { ExportProgress, ExportResult, ExportSubject } from '../../engine/export/request';
import { type AnyReport, isRegression } from '../../engine/report/regression';
import type { Report } from '../../engine/report/schema';
import { percent } from '../../engine/report/words';
import { requireTrust } from '../notify';
import type { RunStore } from '../runs/store';
import { evaluationSettings } from '../settings';

interface Choice extends vscode.QuickPickItem {
  readonly subject: ExportSubject;
  /** Of the file that is proposed. */
  readonly name: string;
}

/** Asks what to export and where to, and makes it in the worker, with progress and cancel. */
export async function exportExamples(report: AnyReport, reportPath: string, runs: RunStore): Promise<void> {
  requireTrust();
  if (!isRegression(report) && report.data.kind === 'text') {
    throw new RobustnessError(
      'export/kind',
      vscode.l10n.t('The data are texts, which an array of numbers does not hold.'),
      vscode.l10n.t('Export examples of images, tables or time series.'),
    );
  }
  const subjects = isRegression(report) ? [] : choicesOf(report);
  if (subjects.length === 0) {
    throw new RobustnessError(
      'export/no-subject',
      vscode.l10n.t('The report has neither adversarial nor corrupted examples.'),
      vscode.l10n.t('Evaluate a classifier against a threat model or under corruptions, until it is complete.'),
    );
  }
  const choice = await vscode.window.showQuickPick(subjects, {
    title: vscode.l10n.t('Examples to Export for Training'),
    placeHolder: vscode.l10n.t('They are made again with the seed of the report, and checked on the model file'),
  });
  if (choice === undefined) return;
  const folder = dirname(reportPath);
  const base = basename(folder) === '.robustness' ? dirname(folder) : folder;
  const model = basename(report.model.path).replace(/\.[^.]+$/, '');
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(base, `${model}-${choice.name}.npz`)),
    filters: { NumPy: ['npz'] },
    title: vscode.l10n.t('Where the Examples Go'),
  });
  if (target === undefined) return;
  const result = await make(choice, reportPath, target.fsPath, runs);
  if (result !== null) await tell(result);
}

/** Null when it was cancelled. */
async function make(choice: Choice, reportPath: string, out: string, runs: RunStore): Promise<ExportResult | null> {
  const { threads, provider } = evaluationSettings(vscode.Uri.file(reportPath));
  const evaluation = { ...(threads ? { threads } : {}), ...(provider ? { provider } : {}) };
  const request = { reportPath, evaluation, subject: choice.subject, out };
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Exporting examples'), cancellable: true },
    async (progress, token) => {
      let before = 0;
      const say = ({ stage, done, total }: ExportProgress) => {
        const share = total > 0 ? Math.min(100, (100 * done) / total) : 0;
        progress.report({ message: stage, increment: Math.max(0, share - before) });
        before = Math.max(before, share);
      };
      try {
        return (await runs.job({ kind: 'export', request }, token, (message) => {
          if (message.type === 'progress') say(message.progress);
        })) as ExportResult;
      } catch (error) {
        const { removeLeftovers } = await import('../../engine/export/leftovers');
        await removeLeftovers(out);
        if (token.isCancellationRequested) return null;
        throw error;
      }
    },
  );
}

function choicesOf(report: Report): Choice[] {
  if (report.status.state !== 'complete') return [];
  const attacked = report.threatModels.flatMap(({ name, description }): Choice[] => {
    const broken = report.outcomes.brokenBy[name]?.filter((by) => by !== null && by !== 'clean').length ?? 0;
    if (broken === 0) return [];
    return [
      {
        label: vscode.l10n.t('Adversarial examples of {0}', name),
        description: vscode.l10n.t('{0} examples', broken),
        detail: description,
        subject: { kind: 'adversarial', threatModel: name },
        name: `adversarial-${name.replace(/[^\w.-]+/g, '-')}`,
      },
    ];
  });
  const { corruptions } = report;
  if (corruptions === null) return attacked;
  const { worst } = corruptions;
  // The one that costs most is the likeliest to be wanted.
  const groups = [...new Map(corruptions.byCorruption.map(({ name, title }) => [name, title]))].sort(
    ([a], [b]) => Number(b === worst?.name) - Number(a === worst?.name),
  );
  const rows = corruptions.byCorruption.length;
  const all: Choice = {
    label: vscode.l10n.t('All corruptions of the report'),
    description: vscode.l10n.t('{0} examples', rows * report.data.count),
    detail: vscode.l10n.t('Mean accuracy {0}', percent(corruptions.meanAccuracy.value)),
    subject: { kind: 'corrupted' },
    name: 'corrupted',
  };
  const severities = [...new Set(corruptions.byCorruption.map(({ severity }) => severity))];
  const single = groups.map(
    ([name, title]): Choice => ({
      label: title,
      description: vscode.l10n.t('{0} examples', severities.length * report.data.count),
      ...(worst?.name === name ? { detail: vscode.l10n.t('Costs most') } : {}),
      subject: { kind: 'corrupted', names: [name] },
      name: name.replaceAll('_', '-'),
    }),
  );
  return [...attacked, all, ...single];
}

async function tell({ out, examples, errorRate, report, notes }: ExportResult): Promise<void> {
  const wrong =
    errorRate === null ? '' : ` ${vscode.l10n.t('The model is wrong about {0} of them.', percent(errorRate))}`;
  const text = `${vscode.l10n.t('{0} examples are in {1}.', examples, vscode.workspace.asRelativePath(out))}${wrong}`;
  const reveal = vscode.l10n.t('Reveal');
  const more = notes.length > 0 ? ` ${notes.join(' ')}` : '';
  const choice =
    report === null || report.agrees
      ? await vscode.window.showInformationMessage(`${text}${more}`, reveal)
      : await vscode.window.showWarningMessage(`${text}${more}`, reveal);
  if (choice === reveal) await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(out));
}
