import * as vscode from 'vscode';
import type { SuiteName } from '../../engine/spec/schema';
import type { Notifier } from '../notify';
import { Owner } from '../owner';
import type { RunStore } from '../runs/store';
import { ReportPanel } from './panel';
import type { ReportStore } from './store';

export const reportViewType = 'robustness.report';

/** What the report's buttons and links do. */
export interface ReportActions {
  openFile(path: string, reportPath: string): Promise<void>;
  openRule(rule: string): Promise<void>;
  openAsText(reportPath: string): Promise<void>;
  resume(reportPath: string): Promise<void>;
  rerun(reportPath: string, preset: SuiteName): Promise<void>;
  /** Evaluates again with what a pitfall of the report asks for. */
  mitigate(reportPath: string, pitfall: { readonly rule: string; readonly message: string }): Promise<void>;
  exportAs(reportPath: string, format: 'md' | 'html' | 'csv'): Promise<void>;
  exportExamples(reportPath: string): Promise<void>;
}

export interface ReportEditorDeps {
  readonly extensionUri: vscode.Uri;
  readonly reports: ReportStore;
  readonly runs: RunStore;
  readonly notify: Notifier;
  readonly actions: ReportActions;
}

/**
 * The editor of `*.robustness.json`. Read-only, and not over a text document: a running evaluation rewrites a file of
 * up to a megabyte twice a second, and every text document is sent to every extension.
 */
export class ReportEditor extends Owner implements vscode.CustomReadonlyEditorProvider {
  readonly #deps: ReportEditorDeps;
  readonly #panels = new Set<ReportPanel>();

  constructor(deps: ReportEditorDeps) {
    super();
    this.#deps = deps;
    this.own(
      vscode.window.registerCustomEditorProvider(reportViewType, this, { supportsMultipleEditorsPerDocument: true }),
    );
  }

  /** Path of the report whose editor has the focus. */
  get active(): string | undefined {
    for (const panel of this.#panels) if (panel.active) return panel.path;
    return undefined;
  }

  /** Whether a person can see the report now. */
  shows(path: string): boolean {
    return [...this.#panels].some((panel) => panel.path === path && panel.visible);
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => {} };
  }

  resolveCustomEditor(document: vscode.CustomDocument, webview: vscode.WebviewPanel): void {
    const panel = new ReportPanel(document.uri.fsPath, webview, this.#deps);
    this.#panels.add(panel);
    webview.onDidDispose(() => {
      this.#panels.delete(panel);
      panel.dispose();
    });
  }
}
