import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Notifier } from '../notify';
import { Owner } from '../owner';
import type { ReadableReport, ReportStore } from '../report/store';
import { percentDone } from './present';
import type { Run, RunStore } from './store';

/** A live run of this window, or a report that another left. */
export type RunNode =
  | { readonly kind: 'live'; readonly run: Run }
  | { readonly kind: 'past'; readonly report: ReadableReport };

/** The Runs view: what is running, with its progress, then what ran, newest first. */
export class RunsView extends Owner implements vscode.TreeDataProvider<RunNode> {
  readonly #reports: ReportStore;
  readonly #runs: RunStore;
  readonly #notify: Notifier;
  readonly #changed = this.own(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.#changed.event;
  #timer: NodeJS.Timeout | undefined;

  constructor(reports: ReportStore, runs: RunStore, notify: Notifier) {
    super();
    this.#reports = reports;
    this.#runs = runs;
    this.#notify = notify;
    this.own(vscode.window.createTreeView('robustness.runs', { treeDataProvider: this }));
    this.own(reports.onDidChange(() => this.refresh()));
    this.own(runs.onDidChange(() => this.#soon()));
    this.own({ dispose: () => clearTimeout(this.#timer) });
  }

  refresh(): void {
    this.#changed.fire();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.refresh();
    }, 500);
  }

  async getChildren(node?: RunNode): Promise<RunNode[]> {
    if (node !== undefined) return [];
    const live: RunNode[] = this.#runs.live.map((run) => ({ kind: 'live', run }));
    try {
      const writing = new Set(this.#runs.live.map((run) => run.reportPath));
      const past = (await this.#reports.list()).flatMap((report): RunNode[] => {
        if ('error' in report || writing.has(report.path)) return [];
        return [{ kind: 'past', report }];
      });
      return [...live, ...past];
    } catch (error) {
      this.#notify.log(error);
      return live;
    }
  }

  getTreeItem(node: RunNode): vscode.TreeItem {
    return node.kind === 'live' ? liveItem(node) : pastItem(node);
  }
}

function liveItem(node: RunNode & { kind: 'live' }): vscode.TreeItem {
  const { run } = node;
  const item = new vscode.TreeItem(basename(run.modelPath));
  const text = progressText(run);
  item.description = text;
  item.iconPath = new vscode.ThemeIcon('loading~spin');
  item.contextValue = 'run.live';
  item.tooltip = `${run.modelPath}\n${text}`;
  item.command = openReport(node);
  return item;
}

/** `43 % · 1 min left · PGD against linf-0.2` */
export function progressText(run: Pick<Run, 'progress'>): string {
  const { progress } = run;
  if (progress === null) return vscode.l10n.t('starting…');
  const parts: string[] = [];
  const done = percentDone(run);
  if (done !== null) parts.push(`${done} %`);
  if (progress.secondsLeft !== null) parts.push(timeLeft(progress.secondsLeft));
  parts.push(progress.stage);
  return parts.join(' · ');
}

function timeLeft(seconds: number): string {
  if (seconds < 60) return vscode.l10n.t('{0} s left', Math.max(1, Math.round(seconds)));
  return vscode.l10n.t('{0} min left', Math.round(seconds / 60));
}

const icons = { running: 'loading~spin', complete: 'check', interrupted: 'debug-pause', failed: 'error' } as const;

function pastItem(node: RunNode & { kind: 'past' }): vscode.TreeItem {
  const { report } = node;
  const { summary, state } = report;
  const item = new vscode.TreeItem(basename(summary.modelPath));
  const resumable = state === 'interrupted' && summary.run !== null;
  const when = new Date(summary.createdAt);
  const date = Number.isNaN(when.getTime()) ? summary.createdAt : when.toLocaleString(vscode.env.language);
  const words = {
    running: vscode.l10n.t('running in another process'),
    complete: vscode.l10n.t('complete'),
    interrupted: vscode.l10n.t('interrupted'),
    failed: vscode.l10n.t('failed'),
  };
  item.description = state === 'complete' ? date : `${words[state]} · ${date}`;
  item.iconPath = new vscode.ThemeIcon(icons[state]);
  item.contextValue = resumable ? 'run.interrupted' : `run.${state === 'interrupted' ? 'failed' : state}`;
  item.tooltip = vscode.l10n.t('{0}, {1}, {2} s\n{3}', words[state], date, summary.wallSeconds.toFixed(1), report.path);
  item.command = openReport(node);
  return item;
}

function openReport(node: RunNode): vscode.Command {
  return { command: 'robustness.openReport', title: vscode.l10n.t('Open Report'), arguments: [node] };
}
