/** A stretch of a text, and what stands there now: UTF-16 units. Of several, each counts in the text that those before it left. */
export interface TextChange {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** More than this between two checks, and the whole text is the shorter message. */
const mostChanges = 500;

let nextId = 0;

/** The text of a document that a person edits, known by its changes: a thread that has it needs no more than those. */
export class EditedText {
  readonly id = nextId++;
  readonly #read: () => string;
  readonly #lines: () => number;
  #changes: TextChange[] = [];
  /** Revision that the first of the changes was made to. */
  #from = 0;

  /**
   * @param read the text as it is now
   * @param lines how many lines it has now; cheap, and does for a check that no change was lost
   */
  constructor(read: () => string, lines: () => number) {
    this.#read = read;
    this.#lines = lines;
  }

  /** Grows by one with each change. */
  get revision(): number {
    return this.#from + this.#changes.length;
  }

  get lines(): number {
    return this.#lines();
  }

  read(): string {
    return this.#read();
  }

  /** To be told of every change, in their order, after it was made. */
  changed(changes: readonly TextChange[]): void {
    for (const { offset, length, text } of changes) this.#changes.push({ offset, length, text });
    const surplus = this.#changes.length - mostChanges;
    if (surplus <= 0) return;
    this.#changes = this.#changes.slice(surplus);
    this.#from += surplus;
  }

  /** What was changed since a revision; null if that is not known any more. */
  since(revision: number): readonly TextChange[] | null {
    return revision < this.#from ? null : this.#changes.slice(revision - this.#from);
  }
}

/** A text with changes made to it. */
export function withChanges(text: string, changes: readonly TextChange[]): string {
  let changed = text;
  for (const { offset, length, text: inserted } of changes)
    changed = changed.slice(0, offset) + inserted + changed.slice(offset + length);
  return changed;
}

/** Lines of a text as an editor counts them: `\n`, `\r\n` and `\r` end one. */
export function countLines(text: string): number {
  let lines = 1;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) lines++;
  if (!text.includes('\r')) return lines;
  for (let end = text.indexOf('\r'); end >= 0; end = text.indexOf('\r', end + 1))
    if (text.charCodeAt(end + 1) !== 10) lines++;
  return lines;
}
