import * as vscode from 'vscode';
import { EditedText } from '../../claim/checker/editedText';
import type { Claim } from '../../claim/types';
import type { Notifier } from '../notify';
import { Owner } from '../owner';
import { claimSettings } from '../settings';
import { toDiagnostics } from './diagnostic';
import { ClaimDiagnostics } from './diagnosticCollections';
import { checkText, type EvidenceCache } from './evidence';
import { type ClaimSource, claimSource } from './languages';
import { isOpenNotebook } from './languagesNotebook';
import { ReportPlaces } from './reportPlaces';

/** Milliseconds. A person types; the claims of a document are looked at when they pause. */
const pause = 150;
/**
 * Milliseconds. Where a timer was late by more than this, something else held the thread, and edits made meanwhile may wait behind the
 * timer: they are let in first, once. A check in the midst of typing changes what is underlined, for which the editor asks every extension
 * for its quick fixes, which holds the thread again.
 */
const lateness = 40;
const rest = 60;

type Share = (claims: readonly Claim[]) => ReadonlyMap<vscode.TextDocument, readonly Claim[]>;

/** What was found in a document; null when its claims are no longer known. */
export interface ClaimsChange {
  readonly uri: vscode.Uri;
  readonly claims: readonly Claim[] | null;
}

/** Holds the claims of open documents against the reports, and shows what is found as diagnostics. */
export class ClaimDocuments extends Owner {
  readonly #notify: Notifier;
  readonly #extensionUri: vscode.Uri;
  readonly #evidence: EvidenceCache;
  readonly #diagnostics = this.own(new ClaimDiagnostics());
  readonly #claims = new Map<string, { readonly version: number; readonly claims: readonly Claim[] }>();
  /** Texts of documents that were checked while they are open. */
  readonly #texts = new Map<string, EditedText>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Of the check that runs for each document; one that is overtaken gives up. */
  readonly #running = new Map<string, AbortController>();
  /** Documents that are shown though closed, because the whole workspace was checked. */
  readonly #kept = new Set<string>();
  /** Whether closed documents are shown too, and new ones are to be looked at. */
  wholeWorkspace = false;
  readonly #places = new ReportPlaces();
  readonly #changed = this.own(new vscode.EventEmitter<ClaimsChange>());
  /** A document was checked, or is no longer shown. */
  readonly onDidChange = this.#changed.event;

  constructor(extensionUri: vscode.Uri, evidence: EvidenceCache, notify: Notifier) {
    super();
    this.#extensionUri = extensionUri;
    this.#evidence = evidence;
    this.#notify = notify;
    this.own(vscode.workspace.onDidOpenTextDocument((document) => this.#schedule(document, 0)));
    this.own(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        // That a document is saved or not is told as a change too.
        if (contentChanges.length === 0) return;
        this.#texts.get(document.uri.toString())?.changed(
          contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
            offset: rangeOffset,
            length: rangeLength,
            text,
          })),
        );
        this.#schedule(document, pause);
      }),
    );
    this.own(vscode.workspace.onDidCloseTextDocument((document) => this.#close(document)));
    // Cells that come, go or move change what the others say.
    this.own(
      vscode.workspace.onDidChangeNotebookDocument(({ notebook, contentChanges }) => {
        if (contentChanges.length > 0) for (const cell of notebook.getCells()) this.#schedule(cell.document, pause);
      }),
    );
    this.own(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('robustness.claims')) this.recheck();
      }),
    );
    this.own({
      dispose: () => {
        for (const timer of this.#timers.values()) clearTimeout(timer);
      },
    });
    for (const document of vscode.workspace.textDocuments) this.#schedule(document, 0);
  }

  /** What the last check of exactly this version of the document found. */
  claimsOf(document: vscode.TextDocument): readonly Claim[] {
    const found = this.#claims.get(document.uri.toString());
    return found?.version === document.version ? found.claims : [];
  }

  /** The evidence or the settings changed: checks every open document again. */
  recheck(): void {
    for (const document of vscode.workspace.textDocuments) this.#schedule(document, 0);
  }

  /** Shows the claims of a document that need not be open, until it is opened and closed. */
  async keep(uri: vscode.Uri, claims: readonly Claim[]): Promise<void> {
    this.#kept.add(uri.toString());
    await this.#places.load(claims, uri);
    // Cells stand in for their file while the notebook is open.
    if (isOpenNotebook(uri)) this.hide(uri);
    else this.#show(uri, claims);
  }

  /** Shows nothing of a document for now, which stays among those to be shown. */
  hide(uri: vscode.Uri): void {
    this.#diagnostics.delete(uri);
    this.#changed.fire({ uri, claims: null });
  }

  /** Documents that are shown though they may be closed. */
  get kept(): readonly vscode.Uri[] {
    return [...this.#kept].map((key) => vscode.Uri.parse(key, true));
  }

  keeps(uri: vscode.Uri): boolean {
    return this.#kept.has(uri.toString());
  }

  /** A document that was kept is gone. */
  drop(uri: vscode.Uri): void {
    this.#forget(uri.toString(), uri);
  }

  #schedule(document: vscode.TextDocument, delay: number, patient = true): void {
    const key = claimSource(document)?.uri.toString();
    if (key === undefined) return;
    clearTimeout(this.#timers.get(key));
    const due = performance.now() + delay;
    this.#timers.set(
      key,
      setTimeout(() => {
        if (patient && delay > 0 && performance.now() > due + lateness) {
          this.#schedule(document, rest, false);
          return;
        }
        this.#timers.delete(key);
        void this.#check(document, key);
      }, delay),
    );
  }

  async #check(document: vscode.TextDocument, key: string): Promise<void> {
    this.#running.get(key)?.abort();
    const running = new AbortController();
    this.#running.set(key, running);
    // Its language, or the cells of its notebook, may be others than when the check was asked for.
    const source = document.isClosed ? null : claimSource(document);
    if (source === null) return;
    const { documents } = source;
    const forget = () => {
      for (const each of documents) this.#forget(each.uri.toString(), each.uri);
    };
    if (!claimSettings(source.uri).enable) return forget();
    const versions = documents.map(({ version }) => version);
    try {
      const { text, share } = this.#read(source);
      const claims = await checkText(text, source.uri, this.#evidence, {
        language: source.language,
        signal: running.signal,
      });
      if (running.signal.aborted) return;
      if (claims === null) return forget();
      await this.#places.load(claims, source.uri);
      const overtaken = documents.some((each, at) => each.isClosed || each.version !== versions[at]);
      if (overtaken || running.signal.aborted) return;
      for (const [each, found] of share(claims)) {
        this.#claims.set(each.uri.toString(), { version: each.version, claims: found });
        this.#show(each.uri, found);
      }
    } catch (error) {
      // Nobody asked for this check, so nobody is interrupted by its failure.
      if (!running.signal.aborted) this.#notify.log(error);
    } finally {
      if (this.#running.get(key) === running) this.#running.delete(key);
    }
  }

  /** A document is sent to its thread once, and told of by its changes then; cells are short. */
  #read({ whole, read }: ClaimSource): { readonly text: string | EditedText; share: Share } {
    if (whole === null) return read();
    const key = whole.uri.toString();
    let text = this.#texts.get(key);
    if (text === undefined) {
      text = new EditedText(
        () => whole.getText(),
        () => whole.lineCount,
      );
      this.#texts.set(key, text);
    }
    return { text, share: (claims) => new Map([[whole, claims]]) };
  }

  #show(uri: vscode.Uri, claims: readonly Claim[]): void {
    const cap = claimSettings(uri).severity;
    const basis = `${cap}:${this.#places.generation}`;
    this.#diagnostics.show(uri, claims, basis, (claim) =>
      toDiagnostics(claim, uri, this.#extensionUri, cap, this.#places),
    );
    this.#changed.fire({ uri, claims });
  }

  #close(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#running.get(key)?.abort();
    this.#claims.delete(key);
    const text = this.#texts.get(key);
    if (text !== undefined) this.#evidence.checker.close(text);
    this.#texts.delete(key);
    // Of a document that is shown though closed, the file is looked at again: it may not say what the editor said.
    if (!this.#kept.has(key)) this.#forget(key, document.uri);
  }

  #forget(key: string, uri: vscode.Uri): void {
    this.#claims.delete(key);
    this.#kept.delete(key);
    this.#diagnostics.delete(uri);
    this.#changed.fire({ uri, claims: null });
  }
}
