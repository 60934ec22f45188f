import * as vscode from 'vscode';
import type { Notifier } from '../notify';
import { Owner } from '../owner';
import type { BlockStates, ShownBlock } from './blockStates';

/** Above each evidence block: how it stands to its report, and what can be done about it. */
export class BlockLens extends Owner implements vscode.CodeLensProvider {
  readonly #blocks: BlockStates;
  readonly #notify: Notifier;
  readonly #changed = this.own(new vscode.EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(blocks: BlockStates, notify: Notifier) {
    super();
    this.#blocks = blocks;
    this.#notify = notify;
  }

  /** A report, a model or a data set changed. */
  changed(): void {
    this.#changed.fire();
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    try {
      return (await this.#blocks.of(document)).flatMap((block) => lenses(document, block));
    } catch (error) {
      // Nobody asked for the lens: its failure interrupts nobody.
      this.#notify.log(error);
      return [];
    }
  }
}

function lenses(document: vscode.TextDocument, block: ShownBlock): vscode.CodeLens[] {
  const { line } = document.positionAt(block.start);
  const range = new vscode.Range(line, 0, line, 0);
  const lens = (title: string, command: string, args: unknown[] = [], tooltip?: string) =>
    new vscode.CodeLens(range, { title, command, arguments: args, ...(tooltip === undefined ? {} : { tooltip }) });
  const { report, edit, state, error, changed } = block;
  const shown = [lens(stateText(block), '', [], error === null ? (changed ?? undefined) : error.hint)];
  if (edit !== null)
    shown.push(lens(vscode.l10n.t('Refresh'), 'robustness.refreshEvidenceBlocks', [document.uri, block.start]));
  if (report !== null) shown.push(lens(vscode.l10n.t('Open Report'), 'robustness.openReport', [report]));
  const rerun = report !== null && (state === 'stale' || changed !== null) && vscode.workspace.isTrusted;
  if (rerun) shown.push(lens(vscode.l10n.t('Evaluate Again'), 'robustness.rerun', [report]));
  return shown;
}

function stateText({ state, changed, error }: ShownBlock): string {
  switch (state) {
    case 'current':
      return vscode.l10n.t('$(pass) Evidence: up to date');
    case 'empty':
      return vscode.l10n.t('$(circle-large-outline) Evidence: not filled in yet');
    case 'outdated':
      return changed === null
        ? vscode.l10n.t('$(sync) Evidence: out of date, the report has changed')
        : vscode.l10n.t('$(sync) Evidence: out of date, and {0}', changed);
    case 'edited':
      return vscode.l10n.t('$(edit) Evidence: edited by hand');
    case 'stale':
      return vscode.l10n.t('$(history) Evidence: stale, {0}', changed ?? '');
    case 'faulty':
      return `$(error) ${error?.message ?? ''}`;
  }
}
