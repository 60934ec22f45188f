import { requiredText } from './requiredText';

/** Every unit beyond ASCII is one symbol: case folding there is not worth a table, and hardly any pattern needs it. */
const otherSymbol = 128;
const symbols = 129;

/** The symbol of each ASCII unit: capitals are small letters. */
const symbolOf = new Uint8Array(otherSymbol);
for (let code = 0; code < otherSymbol; code++) symbolOf[code] = code >= 65 && code <= 90 ? code + 32 : code;

/** The two units beyond ASCII that the flags `iu` take for ASCII letters: the long s, and the sign of the kelvin. */
const longS = 0x17f;
const kelvin = 0x212a;

function symbol(code: number): number {
  if (code < otherSymbol) return symbolOf[code]!;
  return code === longS ? 115 : code === kelvin ? 107 : otherSymbol;
}

/**
 * Says in one walk over a text which of many patterns can match in it at all, so that the others need not be tried: an
 * Aho-Corasick automaton over the texts that the patterns require (Aho & Corasick 1975).
 */
export class PatternGate {
  /** `next[state * symbols + symbol]`, failures resolved. */
  readonly #next: Uint16Array;
  /** Patterns whose text ends in a state. */
  readonly #found: readonly (readonly number[])[];
  readonly #always: readonly number[];
  readonly #possible: Uint8Array;

  /** @param patterns sources of regular expressions */
  constructor(patterns: readonly string[]) {
    const texts = patterns.map((source) => requiredText(source));
    this.#possible = new Uint8Array(patterns.length);
    this.#always = texts.flatMap((required, i) => (required === null ? [i] : []));
    const children: Map<number, number>[] = [new Map()];
    const found: Set<number>[] = [new Set()];
    for (const [i, required] of texts.entries()) {
      for (const text of required ?? []) {
        let state = 0;
        for (let k = 0; k < text.length; k++) {
          const by = symbol(text.charCodeAt(k));
          let child = children[state]!.get(by);
          if (child === undefined) {
            child = children.length;
            children.push(new Map());
            found.push(new Set());
            children[state]!.set(by, child);
          }
          state = child;
        }
        found[state]!.add(i);
      }
    }
    this.#next = new Uint16Array(children.length * symbols);
    const failure = new Uint16Array(children.length);
    // Breadth first: a failure leads to a shorter text, which is resolved by then.
    const queue = [0];
    for (const state of queue) {
      const back = failure[state]!;
      if (state !== 0) for (const pattern of found[back]!) found[state]!.add(pattern);
      for (let by = 0; by < symbols; by++) {
        const child = children[state]!.get(by);
        const fallback = state === 0 ? 0 : this.#next[back * symbols + by]!;
        this.#next[state * symbols + by] = child ?? fallback;
        if (child === undefined) continue;
        failure[child] = fallback;
        queue.push(child);
      }
    }
    this.#found = found.map((set) => [...set]);
  }

  /**
   * By pattern: 0 where it cannot match in `text`. The array is used again by the next call.
   */
  scan(text: string): Uint8Array {
    const possible = this.#possible;
    const next = this.#next;
    const found = this.#found;
    possible.fill(0);
    for (const pattern of this.#always) possible[pattern] = 1;
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      state = next[state * symbols + symbol(text.charCodeAt(i))]!;
      const here = found[state]!;
      for (let k = 0; k < here.length; k++) possible[here[k]!] = 1;
    }
    return possible;
  }
}
