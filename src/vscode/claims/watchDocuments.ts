import * as vscode from 'vscode';
import type { Notifier } from '../notify';
import { Owner } from '../owner';
import type { ClaimDocuments } from './documents';
import type { EvidenceCache } from './evidence';
import { claimFiles } from './languages';
import { isOpenNotebook } from './languagesNotebook';
import { checkFile, findDocuments } from './workspace';

/** A branch that is switched to changes many files at once. */
const pause = 300;
/** Reads ahead of the threads that check. */
const inFlight = 4;

/** Keeps what a check of the whole workspace found true: closed documents are edited, moved and deleted by others too. */
export class DocumentWatch extends Owner {
  readonly #documents: ClaimDocuments;
  readonly #evidence: EvidenceCache;
  readonly #notify: Notifier;
  readonly #waiting = new Map<string, vscode.Uri>();
  #timer: NodeJS.Timeout | undefined;
  #checking = false;

  constructor(documents: ClaimDocuments, evidence: EvidenceCache, notify: Notifier) {
    super();
    this.#documents = documents;
    this.#evidence = evidence;
    this.#notify = notify;
    const watcher = this.own(vscode.workspace.createFileSystemWatcher(claimFiles));
    this.own(watcher.onDidCreate((uri) => documents.wholeWorkspace && this.#soon([uri])));
    this.own(watcher.onDidChange((uri) => documents.wholeWorkspace && this.#soon([uri])));
    this.own(watcher.onDidDelete((uri) => this.#gone(uri)));
    this.own(vscode.workspace.onDidCloseTextDocument(({ uri }) => documents.keeps(uri) && this.#soon([uri])));
    this.own(vscode.workspace.onDidOpenNotebookDocument(({ uri }) => documents.keeps(uri) && documents.hide(uri)));
    this.own(vscode.workspace.onDidCloseNotebookDocument(({ uri }) => documents.keeps(uri) && this.#soon([uri])));
    this.own({ dispose: () => clearTimeout(this.#timer) });
  }

  /** The evidence, what specs say, or the settings changed: checks all closed documents again, and those that are named now. */
  async recheck(): Promise<void> {
    this.#soon(this.#documents.kept);
    if (this.#documents.wholeWorkspace) this.#soon(await findDocuments());
  }

  /** A folder that is deleted takes its documents with it. */
  #gone(uri: vscode.Uri): void {
    const key = uri.toString();
    for (const kept of this.#documents.kept) {
      if (kept.toString() === key || kept.toString().startsWith(`${key}/`)) this.#documents.drop(kept);
    }
  }

  #soon(uris: readonly vscode.Uri[]): void {
    for (const uri of uris) this.#waiting.set(uri.toString(), uri);
    if (this.#checking) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#check(), pause);
  }

  async #check(): Promise<void> {
    this.#checking = true;
    const work = async () => {
      for (const [key, uri] of this.#waiting) {
        this.#waiting.delete(key);
        await this.#checkOne(uri, key);
      }
    };
    try {
      // What comes while these are checked is checked with them.
      await Promise.all(Array.from({ length: inFlight }, work));
    } finally {
      this.#checking = false;
    }
  }

  async #checkOne(uri: vscode.Uri, key: string): Promise<void> {
    // The editor's text counts while it is open.
    if (vscode.workspace.textDocuments.some((document) => document.uri.toString() === key)) return;
    if (isOpenNotebook(uri)) return;
    try {
      const found = await checkFile(uri, this.#documents, this.#evidence);
      if (found === null && this.#documents.keeps(uri)) this.#documents.drop(uri);
    } catch (error) {
      this.#notify.log(error);
      this.#documents.drop(uri);
    }
  }
}
