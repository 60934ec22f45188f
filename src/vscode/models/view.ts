import { basename } from 'node:path';
import * as vscode from 'vscode';
import { percent } from '../../engine/report/words';
import { findModels, shortPath } from '../files/find';
import type { Notifier } from '../notify';
import { Owner } from '../owner';
import type { ReadableReport, ReportStore } from '../report/store';
import { percentDone } from '../runs/present';
import type { RunStore } from '../runs/store';

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
/** With more evaluated models than this, their figures are folded away. */
const mostUnfolded = 4;

/** A model of the workspace with its newest report, or one threat model of that report. */
export type ModelNode =
  | { readonly kind: 'model'; readonly uri: vscode.Uri; readonly report: ReadableReport | null }
  | {
      readonly kind: 'figure';
      readonly label: string;
      readonly value: string;
      readonly tooltip: string;
      readonly icon: string;
    };

/** The Models view: each `.onnx` file with its last clean and robust figures. */
export class ModelsView extends Owner implements vscode.TreeDataProvider<ModelNode> {
  readonly #reports: ReportStore;
  readonly #runs: RunStore;
  readonly #notify: Notifier;
  readonly #changed = this.own(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  #live = '';
  #unfolding = Expanded;

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
      // Ensembles are no files of the workspace: their reports know them.
      const ensembles = [...byModel].filter(([, { summary }]) => summary.members !== null);
      models.push(...ensembles.map(([path]) => vscode.Uri.file(path)));
      const evaluated = models.filter((uri) => byModel.has(uri.fsPath)).length;
      this.#unfolding = evaluated > mostUnfolded ? Collapsed : Expanded;
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
      item.iconPath = new vscode.ThemeIcon(node.icon);
      return item;
    }
    const { uri, report } = node;
    const item = new vscode.TreeItem(uri);
    item.label = basename(uri.fsPath);
    item.collapsibleState = report === null ? None : this.#unfolding;
    item.contextValue = report === null ? 'model' : 'model.report';
    const run = this.#runs.byModel(uri.fsPath);
    const { short, text, icon } = run === undefined ? status(report) : running(percentDone(run));
    item.description = short;
    item.iconPath = new vscode.ThemeIcon(icon);
    item.tooltip = `${shortPath(uri.fsPath)}\n${text}`;
    item.accessibilityInformation = { label: `${basename(uri.fsPath)}, ${text}` };
    if (report !== null) {
      item.command = { command: 'robustness.openReport', title: vscode.l10n.t('Open Report'), arguments: [node] };
    }
    return item;
  }
}

function running(done: number | null): Status {
  const text = done === null ? vscode.l10n.t('evaluating…') : vscode.l10n.t('evaluating, {0} %', done);
  return { short: text, text, icon: 'loading~spin' };
}

interface Status {
  /** For the narrow column beside the name. */
  readonly short: string;
  /** In full words, for the tooltip and screen readers. */
  readonly text: string;
  readonly icon: string;
}

/** What is known of a model. Icons only, no colours: themes decide those. */
function status(report: ReadableReport | null): Status {
  if (report === null) {
    const text = vscode.l10n.t('not evaluated');
    return { short: text, text, icon: 'circle-outline' };
  }
  const { summary } = report;
  const { clean } = summary;
  const [threat] = summary.threatModels;
  const robust = threat?.robust ?? null;
  const short: string[] = [];
  const text: string[] = [];
  if (report.stale) short.push(vscode.l10n.t('stale'));
  else if (report.state !== 'complete') short.push(stateWord(report.state));
  text.push(...short);
  if (clean !== null) text.push(vscode.l10n.t('clean accuracy {0}', percent(clean.value)));
  if (threat !== undefined && robust !== null) {
    text.push(vscode.l10n.t('robust accuracy at most {0} ({1})', percent(robust.value), threat.label));
  }
  // No figure of robustness without its threat model, not even a short one.
  if (!report.stale && clean !== null && threat !== undefined && robust !== null) {
    short.push(`${(100 * clean.value).toFixed(1)} → ${percent(robust.value)} (${threat.label})`);
  } else if (!report.stale && clean !== null) short.push(percent(clean.value));
  const icon = report.stale ? 'history' : report.state === 'complete' ? 'shield' : 'circle-slash';
  return { short: short.join(' · '), text: text.join(', '), icon };
}

function stateWord(state: 'running' | 'interrupted' | 'failed'): string {
  switch (state) {
    case 'running':
      return vscode.l10n.t('running');
    case 'interrupted':
      return vscode.l10n.t('interrupted');
    case 'failed':
      return vscode.l10n.t('failed');
  }
}

function figures({ summary, stale }: ReadableReport): ModelNode[] {
  const examples = vscode.l10n.t('{0} examples', summary.examples);
  const nodes: ModelNode[] = [];
  if (summary.clean !== null) {
    const tooltip = vscode.l10n.t('Accuracy without an attack, over {0}.', examples);
    nodes.push({
      kind: 'figure',
      label: vscode.l10n.t('Clean'),
      value: percent(summary.clean.value),
      tooltip,
      icon: 'pass',
    });
  }
  for (const threat of summary.threatModels) {
    if (threat.robust === null) continue;
    // Certified accuracy ≤ true robust accuracy ≤ accuracy under attack: both ends where both are known.
    const value =
      threat.certified === null
        ? vscode.l10n.t('at most {0}', percent(threat.robust.value))
        : vscode.l10n.t('{0} to {1}', percent(threat.certified.value), percent(threat.robust.value));
    nodes.push({ kind: 'figure', label: threat.label, value, tooltip: threat.description, icon: 'target' });
  }
  const { error, warning } = summary.pitfalls;
  if (error + warning > 0) {
    const value = [
      error === 1 ? vscode.l10n.t('1 error') : error > 1 ? vscode.l10n.t('{0} errors', error) : '',
      warning === 1 ? vscode.l10n.t('1 warning') : warning > 1 ? vscode.l10n.t('{0} warnings', warning) : '',
    ].filter((part) => part !== '');
    const tooltip = vscode.l10n.t('Faults of the evaluation that a machine can check; the report names them.');
    nodes.push({ kind: 'figure', label: vscode.l10n.t('Pitfalls'), value: value.join(', '), tooltip, icon: 'warning' });
  }
  if (stale) {
    const tooltip = vscode.l10n.t('The bytes of the model file are not those that were evaluated.');
    nodes.push({
      kind: 'figure',
      label: vscode.l10n.t('Stale'),
      value: vscode.l10n.t('the model changed'),
      tooltip,
      icon: 'history',
    });
  }
  return nodes;
}
