import * as vscode from 'vscode';
import { stateIcon, stateMeaning, stateWord } from './viewItem';
import { type ClaimFilter, type ClaimState, claimStates, countStates, type ListedClaim } from './viewModel';

interface Choice extends vscode.QuickPickItem {
  readonly state?: ClaimState;
  readonly document?: string;
}

/** Asks which claims to list; undefined when it was given up. What is not picked is hidden; all or nothing hides none. */
export async function pickFilter(
  claims: readonly ListedClaim[],
  current: ClaimFilter,
): Promise<ClaimFilter | undefined> {
  const counts = countStates(claims);
  const items: Choice[] = claimStates.map((state) => ({
    label: stateWord(state),
    description: String(counts.get(state) ?? 0),
    detail: stateMeaning(state),
    iconPath: stateIcon(state),
    picked: current.states.size === 0 || current.states.has(state),
    state,
  }));
  const active = vscode.window.activeTextEditor?.document.uri.toString();
  const document = current.document ?? (claims.some(({ uri }) => uri === active) ? active : undefined);
  if (document !== undefined) {
    const name = claims.find(({ uri }) => uri === document)?.document ?? document;
    items.push(
      { label: vscode.l10n.t('Documents'), kind: vscode.QuickPickItemKind.Separator },
      { label: vscode.l10n.t('Only {0}', name), picked: current.document !== null, document },
    );
  }
  const title = vscode.l10n.t('Claims to List');
  const picked = await vscode.window.showQuickPick(items, { title, canPickMany: true, matchOnDetail: true });
  if (picked === undefined) return undefined;
  const states = picked.flatMap(({ state }) => (state === undefined ? [] : [state]));
  return {
    states: new Set(states.length === claimStates.length ? [] : states),
    document: picked.find((item) => item.document !== undefined)?.document ?? null,
  };
}
