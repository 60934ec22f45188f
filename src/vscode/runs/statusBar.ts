import { basename } from 'node:path';
import * as vscode from 'vscode';
import { Owner } from '../owner';
import { percentDone } from './present';
import type { RunStore } from './store';
import { progressText } from './view';

/** One item in the status bar while something runs; a click opens the report, the tooltip can cancel. */
export class RunStatus extends Owner {
  readonly #runs: RunStore;
  readonly #item: vscode.StatusBarItem;

  constructor(runs: RunStore) {
    super();
    this.#runs = runs;
    this.#item = this.own(vscode.window.createStatusBarItem('robustness.run', vscode.StatusBarAlignment.Left));
    this.#item.name = vscode.l10n.t('Robustness Evaluation');
    this.own(runs.onDidChange(() => this.#update()));
  }

  #update(): void {
    const { live } = this.#runs;
    void vscode.commands.executeCommand('setContext', 'robustness.running', live.length > 0);
    const [first] = live;
    if (first === undefined) {
      this.#item.hide();
      return;
    }
    const name = basename(first.modelPath);
    const done = percentDone(first);
    const rest = live.length > 1 ? ` +${live.length - 1}` : '';
    this.#item.text = `$(loading~spin) ${name}${done === null ? '' : ` ${done} %`}${rest}`;
    const tooltip = new vscode.MarkdownString(undefined, true);
    tooltip.isTrusted = { enabledCommands: ['robustness.cancel'] };
    for (const run of live) tooltip.appendText(`${basename(run.modelPath)}: ${progressText(run)}\n`);
    tooltip.appendMarkdown(`\n[${vscode.l10n.t('Cancel Evaluation')}](command:robustness.cancel)`);
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label: vscode.l10n.t('Robustness of {0}: {1}', name, progressText(first)) };
    this.#item.command =
      first.reportPath === null
        ? { command: 'robustness.runs.focus', title: vscode.l10n.t('Show Runs') }
        : {
            command: 'robustness.openReport',
            title: vscode.l10n.t('Open Report'),
            arguments: [vscode.Uri.file(first.reportPath)],
          };
    this.#item.show();
  }
}
