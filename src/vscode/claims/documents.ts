import * as vscode from 'vscode';
import type { Claim } from '../../claim/types';
import type { Notifier } from '../notify';
import { Owner } from '../owner';
import type { ReportStore } from '../report/store';
import { claimSettings } from '../settings';
import { toDiagnostics } from './diagnostic';
import { checkText, type EvidenceCache } from './evidence';

/** A person types; the claims of a document are looked at when they pause. */
const pause = 300;
/** A running evaluation rewrites its report all the time and is no evidence until it has ended. */
const quiet = 1000;

/** Holds the claims of open Markdown documents against the reports, and shows what is found as diagnostics. */
export class ClaimDocuments extends Owner {
  readonly #notify: Notifier;
  readonly #extensionUri: vscode.Uri;
  readonly #evidence: EvidenceCache;
  readonly #diagnostics = this.own(vscode.languages.createDiagnosticCollection('robustness'));
  readonly #claims = new Map<string, { readonly version: number; readonly claims: readonly Claim[] }>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Rises with each check of a document; a check that was overtaken drops its result. */
  readonly #generations = new Map<string, number>();
  /** Documents that are shown though closed, because the whole workspace was checked. */
  readonly #kept = new Set<string>();
  #quiet: NodeJS.Timeout | undefined;

  constructor(extensionUri: vscode.Uri, evidence: EvidenceCache, reports: ReportStore, notify: Notifier) {
    super();
    this.#extensionUri = extensionUri;
    this.#evidence = evidence;
    this.#notify = notify;
    this.own(vscode.workspace.onDidOpenTextDocument((document) => this.#schedule(document, 0)));
    this.own(vscode.workspace.onDidChangeTextDocument(({ document }) => this.#schedule(document, pause)));
    this.own(vscode.workspace.onDidCloseTextDocument((document) => this.#close(document)));
    this.own(reports.onDidChange(() => this.#whenQuiet()));
    this.own(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('robustness.claims')) this.recheck();
      }),
    );
    this.own({
      dispose: () => {
        clearTimeout(this.#quiet);
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

  /** The evidence may have changed: checks every open document again. */
  recheck(): void {
    this.#evidence.clear();
    for (const document of vscode.workspace.textDocuments) this.#schedule(document, pause);
  }

  /** Shows the claims of a document that need not be open, until it is opened and closed. */
  keep(uri: vscode.Uri, claims: readonly Claim[]): void {
    this.#kept.add(uri.toString());
    this.#show(uri, claims);
  }

  #whenQuiet(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.recheck(), quiet);
  }

  #schedule(document: vscode.TextDocument, delay: number): void {
    if (document.languageId !== 'markdown' || document.uri.scheme === 'output') return;
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        void this.#check(document);
      }, delay),
    );
  }

  async #check(document: vscode.TextDocument): Promise<void> {
    const key = document.uri.toString();
    const generation = (this.#generations.get(key) ?? 0) + 1;
    this.#generations.set(key, generation);
    if (document.isClosed) return;
    if (!claimSettings(document.uri).enable) return this.#forget(key, document.uri);
    const { version } = document;
    try {
      const claims = await checkText(document.getText(), document.uri, this.#evidence);
      if (document.isClosed || document.version !== version || this.#generations.get(key) !== generation) return;
      this.#claims.set(key, { version, claims });
      this.#show(document.uri, claims);
    } catch (error) {
      // Nobody asked for this check, so nobody is interrupted by its failure.
      this.#notify.log(error);
    }
  }

  #show(uri: vscode.Uri, claims: readonly Claim[]): void {
    const cap = claimSettings(uri).severity;
    const diagnostics = claims.flatMap((claim) => toDiagnostics(claim, uri, this.#extensionUri, cap));
    this.#diagnostics.set(uri, diagnostics);
  }

  #close(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#forget(key, document.uri);
    this.#generations.delete(key);
  }

  #forget(key: string, uri: vscode.Uri): void {
    this.#claims.delete(key);
    this.#kept.delete(key);
    this.#diagnostics.delete(uri);
  }
}
