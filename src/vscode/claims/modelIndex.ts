import * as vscode from 'vscode';
import { activeDocument, type EvidenceTools, pickCompleteReport } from './block';
import { rangeOfEdit } from './fixes';

/** Puts the figures of a report into the `model-index` of the model card in the active editor. */
export async function updateModelIndex({ reports, evidence, blocks }: EvidenceTools): Promise<void> {
  const { editor, context } = await activeDocument(evidence);
  const path = await pickCompleteReport(reports);
  if (path === undefined) return;
  const { document } = editor;
  const [{ modelIndexEdit }, { writtenPath }] = await Promise.all([
    import('../../claim/fix/modelIndex'),
    import('../../claim/fix/block/source'),
  ]);
  const made = modelIndexEdit(document.getText(), await blocks.report(path), writtenPath(context.file, path));
  if (made === null) {
    void vscode.window.showInformationMessage(vscode.l10n.t('The model-index already says what the report does.'));
    return;
  }
  const edit = new vscode.WorkspaceEdit();
  const range = rangeOfEdit(document, made);
  edit.replace(document.uri, range, made.newText);
  if (!(await vscode.workspace.applyEdit(edit))) return;
  editor.revealRange(new vscode.Range(range.start, range.start), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
