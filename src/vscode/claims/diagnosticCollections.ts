import * as vscode from 'vscode';
import type { Claim } from '../../claim/types';
import { Owner } from '../owner';
import { source } from './diagnostic';
import { type Chunk, rechunk } from './diagnosticChunks';

/** Claims that are shown in one go: the editor takes some milliseconds to take over this many. */
const chunkSize = 40;
/** Of one document. Nobody reads as many; the Claims view has them all. */
const mostShown = 2000;
/**
 * Milliseconds of work at a time, and between, in which whatever else waits for this thread has its turn. Not less: after each
 * slice the editor asks all extensions for their quick fixes anew.
 */
const slice = 10;
const rest = 3;

interface Shown {
  readonly uri: vscode.Uri;
  chunks: readonly Chunk<Claim>[];
  /** Slots that do not yet show what they are to show. */
  readonly stale: Set<number>;
  make: (claim: Claim) => vscode.Diagnostic[];
  /** What `make` went by besides the claim. */
  basis: string;
  hidden: number;
}

/**
 * The diagnostics of claims. The editor takes over the diagnostics of a document in one collection as a whole, so they are
 * spread over several: what did not change is not sent again, and what did is sent in slices.
 */
export class ClaimDiagnostics extends Owner {
  readonly #collections: vscode.DiagnosticCollection[] = [];
  readonly #byDocument = new Map<string, Shown>();
  /** Documents with stale slots. */
  readonly #waiting = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    super();
    this.own({
      dispose: () => {
        clearTimeout(this.#timer);
        for (const collection of this.#collections) collection.dispose();
      },
    });
  }

  /**
   * Shows what is wrong with the claims of a document; those that are the same objects as before stay as they are.
   *
   * @param basis what `make` goes by besides the claim: where it is another, everything is shown anew
   */
  show(uri: vscode.Uri, claims: readonly Claim[], basis: string, make: (claim: Claim) => vscode.Diagnostic[]): void {
    const key = uri.toString();
    const faulty = claims.filter(({ rules }) => rules.length > 0);
    const known = this.#byDocument.get(key);
    if (faulty.length === 0 && known === undefined) return;
    const shown: Shown = known ?? { uri, chunks: [], stale: new Set(), make, basis, hidden: 0 };
    if (shown.basis !== basis) {
      for (const { slot } of shown.chunks) shown.stale.add(slot);
      shown.basis = basis;
    }
    const { chunks, stale } = rechunk(shown.chunks, faulty.slice(0, mostShown), chunkSize);
    // In the order of the document, what changed most lately first: a person looks at where they type.
    const waiting = [...shown.stale];
    shown.stale.clear();
    for (const slot of [...stale, ...waiting]) shown.stale.add(slot);
    const hidden = Math.max(0, faulty.length - mostShown);
    const last = chunks.at(-1);
    if (hidden !== shown.hidden && last !== undefined) shown.stale.add(last.slot);
    Object.assign(shown, { chunks, make, hidden });
    this.#byDocument.set(key, shown);
    this.#waiting.add(key);
    this.#work(performance.now() + slice);
  }

  /** Shows nothing of a document. */
  delete(uri: vscode.Uri): void {
    const key = uri.toString();
    const shown = this.#byDocument.get(key);
    if (shown === undefined) return;
    this.#byDocument.delete(key);
    for (const { slot } of shown.chunks) this.#collections[slot]?.delete(uri);
    for (const slot of shown.stale) this.#collections[slot]?.delete(uri);
  }

  #work(until: number): void {
    for (const key of this.#waiting) {
      const shown = this.#byDocument.get(key);
      for (const slot of shown?.stale ?? []) {
        if (performance.now() > until) {
          this.#later();
          return;
        }
        shown!.stale.delete(slot);
        this.#update(shown!, slot);
      }
      this.#waiting.delete(key);
      if (shown?.chunks.length === 0) this.#byDocument.delete(key);
    }
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#work(performance.now() + slice);
    }, rest);
  }

  #update({ uri, chunks, make, hidden }: Shown, slot: number): void {
    const collection = this.#collection(slot);
    const chunk = chunks.find((each) => each.slot === slot);
    if (chunk === undefined) {
      collection.delete(uri);
      return;
    }
    const diagnostics = chunk.items.flatMap(make);
    if (hidden > 0 && chunk === chunks.at(-1)) diagnostics.push(...notShown(diagnostics, hidden));
    collection.set(uri, diagnostics);
  }

  #collection(slot: number): vscode.DiagnosticCollection {
    for (let i = this.#collections.length; i <= slot; i++)
      this.#collections.push(vscode.languages.createDiagnosticCollection(i === 0 ? source : `${source}-${i + 1}`));
    return this.#collections[slot]!;
  }
}

/** Says, at the last claim that is shown, that others are not. */
function notShown(diagnostics: readonly vscode.Diagnostic[], count: number): vscode.Diagnostic[] {
  const last = diagnostics.at(-1);
  if (last === undefined) return [];
  const text = vscode.l10n.t(
    'Claims that need attention and are not underlined: {0}. The Claims view lists them.',
    count,
  );
  const diagnostic = new vscode.Diagnostic(last.range, text, vscode.DiagnosticSeverity.Information);
  diagnostic.source = source;
  return [diagnostic];
}
