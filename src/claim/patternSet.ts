import { PatternGate } from './patternGate';
import { splitAlternatives } from './splitAlternatives';

export interface PhraseMatch {
  readonly index: number;
  /** In UTF-16 units of the text. */
  readonly length: number;
}

/** One alternative of a pattern, compiled when a text first shares a word with it: most of a vocabulary never is. */
class Alternative {
  readonly #source: string;
  readonly #flags: string;
  /** Whether it may do without the flag `i` on a text in small letters. */
  readonly #folds: boolean;
  #folded: RegExp | undefined;
  #exact: RegExp | undefined;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags.includes('g') ? flags : `${flags}g`;
    this.#folds = flags.includes('i') && flags.includes('u') && !hasCapitals.test(source);
  }

  /**
   * Begins at 0. With `i` and `u` together a pattern takes many times as long to compile, so where the text is in small
   * letters the pattern does without `i`.
   */
  on(text: FoldedText): RegExp {
    const folds = this.#folds && text.folded !== null;
    let pattern = folds ? this.#folded : this.#exact;
    if (pattern === undefined) {
      pattern = new RegExp(this.#source, folds ? this.#flags.replace('i', '') : this.#flags);
      if (folds) this.#folded = pattern;
      else this.#exact = pattern;
    }
    pattern.lastIndex = 0;
    return pattern;
  }

  /** The text that the pattern of `on` is for. */
  textFor(text: FoldedText, pattern: RegExp): string {
    return pattern === this.#folded ? text.folded! : text.text;
  }
}

/** Capitals that are not the name of a class: `\S`, `\p{L}`. */
const hasCapitals = /(?<!\\)(?<!\\[pP]\{)[A-Z]|\\u/;

interface FoldedText {
  readonly text: string;
  /** In small letters, as the flags `iu` see it; null where that has another length. */
  readonly folded: string | null;
}

/** Units that `iu` takes for others and that small letters keep apart: long s, and two forms of Greek letters. */
const variants: Readonly<Record<string, string>> = { ſ: 's', ϵ: 'ε', ς: 'σ', ϑ: 'θ', ϕ: 'φ', µ: 'μ' };

function fold(text: string): string | null {
  const small = text.toLowerCase();
  if (small.length !== text.length) return null;
  return /^[\0-\x7f]*$/.test(small) ? small : small.replace(/[ſϵςϑϕµ]/g, (unit) => variants[unit]!);
}

/**
 * Patterns of many alternatives, of which only those are tried that share a word with the text. The matches are those of
 * the whole pattern: the leftmost, and of those that begin at one place, that of the first alternative.
 */
export class PatternSet {
  readonly #alternatives = new Map<RegExp, { readonly first: number; readonly all: readonly Alternative[] }>();
  readonly #gate: PatternGate;
  #last: FoldedText = { text: '', folded: '' };
  #possible: Uint8Array;

  constructor(patterns: readonly RegExp[]) {
    const parts: string[] = [];
    for (const pattern of patterns) {
      const { source, flags } = pattern;
      const { before, parts: own, after } = splitAlternatives(source);
      const all = own.map((part) => new Alternative(`${before}(?:${part})${after}`, flags));
      this.#alternatives.set(pattern, { first: parts.length, all });
      parts.push(...own);
    }
    this.#gate = new PatternGate(parts);
    this.#possible = this.#gate.scan('');
  }

  /** Whether a pattern matches anywhere. */
  test(pattern: RegExp, text: string): boolean {
    return this.#open(pattern, text).some((alternative) => {
      const own = alternative.on(this.#last);
      return own.test(alternative.textFor(this.#last, own));
    });
  }

  /** All matches of a pattern, as `matchAll` gives them with the flag `g`. No pattern of a set may match nothing at all. */
  matches(pattern: RegExp, text: string): PhraseMatch[] {
    const open = this.#open(pattern, text).map((alternative) => {
      const own = alternative.on(this.#last);
      const subject = alternative.textFor(this.#last, own);
      return { own, subject, next: own.exec(subject) };
    });
    const found: PhraseMatch[] = [];
    let from = 0;
    for (;;) {
      let best: RegExpExecArray | null = null;
      for (const each of open) {
        if (each.next !== null && each.next.index < from) {
          each.own.lastIndex = from;
          each.next = each.own.exec(each.subject);
        }
        if (each.next !== null && (best === null || each.next.index < best.index)) best = each.next;
      }
      if (best === null) return found;
      found.push({ index: best.index, length: best[0].length });
      from = best.index + Math.max(1, best[0].length);
    }
  }

  /** The alternatives of a pattern that share a word with the text, in their order. */
  #open(pattern: RegExp, text: string): Alternative[] {
    if (text !== this.#last.text) {
      this.#possible = this.#gate.scan(text);
      this.#last = { text, folded: fold(text) };
    }
    const { first, all } = this.#alternatives.get(pattern)!;
    return all.filter((_, i) => this.#possible[first + i] === 1);
  }
}
