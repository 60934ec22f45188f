/** One part of a pattern: literal text that it must consume, or something that could be many texts. */
type Part = { readonly literal: string } | { readonly anyOf: readonly string[] | null };

/**
 * Texts of which at least one stands in whatever a pattern matches, in small letters: `defen`, `robust`. Null where
 * there are none to be found, as in `\d+`. A pattern that shares no such text with a sentence need not be tried.
 *
 * Reads the syntax of JavaScript's regular expressions. What is not plain text counts as unknown, so the
 * answer errs on the side of null.
 */
export function requiredText(source: string): readonly string[] | null {
  const reader = new Reader(source);
  const found = reader.alternatives();
  // Something that this reader does not know may have cut the pattern short.
  return reader.atEnd ? found : null;
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

  /** One of the alternatives matches, so each must have required texts. */
  alternatives(): readonly string[] | null {
    let all: string[] | null = [];
    for (;;) {
      const one = this.#sequence();
      all = all === null || one === null ? null : [...all, ...one];
      if (this.#source[this.#at] !== '|') return all === null ? null : [...new Set(all)];
      this.#at++;
    }
  }

  /** All parts match, so the best of them stands for the sequence. */
  #sequence(): readonly string[] | null {
    let best: readonly string[] | null = null;
    let run = '';
    const endRun = () => {
      if (isUseful(run)) best = better(best, [run]);
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
      // What asserts nothing and consumes nothing does not part the text before it from the text after it.
      if (part.anyOf !== null && part.anyOf.length === 0) continue;
      endRun();
      if (part.anyOf !== null && least !== 0) best = better(best, part.anyOf);
    }
    endRun();
    return best;
  }

  #part(): Part {
    const char = this.#source[this.#at++]!;
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        this.#skipClass();
        return { anyOf: null };
      case '.':
        return { anyOf: null };
      case '^':
      case '$':
        return { anyOf: [] };
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
    return /[=!]$/.test(opening) ? { anyOf: [] } : { anyOf: inner };
  }

  #skipClass(): void {
    while (!this.atEnd && this.#source[this.#at] !== ']') this.#at += this.#source[this.#at] === '\\' ? 2 : 1;
    this.#at++;
  }

  #escape(): Part {
    const char = this.#source[this.#at++] ?? '';
    if (char === 'b' || char === 'B') return { anyOf: [] };
    if (/[wWdDsSnrtvf0-9]/.test(char)) return { anyOf: null };
    if (char === 'p' || char === 'P') {
      const close = this.#source.indexOf('}', this.#at);
      this.#at = close < 0 ? this.#source.length : close + 1;
      return { anyOf: null };
    }
    if (char === 'u' || char === 'x' || char === 'c' || char === 'k') {
      const length = char === 'u' ? (/^\{[^}]*\}|^.{4}/.exec(this.#source.slice(this.#at))?.[0].length ?? 0) : 2;
      this.#at += length;
      return { anyOf: null };
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

/** The choice whose commonest text is the rarer one; of equals, the shorter list. */
function better(a: readonly string[] | null, b: readonly string[]): readonly string[] {
  if (a === null) return b;
  const [first, second] = [Math.min(...a.map(rarity)), Math.min(...b.map(rarity))];
  return second > first || (second === first && b.length < a.length) ? b : a;
}
