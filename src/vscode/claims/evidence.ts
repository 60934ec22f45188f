import { availableParallelism } from 'node:os';
import { relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { ClaimChecker } from '../../claim/checker/checker';
import type { EditedText } from '../../claim/checker/editedText';
import { type EvidenceIndex, emptyEvidence } from '../../claim/evidence';
import type { Claim } from '../../claim/types';
import { rootOf } from '../files/find';
import { claimRuleSettings } from '../settings';
import { proseLanguages } from './languages';

/** One core is for the editor, and more than a few threads only cost memory. */
const threads = Math.max(1, Math.min(4, availableParallelism() - 1));

/**
 * The evidence of each folder, loaded when its first document is checked and again after `clear`, and the threads that hold
 * documents against it.
 */
export class EvidenceCache {
  readonly checker: ClaimChecker;
  readonly #byRoot = new Map<string, Promise<EvidenceIndex>>();
  /** Told of what was loaded from a folder. */
  onLoad: (root: string, index: EvidenceIndex) => void = () => {};

  constructor(extensionUri: vscode.Uri) {
    const worker = vscode.Uri.joinPath(extensionUri, 'dist', 'claimWorker.cjs').fsPath;
    this.checker = new ClaimChecker({ worker, threads });
  }

  dispose(): void {
    this.checker.dispose();
  }

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

export interface CheckTextOptions {
  /** Id of the editor's language, where a document is open: it is checked before others, and again soon. */
  readonly language?: string;
  readonly signal?: AbortSignal;
}

/**
 * The claims of a document; null if it is not to be checked. One that is no file on this machine (virtual, not saved
 * yet) is held against the evidence of the folder that it would be saved to. All work is done in threads.
 *
 * @throws RobustnessError `claim/…`; the signal's reason if that gave up
 */
export async function checkText(
  text: string | EditedText,
  uri: vscode.Uri,
  evidence: EvidenceCache,
  { language, signal }: CheckTextOptions = {},
): Promise<Claim[] | null> {
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri ?? untitledFolder(uri);
  const root = uri.scheme === 'file' ? rootOf(uri) : folder?.scheme === 'file' ? folder.fsPath : null;
  const index = root === null ? emptyEvidence : await evidence.of(root);
  const path =
    uri.scheme === 'file'
      ? relative(root!, uri.fsPath).split(sep).join('/')
      : vscode.workspace.asRelativePath(uri, false);
  return evidence.checker.check(text, path, index, {
    settings: claimRuleSettings(uri),
    scoped: true,
    urgent: language !== undefined,
    remember: language !== undefined,
    ...(language !== undefined && proseLanguages.has(language) ? { language } : {}),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Where an editor offers to save what is not saved yet. */
function untitledFolder(uri: vscode.Uri): vscode.Uri | undefined {
  return uri.scheme === 'untitled' ? vscode.workspace.workspaceFolders?.[0]?.uri : undefined;
}
