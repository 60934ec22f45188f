import { requiredTexts } from './requiredText';

/** Every unit beyond ASCII is one symbol: case folding there is not worth a table, and hardly any pattern needs it. */
const otherUnit = 128;

/** The two units beyond ASCII that the flags `iu` take for ASCII letters: the long s, and the sign of the kelvin. */
const longS = 0x17f;
const kelvin = 0x212a;

/** The unit of ASCII that a unit of a text is taken for, capitals for small letters; `otherUnit` for others. */
function fold(code: number): number {
  if (code < otherUnit) return code >= 65 && code <= 90 ? code + 32 : code;
  return code === longS ? 115 : code === kelvin ? 107 : otherUnit;
}

/**
 * Says in one walk over a text which of many patterns can match in it at all, so that the others need not be tried: an
 * Aho-Corasick automaton over the texts that the patterns require (Aho & Corasick 1975).
 */
export class PatternGate {
  /** The column of each unit of ASCII, and of all others; those that no text holds share column 0. */
  readonly #column = new Uint8Array(otherUnit + 1);
  readonly #columns: number;
  /** `next[state * columns + column]`, failures resolved. */
  readonly #next: Uint16Array;
  /** Requirements that a state meets: `met[metFrom[state]]` to `met[metFrom[state + 1]]`. */
  readonly #met: Uint16Array;
  readonly #metFrom: Uint32Array;
  /** Requirements of each pattern, likewise. */
  readonly #needs: Uint16Array;
  readonly #needsFrom: Uint32Array;
  readonly #isMet: Uint8Array;
  readonly #possible: Uint8Array;

  /** @param patterns sources of regular expressions */
  constructor(patterns: readonly string[]) {
    const requirements = new Map<string, { readonly number: number; readonly texts: readonly string[] }>();
    const needs = patterns.map((source) =>
      requiredTexts(source).map((texts) => {
        const key = texts.join('|');
        const known = requirements.get(key) ?? { number: requirements.size, texts };
        requirements.set(key, known);
        return known.number;
      }),
    );
    [this.#needs, this.#needsFrom] = flatten(needs);
    this.#isMet = new Uint8Array(requirements.size);
    this.#possible = new Uint8Array(patterns.length);

    let columns = 1;
    let states = 1;
    for (const { texts } of requirements.values()) {
      for (const text of texts) {
        states += text.length;
        for (let k = 0; k < text.length; k++) {
          const unit = fold(text.charCodeAt(k));
          if (this.#column[unit] === 0) this.#column[unit] = columns++;
        }
      }
    }
    for (let unit = 65; unit <= 90; unit++) this.#column[unit] = this.#column[unit + 32]!;
    this.#columns = columns;
    // No text leads back to the beginning, so that 0 stands for no child as yet.
    const next = new Uint16Array(states * columns);
    const met: number[][] = [[]];
    for (const { number, texts } of requirements.values()) {
      for (const text of texts) {
        let state = 0;
        for (let k = 0; k < text.length; k++) {
          const at = state * columns + this.#column[fold(text.charCodeAt(k))]!;
          if (next[at] === 0) next[at] = met.push([]) - 1;
          state = next[at]!;
        }
        if (!met[state]!.includes(number)) met[state]!.push(number);
      }
    }
    const failure = new Uint16Array(met.length);
    // Breadth first: a failure leads to a shorter text, which is resolved by then.
    const queue = new Uint16Array(met.length);
    let queued = 1;
    for (let head = 0; head < queued; head++) {
      const state = queue[head]!;
      const back = failure[state]! * columns;
      for (const requirement of state === 0 ? [] : met[failure[state]!]!)
        if (!met[state]!.includes(requirement)) met[state]!.push(requirement);
      for (let by = 0; by < columns; by++) {
        const at = state * columns + by;
        const fallback = state === 0 ? 0 : next[back + by]!;
        if (next[at] === 0) next[at] = fallback;
        else {
          failure[next[at]!] = fallback;
          queue[queued++] = next[at]!;
        }
      }
    }
    this.#next = next.slice(0, met.length * columns);
    [this.#met, this.#metFrom] = flatten(met);
  }

  /**
   * By pattern: 0 where it cannot match in `text`. The array is used again by the next call.
   */
  scan(text: string): Uint8Array {
    const next = this.#next;
    const column = this.#column;
    const columns = this.#columns;
    const metFrom = this.#metFrom;
    const met = this.#met;
    const isMet = this.#isMet.fill(0);
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      state = next[state * columns + column[code < otherUnit ? code : fold(code)]!]!;
      for (let k = metFrom[state]!; k < metFrom[state + 1]!; k++) isMet[met[k]!] = 1;
    }
    const possible = this.#possible;
    const needsFrom = this.#needsFrom;
    const needs = this.#needs;
    for (let pattern = 0; pattern < possible.length; pattern++) {
      let k = needsFrom[pattern]!;
      const end = needsFrom[pattern + 1]!;
      while (k < end && isMet[needs[k]!] === 1) k++;
      possible[pattern] = k === end ? 1 : 0;
    }
    return possible;
  }
}

/** Lists one after the other, and where each begins. */
function flatten(lists: readonly Iterable<number>[]): [values: Uint16Array, from: Uint32Array] {
  const values: number[] = [];
  const from = new Uint32Array(lists.length + 1);
  for (const [i, list] of lists.entries()) {
    for (const value of list) values.push(value);
    from[i + 1] = values.length;
  }
  return [Uint16Array.from(values), from];
}
