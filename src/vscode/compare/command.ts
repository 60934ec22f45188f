import { basename } from 'node:path';
import * as vscode from 'vscode';
import { RobustnessError } from '../../engine/error';
import { percent } from '../../engine/report/words';
import type { ReadableReport, ReportStore } from '../report/store';
import { isModel, isReport } from '../targets';
import { ComparePanel, type ComparePanelDeps, classifier } from './panel';

/**
 * Compares reports side by side. Models stand for their newest report; those without one are named, not left out
 * silently.
 */
export async function compare(selected: readonly vscode.Uri[], deps: ComparePanelDeps): Promise<void> {
  const { reports } = deps;
  const paths = selected.length > 1 ? await pathsOf(selected, reports) : await pickPaths(reports);
  if (paths === undefined) return;
  if (paths.length < 2) {
    throw new RobustnessError(
      'usage/nothing-to-compare',
      vscode.l10n.t('A comparison needs at least two evaluated models.'),
      vscode.l10n.t('Evaluate the models first ("Inspect Robustness"), or select their reports.'),
    );
  }
  // What cannot be compared is said here, where the command was given, and not on an empty page.
  await Promise.all(paths.map((path) => classifier(path, reports)));
  new ComparePanel(paths, deps);
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
    detail: figures(entry),
    path: entry.path,
    picked: true,
  }));
  if (items.length < 2) return [];
  const title = vscode.l10n.t('Reports to compare');
  const placeHolder = vscode.l10n.t('Choose two or more');
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder,
    canPickMany: true,
    matchOnDescription: true,
  });
  return picked?.map((item) => item.path);
}

function figures({ summary: { clean, threatModels } }: ReadableReport): string {
  return [
    ...(clean === null ? [] : [vscode.l10n.t('clean {0}', percent(clean.value))]),
    ...threatModels.flatMap(({ robust, label }) =>
      robust === null ? [] : [vscode.l10n.t('robust ≤ {0} ({1})', percent(robust.value), label)],
    ),
  ].join(' · ');
}
