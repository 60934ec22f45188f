import * as vscode from 'vscode';
import { RobustnessError } from '../../engine/error';
import type { ReportStore } from '../report/store';
import { pickReport } from '../targets';
import type { BlockStates } from './blockStates';
import type { EvidenceCache } from './evidence';
import { type FixContext, fixContext } from './fixContext';
import { rangeOfEdit } from './fixes';

/** What commands about evidence in the active document need. */
export interface EvidenceTools {
  readonly reports: ReportStore;
  readonly evidence: EvidenceCache;
  readonly blocks: BlockStates;
}

/** @throws RobustnessError `usage/no-document` */
export async function activeDocument(
  evidence: EvidenceCache,
): Promise<{ readonly editor: vscode.TextEditor; readonly context: FixContext }> {
  const editor = vscode.window.activeTextEditor;
  const context = editor === undefined ? null : await fixContext(editor.document, evidence);
  if (editor !== undefined && context !== null) return { editor, context };
  throw new RobustnessError(
    'usage/no-document',
    vscode.l10n.t('There is no saved document in the active editor to put evidence into.'),
    vscode.l10n.t('Open a Markdown, reStructuredText or LaTeX file of the workspace and try again.'),
  );
}

/** Asks for a report whose evaluation has ended; undefined when it was given up. */
export async function pickCompleteReport(reports: ReportStore): Promise<string | undefined> {
  const complete = (await reports.list()).flatMap((entry) =>
    'error' in entry || entry.state !== 'complete' ? [] : [entry],
  );
  return (await pickReport(complete))?.path;
}

/** Puts a block that is made of a report at the cursor. */
export async function insertBlock({ reports, evidence, blocks }: EvidenceTools): Promise<void> {
  const { editor, context } = await activeDocument(evidence);
  const { document } = editor;
  const [{ lineEndOf, renderBlock, requireBlocks }, { syntaxOf }, { writtenPath }] = await Promise.all([
    import('../../claim/fix/block/block'),
    import('../../claim/fix/syntax'),
    import('../../claim/fix/block/source'),
  ]);
  requireBlocks(document.getText(), context.path);
  const path = await pickCompleteReport(reports);
  if (path === undefined) return;
  const report = await blocks.report(path);
  const threats = await pickThreats(report.threatModels.map(({ name }) => name));
  if (threats === undefined) return;
  const eol = lineEndOf(document.getText());
  const target = { report: writtenPath(context.file, path), threats, indent: '', eol };
  const block = renderBlock(report, target, syntaxOf(context.path));
  const line = document.lineAt(editor.selection.active.line);
  // A block stands between blank lines: what stands on the cursor's line stays in front of it.
  const before = line.isEmptyOrWhitespace ? (isBlank(document, line.lineNumber - 1) ? '' : eol) : eol + eol;
  const after = isBlank(document, line.lineNumber + 1) ? '' : eol;
  const edit = new vscode.WorkspaceEdit();
  if (line.isEmptyOrWhitespace) edit.replace(document.uri, line.range, before + block + after);
  else edit.insert(document.uri, line.range.end, before + block + after);
  await vscode.workspace.applyEdit(edit);
}

function isBlank(document: vscode.TextDocument, line: number): boolean {
  return line < 0 || line >= document.lineCount || document.lineAt(line).isEmptyOrWhitespace;
}

/** Names of threat models to show; empty for all of them, undefined when it was given up. */
async function pickThreats(names: readonly string[]): Promise<readonly string[] | undefined> {
  if (names.length < 2) return [];
  const items = names.map((label) => ({ label, picked: true }));
  const title = vscode.l10n.t('Threat models to show');
  const chosen = await vscode.window.showQuickPick(items, { title, canPickMany: true });
  if (chosen === undefined || chosen.length === 0) return undefined;
  return chosen.length === names.length ? [] : chosen.map(({ label }) => label);
}

/**
 * Makes blocks as their reports give them: the one that starts at an offset, else all of the document. What a person
 * changed by hand is replaced only where they ask for that block.
 */
export async function refreshBlocks(
  { blocks }: EvidenceTools,
  uri: vscode.Uri | undefined,
  start: number | undefined,
): Promise<void> {
  const document =
    uri === undefined ? vscode.window.activeTextEditor?.document : await vscode.workspace.openTextDocument(uri);
  if (document === undefined) return;
  const shown = await blocks.of(document);
  const wrong = shown.find(({ state }) => state === 'faulty');
  const edit = new vscode.WorkspaceEdit();
  for (const block of shown) {
    if (block.edit === null || (start === undefined ? block.state === 'edited' : block.start !== start)) continue;
    edit.replace(document.uri, rangeOfEdit(document, block.edit), block.edit.newText);
  }
  if (edit.size > 0) await vscode.workspace.applyEdit(edit);
  if (start === undefined && wrong?.error) throw RobustnessError.fromData(wrong.error);
  if (start === undefined && shown.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('This document has no evidence block. "Insert Evidence Block" puts one at the cursor.'),
    );
  }
}
