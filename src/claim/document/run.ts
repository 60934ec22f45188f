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

/** Each unit of a stretch stands for one unit of the source. */
const unitByUnit = -1;

/**
 * Visible text of inline content. Each UTF-16 unit of it knows the piece of the source that it stands for: one unit of
 * plain text, several of an escape or an entity.
 */
export class Run {
  plain = '';
  readonly links: { readonly at: number; readonly url: string }[] = [];
  /** Stretches of `plain`: where each begins, and where in the source. */
  readonly #at: number[] = [];
  readonly #from: number[] = [];
  /** Where the one piece of the source ends that all units of a stretch stand for, or `unitByUnit`. */
  readonly #to: number[] = [];
  /** Stretches of code, and those that turned out to be somebody else's title. */
  readonly #code: (readonly [number, number])[] = [];
  readonly #hidden: (readonly [number, number])[] = [];
  /** Kept apart from `plain`: looking at the end of a string that grows would copy it each time. */
  #spaced = true;

  /** Where in the source the piece begins that a unit stands for. */
  startOf(unit: number): number {
    const i = this.#stretchOf(unit);
    return this.#to[i] === unitByUnit ? this.#from[i]! + unit - this.#at[i]! : this.#from[i]!;
  }

  /** Exclusive. */
  endOf(unit: number): number {
    const i = this.#stretchOf(unit);
    return this.#to[i] === unitByUnit ? this.#from[i]! + unit - this.#at[i]! + 1 : this.#to[i]!;
  }

  /** `endOf` of units `from` to `to`, less one: the last place that each stands for. */
  lastPlaces(from: number, to: number): number[] {
    const places = new Array<number>(to - from);
    if (to <= from) return places;
    let i = this.#stretchOf(from);
    for (let unit = from; unit < to; i++) {
      const end = Math.min(to, this.#at[i + 1] ?? to);
      const last = this.#to[i]!;
      const shift = this.#from[i]! - this.#at[i]!;
      for (; unit < end; unit++) places[unit - from] = last === unitByUnit ? unit + shift : last - 1;
    }
    return places;
  }

  /** Where the source of the last unit ends; undefined where there is none. */
  get end(): number | undefined {
    return this.plain === '' ? undefined : this.endOf(this.plain.length - 1);
  }

  /** Units `from` to `to` of the source as they stand there; white space collapses, and none stands at the beginning. */
  add(source: string, from: number, to: number, hidden: boolean): void {
    let spaced = this.#spaced;
    let pending = from;
    for (let i = from; i < to; i++) {
      const code = source.charCodeAt(i);
      if (!isSpace(code)) spaced = false;
      else if (!spaced && code === 32) spaced = true;
      else {
        this.#copy(source, pending, i, hidden);
        pending = i + 1;
        if (!spaced) this.#append(' ', i, unitByUnit);
        spaced = true;
      }
    }
    this.#copy(source, pending, to, hidden);
    this.#spaced = spaced;
  }

  /** Text that is written as something else from `from` to `to` in the source. */
  put(text: string, from: number, to: number, hidden: boolean): void {
    for (const unit of text.split('')) {
      if (isSpace(unit.charCodeAt(0))) this.space(from, to);
      else {
        this.#spaced = false;
        if (hidden) this.#code.push([this.plain.length, this.plain.length + 1]);
        this.#append(unit, from, to);
      }
    }
  }

  space(from: number, to = from + 1): void {
    if (this.#spaced) return;
    this.#spaced = true;
    this.#append(' ', from, to);
  }

  link(url: string): void {
    if (url !== '') this.links.push({ at: this.plain.length, url });
  }

  /** Appends another run as the next cell of a row. */
  append(cell: Run): void {
    const { end } = this;
    if (end !== undefined) {
      this.space(end - 1);
      this.put('|', end - 1, end, false);
      this.space(end - 1);
    }
    const { length } = this.plain;
    for (const { at, url } of cell.links) this.links.push({ at: length + at, url });
    for (const [from, to] of cell.#code) this.#code.push([length + from, length + to]);
    for (const [from, to] of cell.#hidden) this.#hidden.push([length + from, length + to]);
    if (cell.plain !== '') this.#spaced = cell.#spaced;
    for (let i = 0; i < cell.#at.length; i++) {
      this.#at.push(length + cell.#at[i]!);
      this.#from.push(cell.#from[i]!);
      this.#to.push(cell.#to[i]!);
    }
    this.plain += cell.plain;
  }

  /** Blanks what was added since the text was `from` units long: it turned out to be code or somebody else's title. */
  hide(from: number): void {
    this.#hidden.push([from, this.plain.length]);
  }

  /** `plain` with code and titles of other works blanked by `\u00a7`, unit by unit. */
  get prose(): string {
    const prose = blanked(this.plain, this.#code, /[^ ]/g);
    return maskQuotedTitles(blanked(prose, this.#hidden, /\S/g));
  }

  #copy(source: string, from: number, to: number, hidden: boolean): void {
    if (from >= to) return;
    if (hidden) this.#code.push([this.plain.length, this.plain.length + to - from]);
    this.#append(source.slice(from, to), from, unitByUnit);
  }

  #append(text: string, from: number, to: number): void {
    const at = this.plain.length;
    const last = this.#at.length - 1;
    const goesOn =
      to === unitByUnit &&
      last >= 0 &&
      this.#to[last] === unitByUnit &&
      from - this.#from[last]! === at - this.#at[last]!;
    if (!goesOn) {
      this.#at.push(at);
      this.#from.push(from);
      this.#to.push(to);
    }
    this.plain += text;
  }

  /** The stretch that a unit lies in. */
  #stretchOf(unit: number): number {
    let low = 0;
    let high = this.#at.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#at[middle]! <= unit) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** `text` with `\u00a7` for what a pattern matches in stretches of it; of those that overlap the first counts. */
function blanked(text: string, stretches: readonly (readonly [number, number])[], what: RegExp): string {
  if (stretches.length === 0) return text;
  let result = '';
  let at = 0;
  for (const [from, to] of stretches) {
    if (to <= at) continue;
    const start = Math.max(at, from);
    result += text.slice(at, start) + text.slice(start, to).replace(what, '\u00a7');
    at = to;
  }
  return result + text.slice(at);
}
