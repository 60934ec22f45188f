import * as vscode from 'vscode';
import type { Claim, ClaimVerdict } from '../../claim/types';
import { rangeOf, reportOf } from './diagnostic';
import type { ClaimDocuments } from './documents';

/** On a claim: the verdict, and the evidence that it rests on. What is wrong with it, the diagnostics say. */
export class ClaimHover implements vscode.HoverProvider {
  readonly #documents: ClaimDocuments;

  constructor(documents: ClaimDocuments) {
    this.#documents = documents;
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const claim = this.#documents.claimsOf(document).find((each) => rangeOf(each).contains(position));
    return claim === undefined ? undefined : new vscode.Hover(describe(claim, document.uri), rangeOf(claim));
  }
}

function describe(claim: Claim, document: vscode.Uri): vscode.MarkdownString {
  const text = new vscode.MarkdownString(undefined, true);
  text.isTrusted = { enabledCommands: ['robustness.openReport'] };
  text.appendMarkdown(`${icons[claim.verdict]} **${vscode.l10n.t('Robustness claim')}**: ${verdictText(claim)}\n\n`);
  const { evidence } = claim;
  if (evidence === null) text.appendText(vscode.l10n.t('No report in this workspace is evidence for it.'));
  else {
    text.appendText(evidence.model);
    for (const figure of evidence.figures) text.appendMarkdown('\n- ').appendText(figure);
    if (evidence.stale) text.appendMarkdown('\n\n').appendText(vscode.l10n.t('The model or the data changed since.'));
    const report = reportOf(claim, document);
    if (report !== null) {
      const argument = encodeURIComponent(JSON.stringify([report.fsPath]));
      text.appendMarkdown(`\n\n[${vscode.l10n.t('Open Report')}](command:robustness.openReport?${argument})`);
    }
  }
  if (claim.suppressed !== null) {
    text.appendMarkdown('\n\n').appendText(vscode.l10n.t('Suppressed: {0}', claim.suppressed));
  }
  return text;
}

const icons: Record<ClaimVerdict, string> = {
  supported: '$(pass)',
  unsupported: '$(question)',
  contradicted: '$(error)',
  stale: '$(history)',
  overreaching: '$(warning)',
  underspecified: '$(warning)',
};

function verdictText({ verdict }: Claim): string {
  switch (verdict) {
    case 'supported':
      return vscode.l10n.t('supported by the evidence.');
    case 'unsupported':
      return vscode.l10n.t('nothing supports it.');
    case 'contradicted':
      return vscode.l10n.t('the evidence contradicts it.');
    case 'stale':
      return vscode.l10n.t('the evidence is out of date.');
    case 'overreaching':
      return vscode.l10n.t('it says more than the evidence does.');
    case 'underspecified':
      return vscode.l10n.t('it does not say enough to be checked.');
  }
}
