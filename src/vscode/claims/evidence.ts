import { relative, sep } from 'node:path';
import * as vscode from 'vscode';
import type { EvidenceIndex } from '../../claim/evidence';
import type { Claim } from '../../claim/types';
import { rootOf } from '../files/find';

/** The evidence of each folder, loaded when its first document is checked and again after `clear`. */
export class EvidenceCache {
  readonly #byRoot = new Map<string, Promise<EvidenceIndex>>();

  of(root: string): Promise<EvidenceIndex> {
    let index = this.#byRoot.get(root);
    if (index === undefined) {
      index = import('../../claim/reports').then(({ loadEvidence }) => loadEvidence(root));
      this.#byRoot.set(root, index);
      index.catch(() => this.#byRoot.delete(root));
    }
    return index;
  }

  clear(): void {
    this.#byRoot.clear();
  }
}

/** The claims of a document. One that is no file on this machine (virtual, not saved yet) has no evidence beside it. */
export async function checkText(text: string, uri: vscode.Uri, evidence: EvidenceCache): Promise<Claim[]> {
  // The Markdown parser is heavy: it is evaluated with the first document, not at activation.
  const [{ checkDocument }, { emptyEvidence }] = await Promise.all([
    import('../../claim/check'),
    import('../../claim/evidence'),
  ]);
  if (uri.scheme !== 'file') {
    const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri;
    const index = folder?.scheme === 'file' ? await evidence.of(folder.fsPath) : emptyEvidence;
    return checkDocument(text, vscode.workspace.asRelativePath(uri, false), index);
  }
  const root = rootOf(uri);
  return checkDocument(text, relative(root, uri.fsPath).split(sep).join('/'), await evidence.of(root));
}
