/** Whether words read as the title of a work: most of the longer ones begin with a capital. */
export function isTitle(text: string): boolean {
  const words = text.split(/\s+/).filter((word) => /^[\p{L}]{4,}/u.test(word));
  return words.length >= 3 && words.filter((word) => /^\p{Lu}/u.test(word)).length >= 0.7 * words.length;
}

/** Titles in quotation marks are other people's words. */
const maskQuotedTitles = (prose: string): string =>
  prose.replace(/["“*_]([^"“”*_]{12,200})["”*_]/g, (whole, inner: string) =>
    isTitle(inner) ? whole.replace(/\S/g, '\u00a7') : whole,
  );

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13) || code === 0xa0;

/**
 * Visible text of inline content. Each UTF-16 unit of it knows the piece of the source that it stands for: one unit of
 * plain text, several of an escape or an entity.
 */
export class Run {
  plain = '';
  readonly starts: number[] = [];
  /** Exclusive. */
  readonly ends: number[] = [];
  readonly links: { readonly at: number; readonly url: string }[] = [];
  #prose = '';
  readonly #hidden: (readonly [number, number])[] = [];
  /** Kept apart from `plain`: looking at the end of a string that grows would copy it each time. */
  #spaced = true;

  /** Units `from` to `to` of the source as they stand there; white space collapses, and none stands at the beginning. */
  add(source: string, from: number, to: number, hidden: boolean): void {
    let word = from;
    for (let i = from; i < to; i++) {
      if (isSpace(source.charCodeAt(i))) {
        if (i > word) this.#word(source, word, i, hidden);
        word = i + 1;
        this.space(i);
      }
    }
    if (to > word) this.#word(source, word, to, hidden);
  }

  /** Text that is written as something else from `from` to `to` in the source. */
  put(text: string, from: number, to: number, hidden: boolean): void {
    for (const unit of text.split('')) {
      if (isSpace(unit.charCodeAt(0))) this.space(from, to);
      else {
        this.#spaced = false;
        this.plain += unit;
        this.#prose += hidden ? '\u00a7' : unit;
        this.starts.push(from);
        this.ends.push(to);
      }
    }
  }

  space(from: number, to = from + 1): void {
    if (this.#spaced) return;
    this.#spaced = true;
    this.plain += ' ';
    this.#prose += ' ';
    this.starts.push(from);
    this.ends.push(to);
  }

  link(url: string): void {
    if (url !== '') this.links.push({ at: this.starts.length, url });
  }

  /** Appends another run as the next cell of a row. */
  append(cell: Run): void {
    const end = this.ends.at(-1);
    if (end !== undefined) {
      this.space(end - 1);
      this.put('|', end - 1, end, false);
      this.space(end - 1);
    }
    const { length } = this.starts;
    for (const { at, url } of cell.links) this.links.push({ at: length + at, url });
    for (const [from, to] of cell.#hidden) this.#hidden.push([length + from, length + to]);
    if (cell.plain !== '') this.#spaced = cell.#spaced;
    this.plain += cell.plain;
    this.#prose += cell.#prose;
    for (let i = 0; i < cell.starts.length; i++) {
      this.starts.push(cell.starts[i]!);
      this.ends.push(cell.ends[i]!);
    }
  }

  /** Blanks what was added since the text was `from` units long: it turned out to be code or somebody else's title. */
  hide(from: number): void {
    this.#hidden.push([from, this.starts.length]);
  }

  /** `plain` with code and titles of other works blanked by `\u00a7`, unit by unit. */
  get prose(): string {
    let prose = '';
    let at = 0;
    for (const [from, to] of this.#hidden) {
      if (to <= at) continue;
      prose +=
        this.#prose.slice(at, Math.max(at, from)) + this.#prose.slice(Math.max(at, from), to).replace(/\S/g, '\u00a7');
      at = to;
    }
    return maskQuotedTitles(prose + this.#prose.slice(at));
  }

  #word(source: string, from: number, to: number, hidden: boolean): void {
    const word = source.slice(from, to);
    this.#spaced = false;
    this.plain += word;
    this.#prose += hidden ? '\u00a7'.repeat(word.length) : word;
    for (let i = from; i < to; i++) {
      this.starts.push(i);
      this.ends.push(i + 1);
    }
  }
}
