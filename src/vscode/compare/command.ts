import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { RobustnessError } from '../../engine/error';
import type { ReadableReport, ReportStore } from '../report/store';
import { isModel, isReport } from '../targets';
import type { ComparedModel } from './html';

/**
 * Compares reports side by side. Models stand for their newest report; those without one are named, not left out
 * silently.
 */
export async function compare(selected: readonly vscode.Uri[], reports: ReportStore): Promise<void> {
  const paths = selected.length > 1 ? await pathsOf(selected, reports) : await pickPaths(reports);
  if (paths === undefined) return;
  if (paths.length < 2) {
    throw new RobustnessError(
      'usage/nothing-to-compare',
      vscode.l10n.t('A comparison needs at least two evaluated models.'),
      vscode.l10n.t('Evaluate the models first ("Inspect Robustness"), or select their reports.'),
    );
  }
  const models = await Promise.all(paths.map((path) => compared(path, reports)));
  await show(models);
}

async function pathsOf(selected: readonly vscode.Uri[], reports: ReportStore): Promise<string[]> {
  const byModel = await reports.byModel();
  const paths = new Set<string>();
  const missing: string[] = [];
  for (const uri of selected) {
    if (isReport(uri)) paths.add(uri.fsPath);
    else if (isModel(uri)) {
      const report = byModel.get(uri.fsPath);
      if (report === undefined) missing.push(basename(uri.fsPath));
      else paths.add(report.path);
    }
  }
  if (missing.length > 0) {
    const text = vscode.l10n.t('Not evaluated yet, and not in the comparison: {0}.', missing.join(', '));
    void vscode.window.showWarningMessage(text);
  }
  return [...paths];
}

async function pickPaths(reports: ReportStore): Promise<string[] | undefined> {
  const entries = (await reports.list()).filter((entry): entry is ReadableReport => !('error' in entry));
  entries.sort((a, b) => a.summary.modelPath.localeCompare(b.summary.modelPath));
  const items = entries.map((entry) => ({
    label: basename(entry.summary.modelPath),
    description: vscode.workspace.asRelativePath(entry.path),
    path: entry.path,
    picked: true,
  }));
  if (items.length < 2) return [];
  const title = vscode.l10n.t('Reports to compare');
  const picked = await vscode.window.showQuickPick(items, { title, canPickMany: true });
  return picked?.map((item) => item.path);
}

async function compared(path: string, reports: ReportStore): Promise<ComparedModel> {
  const report = await reports.read(path);
  if (report.task !== 'classification') {
    throw new RobustnessError(
      'report/task',
      vscode.l10n.t('{0} is on a model that predicts numbers, which has no accuracy to compare.', basename(path)),
      vscode.l10n.t('Compare such reports on the command line: robustness compare REPORT…'),
    );
  }
  return { path, report, stale: await reports.isStale(report, path) };
}

async function show(models: ComparedModel[]): Promise<void> {
  const { compareHtml } = await import('./html');
  const title = vscode.l10n.t('Compare Robustness');
  const panel = vscode.window.createWebviewPanel('robustness.compare', title, vscode.ViewColumn.Active, {
    enableScripts: false,
    localResourceRoots: [],
    enableCommandUris: ['robustness.openReport'],
  });
  panel.webview.html = compareHtml(models, randomBytes(16).toString('base64'), {
    title,
    model: vscode.l10n.t('Model'),
    clean: vscode.l10n.t('clean accuracy'),
    robust: vscode.l10n.t('robust accuracy, at most'),
    certified: vscode.l10n.t('certified {0}'),
    tradeOff: vscode.l10n.t('trade-off, points'),
    score: vscode.l10n.t('robustness score'),
    examples: vscode.l10n.t('examples'),
    pitfalls: vscode.l10n.t('pitfalls'),
    stale: vscode.l10n.t('stale: the model changed'),
    incomplete: vscode.l10n.t('not complete'),
    notEvaluated: vscode.l10n.t('not evaluated'),
    reference: vscode.l10n.t('what the others are compared with'),
    explanation: vscode.l10n.t(
      'Figures with 95 % intervals. Robust accuracy counts over all examples and is an upper bound: a stronger attack may find less. The trade-off is the difference to the model of the highest clean accuracy.',
    ),
  });
}
