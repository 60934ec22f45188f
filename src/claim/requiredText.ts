/** Texts of which at least one stands in whatever a pattern matches, in small letters: `defen`, `robust`. */
export type RequiredText = readonly string[];

/** One part of a pattern: literal text that it must consume, or something that could be many texts. */
type Part =
  | { readonly literal: string }
  /** `width` is 0 for an assertion, which does not part the text before it from the text after it. */
  | { readonly required: readonly RequiredText[]; readonly width: 0 | 1 };

/** More of them close a gate hardly any tighter. */
const most = 4;

/**
 * What must all stand in a text for a pattern to match it, the rarest first: of `(?:robust|stable) to noise`, `to noise`
 * and one of `robust` and `stable`. Empty where there is nothing to be found, as in `\d+`. A pattern need not be tried
 * on a sentence that lacks one of them.
 *
 * Reads the syntax of JavaScript's regular expressions. What is not plain text counts as unknown, so the
 * answer errs on the side of too little.
 */
export function requiredTexts(source: string): readonly RequiredText[] {
  const reader = new Reader(source);
  const found = reader.alternatives();
  // Something that this reader does not know may have cut the pattern short.
  if (!reader.atEnd) return [];
  const sorted = [...new Map(found.map((one) => [one.join('|'), one])).values()].sort(byRarity);
  return sorted.filter((one, i) => i === 0 || (i < most && rarityOf(one) >= 3));
}

/** A single letter stands in nearly every sentence; a single sign beyond ASCII does not. */
const isUseful = (text: string) => text.trim().length >= 2 || /[^\x20-\x7f]/.test(text);

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get atEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  /** Where there are several, one of them matches: each gives its rarest, if all have one. */
  alternatives(): readonly RequiredText[] {
    const all: (readonly RequiredText[])[] = [];
    for (;;) {
      all.push(this.#sequence());
      if (this.#source[this.#at] !== '|') break;
      this.#at++;
    }
    if (all.length === 1) return all[0]!;
    if (all.some((one) => one.length === 0)) return [];
    return [[...new Set(all.flatMap((one) => [...one].sort(byRarity)[0]!))]];
  }

  /** All parts match, so all that they require is required. */
  #sequence(): readonly RequiredText[] {
    const all: RequiredText[] = [];
    let run = '';
    const endRun = () => {
      if (isUseful(run)) all.push([run]);
      run = '';
    };
    while (!this.atEnd && this.#source[this.#at] !== '|' && this.#source[this.#at] !== ')') {
      const part = this.#part();
      const least = this.#quantifier();
      if ('literal' in part) {
        if (least !== null && least === 0) endRun();
        else {
          run += part.literal;
          if (least !== null) endRun();
        }
        continue;
      }
      if (part.width === 0) continue;
      endRun();
      if (least !== 0) all.push(...part.required);
    }
    endRun();
    return all;
  }

  #part(): Part {
    const char = this.#source[this.#at++]!;
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        this.#skipClass();
        return anything;
      case '.':
        return anything;
      case '^':
      case '$':
        return assertion;
      case '\\':
        return this.#escape();
      default:
        return { literal: char.toLowerCase() };
    }
  }

  /** Assertions about what stands around require nothing of the match itself. */
  #group(): Part {
    const rest = this.#source.slice(this.#at);
    const opening = /^\?(?::|<?[=!]|<[^>]*>)/.exec(rest)?.[0] ?? '';
    this.#at += opening.length;
    const inner = this.alternatives();
    this.#at++;
    return /[=!]$/.test(opening) ? assertion : { required: inner, width: 1 };
  }

  #skipClass(): void {
    while (!this.atEnd && this.#source[this.#at] !== ']') this.#at += this.#source[this.#at] === '\\' ? 2 : 1;
    this.#at++;
  }

  #escape(): Part {
    const char = this.#source[this.#at++] ?? '';
    if (char === 'b' || char === 'B') return assertion;
    if (/[wWdDsSnrtvf0-9]/.test(char)) return anything;
    if (char === 'p' || char === 'P') {
      const close = this.#source.indexOf('}', this.#at);
      this.#at = close < 0 ? this.#source.length : close + 1;
      return anything;
    }
    if (char === 'u' || char === 'x' || char === 'c' || char === 'k') {
      const length = char === 'u' ? (/^\{[^}]*\}|^.{4}/.exec(this.#source.slice(this.#at))?.[0].length ?? 0) : 2;
      this.#at += length;
      return anything;
    }
    return { literal: char.toLowerCase() };
  }

  /** How often the part before is repeated at least; null for once. */
  #quantifier(): number | null {
    const match = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(this.#source.slice(this.#at, this.#at + 16));
    if (match === null) return null;
    this.#at += match[0].length;
    return match[0][0] === '+' ? 1 : match[1] === undefined ? 0 : Number(match[1]);
  }
}

const anything: Part = { required: [], width: 1 };
const assertion: Part = { required: [], width: 0 };

/** Words that stand in nearly every sentence. */
const everywhere = new Set(
  'with have has under after from that this against even and the for are was were is in of to on by as at'.split(' '),
);

/** How seldom a text is: its length, within limits. A sign beyond ASCII is as rare as a word. */
function rarity(text: string): number {
  const word = text.trim();
  if (everywhere.has(word)) return 1;
  return Math.min(5, /[^\x20-\x7f]/.test(word) ? word.length + 3 : word.length);
}

/** As rare as the commonest of them. */
const rarityOf = (texts: RequiredText) => Math.min(...texts.map(rarity));

/** Of equals the shorter list first. */
const byRarity = (a: RequiredText, b: RequiredText) => rarityOf(b) - rarityOf(a) || a.length - b.length;
