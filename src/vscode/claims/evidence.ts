import { relative, sep } from 'node:path';
import * as vscode from 'vscode';
import type { EvidenceIndex } from '../../claim/evidence';
import type { Claim } from '../../claim/types';
import { rootOf } from '../files/find';

/** The evidence of each folder, loaded when its first document is checked and again after `clear`. */
export class EvidenceCache {
  readonly #byRoot = new Map<string, Promise<EvidenceIndex>>();
  /** Told of what was loaded from a folder. */
  onLoad: (root: string, index: EvidenceIndex) => void = () => {};

  of(root: string): Promise<EvidenceIndex> {
    let index = this.#byRoot.get(root);
    if (index === undefined) {
      index = import('../../claim/reports').then(({ loadEvidence }) => loadEvidence(root));
      this.#byRoot.set(root, index);
      index.then(
        (loaded) => this.onLoad(root, loaded),
        () => this.#byRoot.delete(root),
      );
    }
    return index;
  }

  clear(): void {
    this.#byRoot.clear();
  }

  /** Loads again what was loaded; whether anything of it is different now. */
  async refresh(): Promise<boolean> {
    let changed = false;
    for (const [root, before] of [...this.#byRoot]) {
      const { loadEvidence } = await import('../../claim/reports');
      const now = await loadEvidence(root);
      this.onLoad(root, now);
      const same = JSON.stringify(now) === JSON.stringify(await before.catch(() => null));
      if (same || this.#byRoot.get(root) !== before) continue;
      this.#byRoot.set(root, Promise.resolve(now));
      changed = true;
    }
    return changed;
  }
}

/**
 * The claims of a document; null if it is not to be checked. One that is no file on this machine (virtual, not saved
 * yet) is held against the evidence of the folder that it would be saved to.
 *
 * @param language id of the editor's language, where a document is open
 */
export async function checkText(
  text: string,
  uri: vscode.Uri,
  evidence: EvidenceCache,
  language?: string,
): Promise<Claim[] | null> {
  // The parsers are heavy: they are evaluated with the first document, not at activation.
  const [{ checkDocument }, { emptyEvidence }, { formatOf, formatOfLanguage }] = await Promise.all([
    import('../../claim/check'),
    import('../../claim/evidence'),
    import('../../claim/document/registry'),
  ]);
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri ?? untitledFolder(uri);
  const root = uri.scheme === 'file' ? rootOf(uri) : folder?.scheme === 'file' ? folder.fsPath : null;
  const index = root === null ? emptyEvidence : await evidence.of(root);
  const path =
    uri.scheme === 'file'
      ? relative(root!, uri.fsPath).split(sep).join('/')
      : vscode.workspace.asRelativePath(uri, false);
  const format = language === undefined ? formatOf(path) : formatOfLanguage(language, path);
  if (format === null) return null;
  // A document is read by its name; the language of one whose name says nothing stands in for an ending.
  const named = formatOf(path) === format ? path : `${path}${format.endings[0] ?? ''}`;
  const claims = checkDocument(text, named, index);
  return named === path ? claims : claims.map((claim) => ({ ...claim, path }));
}

/** Where an editor offers to save what is not saved yet. */
function untitledFolder(uri: vscode.Uri): vscode.Uri | undefined {
  return uri.scheme === 'untitled' ? vscode.workspace.workspaceFolders?.[0]?.uri : undefined;
}
