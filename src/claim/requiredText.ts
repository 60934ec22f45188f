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
  const unlike = [...new Map(found.map((one) => [one.join('|'), one])).values()];
  const sorted = unlike.map((texts) => ({ texts, rarity: rarityOf(texts) })).sort(byRarity);
  return sorted.flatMap(({ texts, rarity }, i) => (i === 0 || (i < most && rarity >= 2) ? [texts] : []));
}

/** A single letter stands in nearly every sentence; a percent sign, or one beyond ASCII, does not. */
const isUseful = (text: string) => text.trim().length >= 2 || rareSign.test(text);
const rareSign = /[%&=+]|[^\x20-\x7f]/;

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
    return [[...new Set(all.flatMap(rarest))]];
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
    groupOpening.lastIndex = this.#at;
    const opening = groupOpening.exec(this.#source)?.[0] ?? '';
    const open = this.#at;
    const close = this.#endOfGroup();
    if (/[=!]$/.test(opening)) {
      this.#at = close;
      return assertion;
    }
    // The same lists of words stand in many patterns.
    const group = this.#source.slice(open, close);
    let required = knownGroups.get(group);
    if (required === undefined) {
      this.#at += opening.length;
      required = this.alternatives();
      if (this.#at === close - 1) knownGroups.set(group, required);
    }
    this.#at = close;
    return { required, width: 1 };
  }

  /** The offset after the bracket that closes the group which the reader stands in. */
  #endOfGroup(): number {
    let depth = 1;
    let i = this.#at;
    for (; i < this.#source.length && depth > 0; i++) {
      const code = this.#source.charCodeAt(i);
      // \ [ ( )
      if (code === 92) i++;
      else if (code === 91)
        while (i + 1 < this.#source.length && this.#source.charCodeAt(i) !== 93)
          i += this.#source.charCodeAt(i) === 92 ? 2 : 1;
      else if (code === 40) depth++;
      else if (code === 41) depth--;
    }
    return i;
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
    const char = this.#source[this.#at];
    if (char !== '*' && char !== '+' && char !== '?' && char !== '{') return null;
    quantifier.lastIndex = this.#at;
    const match = quantifier.exec(this.#source);
    if (match === null) return null;
    this.#at += match[0].length;
    return match[0][0] === '+' ? 1 : match[1] === undefined ? 0 : Number(match[1]);
  }
}

const knownGroups = new Map<string, readonly RequiredText[]>();
const groupOpening = /\?(?::|<?[=!]|<[^>]*>)/y;
const quantifier = /(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/y;

const anything: Part = { required: [], width: 1 };
const assertion: Part = { required: [], width: 0 };

/** Words that stand in nearly every sentence. */
const everywhere = new Set(
  'with have has under after from that this against even and the for are was were is in of to on by as at'.split(' '),
);

/** How seldom a text is: its length, within limits. A sign is as rare as a word. */
function rarity(text: string): number {
  let known = rarities.get(text);
  if (known === undefined) {
    const word = text.trim();
    const length = rareSign.test(word) ? word.length + 3 : word.length;
    known = everywhere.has(word) ? 1 : Math.min(5, length);
    rarities.set(text, known);
  }
  return known;
}

const rarities = new Map<string, number>();

/** As rare as the commonest of them. */
function rarityOf(texts: RequiredText): number {
  let least = Number.POSITIVE_INFINITY;
  for (const text of texts) least = Math.min(least, rarity(text));
  return least;
}

interface Weighed {
  readonly texts: RequiredText;
  readonly rarity: number;
}

/** Of equals the shorter list first. */
const byRarity = (a: Weighed, b: Weighed) => b.rarity - a.rarity || a.texts.length - b.texts.length;

/** The first of the list that `byRarity` would put first. */
function rarest(all: readonly RequiredText[]): RequiredText {
  let best = { texts: all[0]!, rarity: rarityOf(all[0]!) };
  for (const texts of all.slice(1)) {
    const one = { texts, rarity: rarityOf(texts) };
    if (byRarity(one, best) < 0) best = one;
  }
  return best.texts;
}
