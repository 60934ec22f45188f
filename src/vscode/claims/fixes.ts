import * as vscode from 'vscode';
import type { ClaimFix, TextEdit } from '../../claim/fix/fixes';
import type { Claim } from '../../claim/types';
import type { EvidenceCache } from './evidence';
import { fixContext } from './fixContext';

/** An edit of the library as one of the editor. */
export function rangeOfEdit(document: vscode.TextDocument, { start, end }: TextEdit): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

/** What can be written in place of a claim, best first. */
export async function textFixes(
  document: vscode.TextDocument,
  claim: Claim,
  evidence: EvidenceCache,
): Promise<readonly ClaimFix[]> {
  const context = await fixContext(document, evidence);
  if (context === null) return [];
  // It brings the parsers with it: not before a claim asks for it.
  const { fixesOf } = await import('../../claim/fix/fixes');
  return fixesOf({ ...claim, path: context.path }, document.getText(), context.index).filter(
    ({ kind }) => kind !== 'evaluate',
  );
}

/** A fix as an action; the editor previews it (Ctrl+Enter) because it carries its edits. */
export function textAction(document: vscode.TextDocument, fix: ClaimFix): vscode.CodeAction {
  const title = fix.kind === 'rewrite' ? vscode.l10n.t('Rewrite as what was measured') : correctionTitle(document, fix);
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.edit = new vscode.WorkspaceEdit();
  for (const edit of fix.edits) action.edit.replace(document.uri, rangeOfEdit(document, edit), edit.newText);
  action.isPreferred = fix.preferred;
  return action;
}

function correctionTitle(document: vscode.TextDocument, { edits }: ClaimFix): string {
  const [first] = edits;
  if (first === undefined || edits.length > 1)
    return vscode.l10n.t('Replace {0} figures by the measured ones', edits.length);
  return vscode.l10n.t(
    'Replace {0} by the measured {1}',
    document.getText(rangeOfEdit(document, first)),
    first.newText,
  );
}
