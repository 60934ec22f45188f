import { PatternGate } from './patternGate';
import { splitAlternatives } from './splitAlternatives';

export interface PhraseMatch {
  readonly index: number;
  /** In UTF-16 units of the text. */
  readonly length: number;
}

/** A regular expression as it is written: `RegExp` is one, and so is what is compiled only where it is needed. */
export interface Pattern {
  readonly source: string;
  readonly flags: string;
}

/** Capitals that are not the name of a class: `\S`, `\p{L}`. */
const hasCapitals = /(?<!\\)(?<!\\[pP]\{)[A-Z]|\\u/;

/** Classes by property other than `[\p{L}…]`, and what means another thing without the flag `u`. */
const needsUnicode = /\\p(?!\{L\})|\\P|\\k|[\ud800-\udfff]/;

/** Something beyond ASCII: a text in which all such letters are one does for patterns that name none. */
const otherLetter = /[^\0-\x7f]/;

/** A text as patterns are to see it. */
class Subject {
  readonly text: string;
  #folded: string | null | undefined;
  #plain: string | null | undefined;
  #unlike: boolean | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** In small letters, as the flags `iu` see it; null where that has another length. */
  get folded(): string | null {
    if (this.#folded === undefined) this.#folded = fold(this.text);
    return this.#folded;
  }

  /**
   * `folded` with one letter in place of all that ASCII has not, so that a class of all letters is a short one; null where a
   * character takes two units: elsewhere the flag `u` changes nothing.
   */
  get plain(): string | null {
    if (this.#plain === undefined) this.#plain = this.folded === null ? null : plainOf(this.folded);
    return this.#plain;
  }

  /** Whether a letter is taken for one of ASCII with the flags `iu`, and not with `i` alone. */
  get hasUnlike(): boolean {
    this.#unlike ??= /[\u017f\u212a]/.test(this.text);
    return this.#unlike;
  }
}

/** Units that `iu` takes for others and that small letters keep apart: long s, and two forms of Greek letters. */
const variants: Readonly<Record<string, string>> = { ſ: 's', ϵ: 'ε', ς: 'σ', ϑ: 'θ', ϕ: 'φ', µ: 'μ' };

const ascii = /^[\0-\x7f]*$/;
const letter = /\p{L}/u;

function fold(text: string): string | null {
  const small = text.toLowerCase();
  if (small.length !== text.length) return null;
  return ascii.test(small) ? small : small.replace(/[ſϵςϑϕµ]/g, (unit) => variants[unit]!);
}

/** Stands for all letters beyond ASCII. */
const anyLetter = 'é';

function plainOf(text: string): string | null {
  let hasLetters = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Signs of ASCII and Latin-1, and dashes, quotation marks and the like: what nearly every text has.
    if (code < 0xc0 ? code !== 0xaa && code !== 0xba : code >= 0x2010 && code < 0x2070) continue;
    if (code >= 0xd800 && code <= 0xdfff) return null;
    hasLetters ||= letter.test(text[i]!);
  }
  return hasLetters ? text.replace(/[^\0-\x7f]/g, (unit) => (letter.test(unit) ? anyLetter : unit)) : text;
}

/** One alternative of a pattern, compiled when a text first shares its words: most of a vocabulary never is. */
class Alternative {
  readonly #source: string;
  readonly #flags: string;
  readonly #ignoresCase: boolean;
  readonly #isUnicode: boolean;
  #mayFold: boolean | undefined;
  #maySimplify: boolean | undefined;
  #exact: RegExp | undefined;
  #folded: RegExp | undefined;
  #plain: RegExp | undefined;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags.includes('g') ? flags : `${flags}g`;
    this.#ignoresCase = flags.includes('i');
    this.#isUnicode = flags.includes('u');
  }

  /** Whether it may do without the flag `i` on a text in small letters. */
  get #folds(): boolean {
    this.#mayFold ??= this.#ignoresCase && !hasCapitals.test(this.#source);
    return this.#mayFold;
  }

  /** Whether it may do without the flag `u` besides, on a plain text. */
  get #simple(): boolean {
    this.#maySimplify ??=
      this.#folds &&
      !needsUnicode.test(this.#source) &&
      !otherLetter.test(this.#source) &&
      everyLetterInClass(this.#source);
    return this.#maySimplify;
  }

  /**
   * The first match at or after `from`.
   *
   * With `i` and `u` together a pattern takes many times as long to compile and to run, and with a class of all letters
   * too, so it does without where the text allows.
   */
  exec(subject: Subject, from: number): RegExpExecArray | null {
    if (this.#simple && subject.plain !== null && (this.#isUnicode || !subject.hasUnlike)) {
      this.#plain ??= new RegExp(
        this.#source.replaceAll('\\p{L}', `a-z${anyLetter}`),
        this.#flags.replace(/[iu]/g, ''),
      );
      this.#plain.lastIndex = from;
      return this.#plain.exec(subject.plain);
    }
    if (this.#folds && this.#isUnicode && subject.folded !== null) {
      this.#folded ??= new RegExp(this.#source, this.#flags.replace('i', ''));
      this.#folded.lastIndex = from;
      return this.#folded.exec(subject.folded);
    }
    this.#exact ??= new RegExp(this.#source, this.#flags);
    this.#exact.lastIndex = from;
    return this.#exact.exec(subject.text);
  }
}

/** Whether each `\p{L}` stands in brackets, where `a-z` can stand in its place. */
function everyLetterInClass(source: string): boolean {
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const char = source[i];
    if (char === '\\') {
      if (!inClass && source[i + 1] === 'p') return false;
      i++;
    } else if (inClass) inClass = char !== ']';
    else inClass = char === '[';
  }
  return true;
}

/** Of one pattern, and the number of the first among those of all patterns. */
interface Alternatives {
  readonly first: number;
  readonly all: readonly Alternative[];
}

/**
 * Patterns of many alternatives, of which only those are tried that share their words with the text. The matches are those
 * of the whole pattern: the leftmost, and of those that begin at one place, that of the first alternative.
 */
export class PatternSet {
  readonly #patterns: readonly Pattern[];
  /** Made when a text is first looked at: most programs that know the patterns never ask about one. */
  #alternatives: ReadonlyMap<Pattern, Alternatives> = new Map();
  #gate: PatternGate | undefined;
  #subject = new Subject('');
  #possible: Uint8Array = new Uint8Array();

  constructor(patterns: readonly Pattern[]) {
    this.#patterns = patterns;
  }

  /** Whether any pattern can match at all: a text without their words, most of all texts, is not looked at twice. */
  mayMatch(text: string): boolean {
    this.#look(text);
    return this.#possible.includes(1);
  }

  /** Whether a pattern matches anywhere. */
  test(pattern: Pattern, text: string): boolean {
    this.#look(text);
    const { first, all } = this.#alternatives.get(pattern)!;
    for (let i = 0; i < all.length; i++)
      if (this.#possible[first + i] === 1 && all[i]!.exec(this.#subject, 0) !== null) return true;
    return false;
  }

  /** All matches of a pattern, as `matchAll` gives them with the flag `g`. No pattern of a set may match nothing at all. */
  matches(pattern: Pattern, text: string): readonly PhraseMatch[] {
    this.#look(text);
    const subject = this.#subject;
    const { first, all } = this.#alternatives.get(pattern)!;
    const open: { readonly alternative: Alternative; next: RegExpExecArray }[] = [];
    for (let i = 0; i < all.length; i++) {
      if (this.#possible[first + i] === 0) continue;
      const next = all[i]!.exec(subject, 0);
      if (next !== null) open.push({ alternative: all[i]!, next });
    }
    if (open.length === 0) return none;
    const found: PhraseMatch[] = [];
    let from = 0;
    for (;;) {
      let best: RegExpExecArray | null = null;
      for (let i = 0; i < open.length; i++) {
        const each = open[i]!;
        if (each.next.index < from) {
          const next = each.alternative.exec(subject, from);
          if (next === null) {
            open.splice(i--, 1);
            continue;
          }
          each.next = next;
        }
        if (best === null || each.next.index < best.index) best = each.next;
      }
      if (best === null) return found;
      found.push({ index: best.index, length: best[0].length });
      from = best.index + Math.max(1, best[0].length);
    }
  }

  #look(text: string): void {
    if (text === this.#subject.text && this.#gate !== undefined) return;
    this.#gate ??= this.#prepare();
    this.#possible = this.#gate.scan(text);
    this.#subject = new Subject(text);
  }

  #prepare(): PatternGate {
    const parts: string[] = [];
    const alternatives = new Map<Pattern, Alternatives>();
    for (const pattern of this.#patterns) {
      const { source, flags } = pattern;
      const { before, parts: own, after } = splitAlternatives(source);
      const first = parts.length;
      for (const part of own) parts.push(`${before}(?:${part})${after}`);
      alternatives.set(pattern, { first, all: parts.slice(first).map((part) => new Alternative(part, flags)) });
    }
    this.#alternatives = alternatives;
    return new PatternGate(parts);
  }
}

const none: readonly PhraseMatch[] = [];
