import * as vscode from 'vscode';
import type { Claim } from '../../claim/types';
import { Owner } from '../owner';
import type { ClaimDocuments, ClaimsChange } from './documents';
import { type ListedClaim, listClaims, needsAttention } from './viewModel';

/** A check of the workspace tells of a thousand documents; the list is drawn a few times. */
const interval = 150;

interface Listed {
  readonly uri: vscode.Uri;
  readonly claims: readonly Claim[];
  /** Made when it is asked for: nobody may look at the list. */
  listed: readonly ListedClaim[] | null;
}

/** The claims of every document that was checked and is still shown. */
export class ClaimStore extends Owner {
  readonly #byDocument = new Map<string, Listed>();
  readonly #changed = this.own(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  #timer: NodeJS.Timeout | undefined;

  constructor(documents: ClaimDocuments) {
    super();
    this.own(documents.onDidChange((change) => this.#take(change)));
    // Cells stand in for their file while the notebook is open.
    this.own(vscode.workspace.onDidOpenNotebookDocument(() => this.#tell()));
    this.own(vscode.workspace.onDidCloseNotebookDocument(() => this.#tell()));
    this.own({ dispose: () => clearTimeout(this.#timer) });
  }

  /** Every claim that is known, document by document. */
  list(): ListedClaim[] {
    const open = new Set(vscode.workspace.notebookDocuments.map(({ uri }) => uri.toString()));
    const all: ListedClaim[] = [];
    for (const [key, known] of this.#byDocument) {
      if (open.has(key)) continue;
      known.listed ??= listClaims(key, documentLabel(known.uri), known.claims);
      for (const listed of known.listed) all.push(listed);
    }
    return all;
  }

  /** How many claims are known, and how many of them need attention. */
  count(): { readonly all: number; readonly faulty: number } {
    const open = new Set(vscode.workspace.notebookDocuments.map(({ uri }) => uri.toString()));
    let [all, faulty] = [0, 0];
    for (const [key, { claims }] of this.#byDocument) {
      if (open.has(key)) continue;
      all += claims.length;
      for (const claim of claims) if (needsAttention(claim)) faulty++;
    }
    return { all, faulty };
  }

  #take({ uri, claims }: ClaimsChange): void {
    const key = uri.toString();
    const known = this.#byDocument.get(key);
    if (claims === null || claims.length === 0) {
      if (known === undefined) return;
      this.#byDocument.delete(key);
    } else {
      // Most checks find what the one before found: a word was typed elsewhere.
      if (known !== undefined && isSame(known.claims, claims)) return;
      this.#byDocument.set(key, { uri, claims, listed: null });
    }
    this.#tell();
  }

  #tell(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#changed.fire();
    }, interval);
  }
}

/** Most claims of a document that was checked again are the same objects; the first other one ends the comparison. */
function isSame(a: readonly Claim[], b: readonly Claim[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i] && JSON.stringify(a[i]) !== JSON.stringify(b[i])) return false;
  return true;
}

/** The document as a person reads it; a cell by its place in the notebook. */
export function documentLabel(uri: vscode.Uri): string {
  if (uri.scheme !== 'vscode-notebook-cell') return vscode.workspace.asRelativePath(uri);
  const key = uri.toString();
  for (const notebook of vscode.workspace.notebookDocuments) {
    const cell = notebook.getCells().find(({ document }) => document.uri.toString() === key);
    if (cell === undefined) continue;
    return vscode.l10n.t('{0}, cell {1}', vscode.workspace.asRelativePath(notebook.uri), cell.index + 1);
  }
  return vscode.workspace.asRelativePath(uri);
}
