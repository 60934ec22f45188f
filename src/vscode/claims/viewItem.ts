import * as vscode from 'vscode';
import type { Claim } from '../../claim/types';
import { reportOf } from './diagnostic';
import { type ClaimState, claimLabel, type ListedClaim, needsAttention, stateOf } from './viewModel';

interface Appearance {
  readonly icon: string;
  /** Theme colours of problems and tests: high-contrast themes have them too. */
  readonly color: string | null;
}

const appearances: Record<ClaimState, Appearance> = {
  contradicted: { icon: 'error', color: 'problemsErrorIcon.foreground' },
  overreaching: { icon: 'warning', color: 'problemsWarningIcon.foreground' },
  stale: { icon: 'history', color: 'problemsWarningIcon.foreground' },
  unsupported: { icon: 'question', color: 'problemsWarningIcon.foreground' },
  underspecified: { icon: 'info', color: 'problemsInfoIcon.foreground' },
  supported: { icon: 'pass', color: 'testing.iconPassed' },
  suppressed: { icon: 'mute', color: 'disabledForeground' },
};

export function stateIcon(state: ClaimState): vscode.ThemeIcon {
  const { icon, color } = appearances[state];
  return new vscode.ThemeIcon(icon, color === null ? undefined : new vscode.ThemeColor(color));
}

export function stateWord(state: ClaimState): string {
  switch (state) {
    case 'contradicted':
      return vscode.l10n.t('Contradicted');
    case 'overreaching':
      return vscode.l10n.t('Overreaching');
    case 'stale':
      return vscode.l10n.t('Stale');
    case 'unsupported':
      return vscode.l10n.t('Unsupported');
    case 'underspecified':
      return vscode.l10n.t('Underspecified');
    case 'supported':
      return vscode.l10n.t('Supported');
    case 'suppressed':
      return vscode.l10n.t('Suppressed');
  }
}

/** What a group's name means, in a sentence. */
export function stateMeaning(state: ClaimState): string {
  switch (state) {
    case 'contradicted':
      return vscode.l10n.t('A report says otherwise.');
    case 'overreaching':
      return vscode.l10n.t('The claim says more than the evidence does.');
    case 'stale':
      return vscode.l10n.t('The model, its data or its spec changed since they were evaluated.');
    case 'unsupported':
      return vscode.l10n.t('No report of the workspace is evidence for it.');
    case 'underspecified':
      return vscode.l10n.t('It does not say enough to be held against anything.');
    case 'supported':
      return vscode.l10n.t('A report says the same.');
    case 'suppressed':
      return vscode.l10n.t('A comment beside it gives a reason to let it stand.');
  }
}

/** @param grouped by document: the document stands above, and the line is enough */
export function claimItem(listed: ListedClaim, grouped: 'verdict' | 'document'): vscode.TreeItem {
  const { claim, document, id } = listed;
  const state = stateOf(claim);
  const item = new vscode.TreeItem(claimLabel(claim));
  item.id = `${grouped}\0${id}`;
  item.iconPath = stateIcon(state);
  item.description = grouped === 'verdict' ? `${document}:${claim.line}` : `${claim.line}`;
  // Words of the context: what the menus offer.
  item.contextValue = ['claim', ...(claim.evidence ? ['report'] : []), ...(needsAttention(claim) ? ['fix'] : [])].join(
    '.',
  );
  item.accessibilityInformation = {
    label: `${stateWord(state)}: ${claimLabel(claim)}, ${document}, ${vscode.l10n.t('line {0}', claim.line)}`,
  };
  const title = vscode.l10n.t('Go to Claim');
  item.command = { command: 'robustness.revealClaim', title, arguments: [{ kind: 'claim', listed }] };
  return item;
}

/** Verdict, sentence, what is wrong, and what was measured. */
export function claimTooltip({ uri, claim }: ListedClaim): vscode.MarkdownString {
  const text = new vscode.MarkdownString(undefined, true);
  const state = stateOf(claim);
  text
    .appendMarkdown(`$(${appearances[state].icon}) **${stateWord(state)}** — `)
    .appendMarkdown(escaped(reason(claim, state)));
  text.appendMarkdown('\n\n> ').appendMarkdown(escaped(claimLabel(claim)));
  for (const hit of claim.rules.slice(1))
    text.appendMarkdown('\n- ').appendMarkdown(escaped(`${hit.message} (${hit.rule})`));
  if (claim.evidence !== null) {
    const { figures, model } = claim.evidence;
    text.appendMarkdown('\n\n').appendMarkdown(escaped(vscode.l10n.t('Measured of {0}', model)));
    for (const figure of figures) text.appendMarkdown('\n- ').appendMarkdown(escaped(figure));
    const report = reportOf(claim, vscode.Uri.parse(uri, true));
    if (report !== null) text.appendMarkdown('\n\n').appendMarkdown(escaped(vscode.workspace.asRelativePath(report)));
  }
  return text;
}

function reason(claim: Claim, state: ClaimState): string {
  if (claim.suppressed !== null) return claim.suppressed;
  const [first] = claim.rules;
  return first === undefined ? stateMeaning(state) : `${first.message} (${first.rule})`;
}

/** Sentences come from documents and reports, which anyone may have written: none becomes mark-up. */
function escaped(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]()#+\-!|<>~$&]/g, '\\$&');
}
