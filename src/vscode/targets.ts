import { basename } from 'node:path';
import * as vscode from 'vscode';
import { RobustnessError } from '../engine/error';
import { percent } from '../engine/report/words';
import { findModels, shortPath } from './files/find';
import { isSpecFile } from './inspect/ensembleFrom';
import type { ModelNode } from './models/view';
import type { ReadableReport, ReportStore } from './report/store';
import type { RunNode } from './runs/view';

/** What a command may be called with: a resource of a menu, an item of a view, or nothing from the palette. */
export type Target = vscode.Uri | ModelNode | RunNode | undefined;

export function isModel(uri: vscode.Uri): boolean {
  return /\.(onnx|ort)$/i.test(uri.path) || isEnsemble(uri);
}

/** What stands for several models that were evaluated as one: no such file exists. */
export function isEnsemble(uri: vscode.Uri): boolean {
  return uri.path.endsWith('.ensemble');
}

export function isReport(uri: vscode.Uri): boolean {
  return uri.path.endsWith('.robustness.json');
}

/** The model that a command is about; asked for when the target does not say. Undefined when it was given up. */
export async function modelOf(target: Target, reports: ReportStore): Promise<vscode.Uri | undefined> {
  if (target instanceof vscode.Uri) return target;
  if (target?.kind === 'model') return target.uri;
  const active = activeResource();
  if (active !== undefined && (isModel(active) || isSpecFile(active.path))) return active;
  return pickModel(reports);
}

/** The report that a command is about; the newest one of a model. Undefined when it was given up. */
export async function reportOf(
  target: Target,
  reports: ReportStore,
  active: string | undefined,
): Promise<string | undefined> {
  if (target instanceof vscode.Uri) {
    if (!isModel(target)) return target.fsPath;
    return (await reports.byModel()).get(target.fsPath)?.path ?? noReport(target.fsPath);
  }
  if (target?.kind === 'model') return target.report?.path ?? noReport(target.uri.fsPath);
  if (target?.kind === 'past') return target.report.path;
  if (target?.kind === 'live' && target.run.reportPath !== null) return target.run.reportPath;
  return active ?? (await pickReport(await readable(reports)))?.path;
}

/** The resource of the active tab, whatever kind of editor shows it. */
function activeResource(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const shown = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom;
  return shown ? input.uri : undefined;
}

async function pickModel(reports: ReportStore): Promise<vscode.Uri | undefined> {
  const models = await findModels();
  if (models.length === 0) {
    throw new RobustnessError(
      'usage/no-model',
      vscode.l10n.t('There is no ONNX model in this workspace.'),
      vscode.l10n.t('Export your model to ONNX (".onnx") and put it into the workspace.'),
    );
  }
  const byModel = await reports.byModel();
  const items = models.map((uri) => ({
    label: basename(uri.fsPath),
    description: shortPath(uri.fsPath),
    detail: describe(byModel.get(uri.fsPath)),
    uri,
  }));
  const title = vscode.l10n.t('Model to evaluate');
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.uri;
}

async function readable(reports: ReportStore): Promise<ReadableReport[]> {
  return (await reports.list()).filter((entry): entry is ReadableReport => !('error' in entry));
}

/** Asks for one of `entries`; undefined when it was given up. */
export async function pickReport(entries: readonly ReadableReport[]): Promise<ReadableReport | undefined> {
  if (entries.length === 0) {
    throw new RobustnessError(
      'usage/no-report',
      vscode.l10n.t('There is no report in this workspace.'),
      vscode.l10n.t('Evaluate a model first ("Robustness: Inspect Robustness").'),
    );
  }
  const items = entries.map((entry) => ({
    label: basename(entry.path),
    description: shortPath(entry.path),
    detail: describe(entry),
    entry,
  }));
  const title = vscode.l10n.t('Report');
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true }))?.entry;
}

function describe(entry: ReadableReport | undefined): string {
  if (entry === undefined) return vscode.l10n.t('not evaluated');
  const { clean, threatModels } = entry.summary;
  const figures = [
    ...(clean === null ? [] : [vscode.l10n.t('clean {0}', percent(clean.value))]),
    ...threatModels.flatMap((threat) =>
      threat.robust === null ? [] : [vscode.l10n.t('robust ≤ {0} ({1})', percent(threat.robust.value), threat.label)],
    ),
  ];
  return figures.join(' · ');
}

function noReport(model: string): never {
  throw new RobustnessError(
    'usage/no-report',
    vscode.l10n.t('{0} has no report.', basename(model)),
    vscode.l10n.t('Evaluate it first ("Inspect Robustness" in its context menu).'),
  );
}
