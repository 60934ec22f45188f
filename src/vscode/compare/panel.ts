import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { ContextName } from '../../engine/compare/context';
import type { ModelComparison } from '../../engine/compare/types';
import { RobustnessError } from '../../engine/error';
import type { Report } from '../../engine/report/schema';
import type { Notifier } from '../notify';
import { Owner } from '../owner';
import type { ReportStore } from '../report/store';
import { openReport } from '../runs/evaluator';
import { compareHtml } from './html';
import { parseCompareMessage } from './message';
import type { ToComparePage } from './protocol';

export interface ComparePanelDeps {
  readonly extensionUri: vscode.Uri;
  readonly reports: ReportStore;
  readonly notify: Notifier;
}

/** One comparison in an editor of its own. It follows the reports: what is evaluated again meanwhile is shown as it is now. */
export class ComparePanel extends Owner {
  readonly #panel: vscode.WebviewPanel;
  readonly #paths: readonly string[];
  readonly #deps: ComparePanelDeps;
  #ready = false;

  constructor(paths: readonly string[], deps: ComparePanelDeps) {
    super();
    this.#paths = paths;
    this.#deps = deps;
    const title = vscode.l10n.t('Compare Robustness');
    const dist = vscode.Uri.joinPath(deps.extensionUri, 'dist', 'webview');
    this.#panel = vscode.window.createWebviewPanel('robustness.compare', title, vscode.ViewColumn.Active, {
      enableScripts: true,
      enableFindWidget: true,
      localResourceRoots: [dist],
    });
    const { webview } = this.#panel;
    this.own(webview.onDidReceiveMessage(deps.notify.guard((message: unknown) => this.#receive(message))));
    this.own(deps.reports.onDidChange(() => void this.#post()));
    this.#panel.onDidDispose(() => this.dispose());
    webview.html = compareHtml({
      cspSource: webview.cspSource,
      scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'compare.js')).toString(),
      styleUri: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'compare.css')).toString(),
      nonce: randomBytes(16).toString('base64'),
      title,
    });
  }

  async #post(): Promise<void> {
    if (!this.#ready) return;
    const message = await this.#message().catch((error: unknown): ToComparePage => {
      // A throw here must reach the page: it would wait for ever otherwise.
      return { type: 'error', error: this.#deps.notify.log(error) };
    });
    await this.#panel.webview.postMessage(message);
  }

  async #message(): Promise<ToComparePage> {
    const reports = await this.#read();
    const stale = await Promise.all(reports.map(({ report, path }) => this.#deps.reports.isStale(report, path)));
    return { type: 'comparison', comparison: await comparisonOf(reports), stale };
  }

  #read(): Promise<{ path: string; report: Report }[]> {
    return Promise.all(this.#paths.map(async (path) => ({ path, report: await classifier(path, this.#deps.reports) })));
  }

  async #receive(received: unknown): Promise<void> {
    const message = parseCompareMessage(received);
    switch (message?.type) {
      case undefined:
        return this.#deps.notify.info('The comparison sent what is no message of its own; it was refused.');
      case 'ready':
        this.#ready = true;
        return this.#post();
      case 'openReport': {
        const path = this.#paths[message.model];
        return path === undefined ? undefined : openReport(path);
      }
      case 'export':
        return this.#export(message.context as ContextName);
    }
  }

  async #export(context: ContextName): Promise<void> {
    const [first] = this.#paths;
    const folder = dirname(first ?? '');
    const base = basename(folder) === '.robustness' ? dirname(folder) : folder;
    const target = await vscode.window.showSaveDialog({
      defaultUri: vscode.Uri.file(join(base, 'robustness-compared.html')),
      filters: { HTML: ['html'] },
    });
    if (target === undefined) return;
    const { renderComparisonHtml } = await import('../../engine/compare/html');
    const text = renderComparisonHtml(await comparisonOf(await this.#read()), context);
    await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
    const open = vscode.l10n.t('Open');
    const done = vscode.l10n.t('The comparison is in {0}.', vscode.workspace.asRelativePath(target));
    if ((await vscode.window.showInformationMessage(done, open)) === open)
      await vscode.commands.executeCommand('vscode.open', target);
  }
}

/** @throws RobustnessError `report/task` when the report is on a model that predicts numbers */
export async function classifier(path: string, reports: ReportStore): Promise<Report> {
  const report = await reports.read(path);
  if (report.task === 'classification') return report;
  throw new RobustnessError(
    'report/task',
    vscode.l10n.t('{0} is on a model that predicts numbers, which has no accuracy to compare.', basename(path)),
    vscode.l10n.t('Compare such reports on the command line: robustness compare REPORT…'),
  );
}

/** The engine's part is loaded when the first comparison is made, not at activation. */
async function comparisonOf(reports: readonly { path: string; report: Report }[]): Promise<ModelComparison> {
  const { compareModels } = await import('../../engine/compare/compare');
  return compareModels(reports);
}
