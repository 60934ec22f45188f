import * as vscode from 'vscode';
import { parseFraction } from '../../engine/spec/fraction';

/** What is wrong with `text` as an ε, or undefined. */
export function epsilonError(text: string): string | undefined {
  try {
    if (parseFraction(text) > 0) return undefined;
  } catch {
    // The message below says what is expected.
  }
  return vscode.l10n.t('A number above 0, or a fraction such as 8/255.');
}
