import { basename } from 'node:path';
import * as vscode from 'vscode';
import { findModels, shortPath } from '../files/find';
import type { Notifier } from '../notify';
import { Owner } from '../owner';
import type { ReadableReport, ReportStore } from '../report/store';
import { percent } from '../report/summary';
import { percentDone } from '../runs/present';
import type { RunStore } from '../runs/store';

/** A model of the workspace with its newest report, or one threat model of that report. */
export type ModelNode =
  | { readonly kind: 'model'; readonly uri: vscode.Uri; readonly report: ReadableReport | null }
  | { readonly kind: 'figure'; readonly label: string; readonly value: string; readonly tooltip: string };

/** The Models view: each `.onnx` file with its last clean and robust figures. */
export class ModelsView extends Owner implements vscode.TreeDataProvider<ModelNode> {
  readonly #reports: ReportStore;
  readonly #runs: RunStore;
  readonly #notify: Notifier;
  readonly #changed = this.own(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  #live = '';

  constructor(reports: ReportStore, runs: RunStore, notify: Notifier) {
    super();
    this.#reports = reports;
    this.#runs = runs;
    this.#notify = notify;
    this.own(vscode.window.createTreeView('robustness.models', { treeDataProvider: this, canSelectMany: true }));
    this.own(reports.onDidChange(() => this.refresh()));
    // Progress alone concerns few pixels: the list is read again when what it says of a run changes.
    this.own(
      runs.onDidChange(() => {
        const live = runs.live.map((run) => `${run.modelPath} ${percentDone(run)}`).join('\n');
        if (live === this.#live) return;
        this.#live = live;
        this.refresh();
      }),
    );
  }

  refresh(): void {
    this.#changed.fire();
  }

  async getChildren(node?: ModelNode): Promise<ModelNode[]> {
    if (node !== undefined) return node.kind === 'model' && node.report !== null ? figures(node.report) : [];
    try {
      const [models, byModel] = await Promise.all([findModels(), this.#reports.byModel()]);
      return models.map((uri) => ({ kind: 'model', uri, report: byModel.get(uri.fsPath) ?? null }));
    } catch (error) {
      this.#notify.log(error);
      return [];
    }
  }

  getTreeItem(node: ModelNode): vscode.TreeItem {
    if (node.kind === 'figure') {
      const item = new vscode.TreeItem(node.label);
      item.description = node.value;
      item.tooltip = node.tooltip;
      return item;
    }
    const { uri, report } = node;
    const item = new vscode.TreeItem(uri);
    item.label = basename(uri.fsPath);
    item.collapsibleState =
      report === null ? vscode.TreeItemCollapsibleState.None : vscode.TreeItemCollapsibleState.Collapsed;
    item.contextValue = report === null ? 'model' : 'model.report';
    const run = this.#runs.byModel(uri.fsPath);
    const { text, icon } =
      run === undefined ? status(report) : { text: running(percentDone(run)), icon: 'loading~spin' };
    item.description = text;
    item.iconPath = new vscode.ThemeIcon(icon);
    item.tooltip = `${shortPath(uri.fsPath)}\n${text}`;
    item.accessibilityInformation = { label: `${basename(uri.fsPath)}, ${text}` };
    if (report !== null) {
      item.command = { command: 'robustness.openReport', title: vscode.l10n.t('Open Report'), arguments: [node] };
    }
    return item;
  }
}

function running(done: number | null): string {
  return done === null ? vscode.l10n.t('evaluating…') : vscode.l10n.t('evaluating, {0} %', done);
}

/** What is known of a model, in the words and the icon of the view. Icons only, no colours: themes decide those. */
function status(report: ReadableReport | null): { text: string; icon: string } {
  if (report === null) return { text: vscode.l10n.t('not evaluated'), icon: 'circle-outline' };
  const { summary } = report;
  const parts: string[] = [];
  if (summary.clean !== null) parts.push(vscode.l10n.t('clean {0}', percent(summary.clean.value)));
  const [threat] = summary.threatModels;
  if (threat !== undefined && threat.robust !== null) {
    parts.push(vscode.l10n.t('robust ≤ {0} ({1})', percent(threat.robust.value), threat.label));
  }
  if (report.stale) parts.unshift(vscode.l10n.t('stale'));
  else if (summary.state !== 'complete') parts.unshift(stateWord(summary.state));
  const icon = report.stale ? 'history' : summary.state === 'complete' ? 'shield' : 'circle-slash';
  return { text: parts.join(' · '), icon };
}

function stateWord(state: 'running' | 'interrupted' | 'failed'): string {
  return state === 'failed' ? vscode.l10n.t('failed') : vscode.l10n.t('interrupted');
}

function figures({ summary, stale }: ReadableReport): ModelNode[] {
  const examples = vscode.l10n.t('{0} examples', summary.examples);
  const nodes: ModelNode[] = [];
  if (summary.clean !== null) {
    const tooltip = vscode.l10n.t('Accuracy without an attack, over {0}.', examples);
    nodes.push({ kind: 'figure', label: vscode.l10n.t('Clean'), value: percent(summary.clean.value), tooltip });
  }
  for (const threat of summary.threatModels) {
    if (threat.robust === null) continue;
    const robust = vscode.l10n.t('at most {0}', percent(threat.robust.value));
    const value =
      threat.certified === null ? robust : vscode.l10n.t('{0}, certified {1}', robust, percent(threat.certified.value));
    nodes.push({ kind: 'figure', label: threat.label, value, tooltip: threat.description });
  }
  const { error, warning } = summary.pitfalls;
  if (error + warning > 0) {
    const value = vscode.l10n.t('{0} errors, {1} warnings', error, warning);
    const tooltip = vscode.l10n.t('Faults of the evaluation that a machine can check; the report names them.');
    nodes.push({ kind: 'figure', label: vscode.l10n.t('Pitfalls'), value, tooltip });
  }
  if (stale) {
    const tooltip = vscode.l10n.t('The bytes of the model file are not those that were evaluated.');
    nodes.push({ kind: 'figure', label: vscode.l10n.t('Stale'), value: vscode.l10n.t('the model changed'), tooltip });
  }
  return nodes;
}
