import * as vscode from 'vscode';
import type { Notifier } from '../notify';
import { Owner } from '../owner';
import type { ReportStore } from '../report/store';
import { ClaimActions } from './actions';
import { type EvidenceTools, insertBlock, refreshBlocks } from './block';
import { BlockStates } from './blockStates';
import { ClaimDocuments } from './documents';
import { EvidenceCache } from './evidence';
import { fixContext } from './fixContext';
import { ClaimHover } from './hover';
import { claimSelector } from './languages';
import { BlockLens } from './lens';
import { updateModelIndex } from './modelIndex';
import { SecondOpinion } from './opinionSurface';
import { suppressions } from './suppress';
import { ClaimsView } from './view';
import { ClaimStore } from './viewStore';
import { DocumentWatch } from './watchDocuments';
import { EvidenceWatch } from './watchEvidence';
import { checkWorkspace } from './workspace';

/** Claims in prose: diagnostics, hover, quick fixes, and the check of the whole workspace. */
export class Claims extends Owner {
  readonly #evidence: EvidenceCache;
  readonly #documents: ClaimDocuments;
  readonly #notify: Notifier;
  readonly #tools: EvidenceTools;

  constructor(extensionUri: vscode.Uri, reports: ReportStore, notify: Notifier) {
    super();
    this.#notify = notify;
    this.#evidence = this.own(new EvidenceCache(extensionUri));
    this.#documents = this.own(new ClaimDocuments(extensionUri, this.#evidence, notify));
    const blocks = new BlockStates(reports, this.#evidence);
    this.#tools = { reports, evidence: this.#evidence, blocks };
    const lens = this.own(new BlockLens(blocks, notify));
    this.own(vscode.languages.registerCodeLensProvider(claimSelector, lens));
    const closed = this.own(new DocumentWatch(this.#documents, this.#evidence, notify));
    const watch = this.own(new EvidenceWatch(this.#evidence, reports, notify));
    this.own(
      watch.onDidChange(() => {
        this.#documents.recheck();
        void closed.recheck();
        lens.changed();
      }),
    );
    this.own(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('robustness.claims')) void closed.recheck();
      }),
    );
    this.own(new ClaimsView(this.own(new ClaimStore(this.#documents)), notify));
    this.own(new SecondOpinion(this.#documents, notify));
    this.own(
      vscode.languages.registerHoverProvider(
        claimSelector,
        new ClaimHover(this.#documents, this.#evidence, extensionUri),
      ),
    );
    const actions = new ClaimActions({ documents: this.#documents, evidence: this.#evidence, blocks, notify });
    this.own(vscode.languages.registerCodeActionsProvider(claimSelector, actions, ClaimActions.metadata));
  }

  async checkWorkspace(): Promise<void> {
    await checkWorkspace(this.#documents, this.#evidence, this.#notify);
    void vscode.commands.executeCommand('setContext', 'robustness.claimsChecked', this.#documents.wholeWorkspace);
  }

  insertBlock(): Promise<void> {
    return insertBlock(this.#tools);
  }

  /** Of one block (at an offset), of a document, or of the active one. */
  refreshBlocks(uri: vscode.Uri | undefined, start: number | undefined): Promise<void> {
    return refreshBlocks(this.#tools, uri, start);
  }

  updateModelIndex(): Promise<void> {
    return updateModelIndex(this.#tools);
  }

  /** Asks for the reason, and puts the suppression comment beside the claim on `line` (from 0). */
  async suppress(uri: vscode.Uri, line: number, rule: string): Promise<void> {
    const reason = await vscode.window.showInputBox({
      title: vscode.l10n.t('Suppress {0}', rule),
      prompt: vscode.l10n.t('Why is the claim right as it stands? The reason is written beside it.'),
      validateInput: (text) => (text.trim() === '' ? vscode.l10n.t('A suppression needs a reason.') : undefined),
    });
    if (reason === undefined || reason.trim() === '') return;
    const document = await vscode.workspace.openTextDocument(uri);
    const context = await fixContext(document, this.#evidence);
    const path = context?.path ?? uri.path;
    const edit = new vscode.WorkspaceEdit();
    const eol = document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
    for (const insertion of suppressions(document.getText().split(/\r?\n/), line, rule, reason, path)) {
      const text = insertion.text.replaceAll('\n', eol);
      const before = insertion.place === 'before';
      const at = before ? new vscode.Position(insertion.line, 0) : document.lineAt(insertion.line).range.end;
      edit.insert(uri, at, before ? `${text}${eol}` : text);
    }
    await vscode.workspace.applyEdit(edit);
  }
}
