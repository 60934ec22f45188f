import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { definitions } from '../../engine/metric/definitions';
import { outputDefinitions } from '../../engine/metric/outputDefinitions';
import { pitfallRules } from '../../engine/pitfall/registry';
import { recommend } from '../../engine/recommend/registry';
import { Owner } from '../owner';
import { present } from '../runs/present';
import type { ReportEditorDeps } from './editor';
import { reportHtml } from './html';
import { parseMessage } from './message';
import type { ToWebview } from './protocol';

/** A running evaluation may speak many times a second; the page is told at most this often. */
const interval = 400;

/** One open editor on one report: sends what is true now, and does what its buttons ask. */
export class ReportPanel extends Owner {
  readonly path: string;
  readonly #panel: vscode.WebviewPanel;
  readonly #deps: ReportEditorDeps;
  #ready = false;
  #timer: NodeJS.Timeout | undefined;
  #posting = false;
  #changed = false;

  constructor(path: string, panel: vscode.WebviewPanel, deps: ReportEditorDeps) {
    super();
    this.path = path;
    this.#panel = panel;
    this.#deps = deps;
    const dist = vscode.Uri.joinPath(deps.extensionUri, 'dist', 'webview');
    panel.webview.options = { enableScripts: true, localResourceRoots: [dist] };
    this.own(panel.webview.onDidReceiveMessage(deps.notify.guard((message: unknown) => this.#receive(message))));
    this.own(deps.reports.onDidChange(() => this.#update()));
    this.own(deps.runs.onDidChange((run) => run.reportPath === path && this.#update()));
    this.own({ dispose: () => clearTimeout(this.#timer) });
    panel.webview.html = reportHtml({
      cspSource: panel.webview.cspSource,
      scriptUri: panel.webview.asWebviewUri(vscode.Uri.joinPath(dist, 'report.js')).toString(),
      styleUri: panel.webview.asWebviewUri(vscode.Uri.joinPath(dist, 'report.css')).toString(),
      nonce: randomBytes(16).toString('base64'),
      definitions: { ...definitions, ...outputDefinitions },
      pitfallRules: pitfallRules.length,
    });
  }

  get active(): boolean {
    return this.#panel.active;
  }

  get visible(): boolean {
    return this.#panel.visible;
  }

  #update(): void {
    if (!this.#ready) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#post();
    }, interval);
  }

  /** One at a time: what changes meanwhile is told right after, so that a slow disk delays messages and never starves them. */
  async #post(): Promise<void> {
    this.#changed = true;
    if (this.#posting) return;
    this.#posting = true;
    try {
      while (this.#changed) {
        this.#changed = false;
        const message = await this.#messageOrError();
        if (message !== null) await this.#panel.webview.postMessage(message);
      }
    } finally {
      this.#posting = false;
    }
  }

  async #messageOrError(): Promise<ToWebview | null> {
    try {
      return await this.#message();
    } catch (error) {
      // A throw here must reach the page: it would wait for ever otherwise.
      return { type: 'error', error: this.#deps.notify.log(error) };
    }
  }

  /** Null while there is nothing to show yet: the run has started and has not written. */
  async #message(): Promise<ToWebview | null> {
    const { reports, runs } = this.#deps;
    const run = runs.byReport(this.path);
    if (run?.state === 'running') {
      if (run.report === null) return null;
      const secondsLeft = run.progress?.secondsLeft ?? null;
      const report = present(run.report, run);
      return { type: 'report', report, stale: false, secondsLeft, recommendations: [] };
    }
    if (run?.state === 'failed' && run.report === null && run.error !== null)
      return { type: 'error', error: run.error };
    const stored = await reports.read(this.path);
    const elsewhere = stored.status.state === 'running' && (await reports.runsElsewhere(stored.run, this.path));
    const report = elsewhere ? stored : present(stored, run);
    return {
      type: 'report',
      report,
      stale: await reports.isStale(report, this.path),
      secondsLeft: null,
      recommendations: recommend(report),
    };
  }

  #receive(received: unknown): Promise<void> | void {
    const message = parseMessage(received);
    const { actions, runs, notify } = this.#deps;
    if (message === null) {
      notify.info('The report page sent what is no message of its own; it was refused.');
      return;
    }
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        return this.#post();
      case 'openFile':
        return actions.openFile(message.path, this.path);
      case 'openRule':
        return actions.openRule(message.rule);
      case 'cancel': {
        const run = runs.byReport(this.path);
        return run === undefined ? undefined : runs.cancel(run);
      }
      case 'resume':
        return actions.resume(this.path);
      case 'rerun':
        return actions.rerun(this.path, message.preset);
      case 'mitigate':
        return actions.mitigate(this.path, message);
      case 'openAsText':
        return actions.openAsText(this.path);
      case 'export':
        return actions.exportAs(this.path, message.format);
      case 'exportExamples':
        return actions.exportExamples(this.path);
    }
  }
}
