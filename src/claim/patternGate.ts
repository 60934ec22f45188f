import { type RequiredText, requiredTexts } from './requiredText';

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
    const requirements = new Requirements();
    const needs = patterns.map((source) => requiredTexts(source).map((texts) => requirements.numberOf(texts)));
    [this.#needs, this.#needsFrom] = flatten(needs);
    this.#isMet = new Uint8Array(requirements.all.length);
    this.#possible = new Uint8Array(patterns.length);

    let columns = 1;
    let states = 1;
    for (const texts of requirements.all) {
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
    /** By state, the columns of the units that it goes on with. */
    const columnsOf: number[][] = [[]];
    const heads = new Uint16Array(columns);
    for (const [number, texts] of requirements.all.entries()) {
      for (const text of texts) {
        let state = 0;
        for (let k = 0; k < text.length; k++) {
          const at = state * columns + this.#column[fold(text.charCodeAt(k))]!;
          if (next[at] === 0) {
            next[at] = met.push([]) - 1;
            columnsOf[state]!.push(at - state * columns);
            columnsOf.push([]);
          }
          state = next[at]!;
        }
        if (!met[state]!.includes(number)) met[state]!.push(number);
      }
    }
    // Breadth first: a failure leads to a shorter text, which is resolved by then.
    const failure = new Uint16Array(met.length);
    const queue = new Uint16Array(met.length);
    let queued = 1;
    for (let head = 0; head < queued; head++) {
      const state = queue[head]!;
      const row = state * columns;
      const back = failure[state]!;
      if (state > 0)
        for (const requirement of met[back]!) if (!met[state]!.includes(requirement)) met[state]!.push(requirement);
      // As the failure goes on, but for the children.
      const children = columnsOf[state]!;
      for (let k = 0; k < children.length; k++) {
        const child = next[row + children[k]!]!;
        failure[child] = state === 0 ? 0 : next[back * columns + children[k]!]!;
        queue[queued++] = child;
        heads[k] = child;
      }
      if (state > 0) next.copyWithin(row, back * columns, (back + 1) * columns);
      for (let k = 0; k < children.length; k++) next[row + children[k]!] = heads[k]!;
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

/** The lists of texts that patterns require, each once. */
class Requirements {
  readonly all: RequiredText[] = [];
  readonly #byList = new Map<RequiredText, number>();
  readonly #byTexts = new Map<string, number>();

  numberOf(texts: RequiredText): number {
    // Patterns that share a group share its list too; to spell out its hundred words for each would take a while.
    let number = this.#byList.get(texts);
    if (number !== undefined) return number;
    const key = texts.join('|');
    number = this.#byTexts.get(key);
    if (number === undefined) {
      number = this.all.push(texts) - 1;
      this.#byTexts.set(key, number);
    }
    this.#byList.set(texts, number);
    return number;
  }
}

/** Lists one after the other, and where each begins. */
function flatten(lists: readonly (readonly number[])[]): [values: Uint16Array, from: Uint32Array] {
  const from = new Uint32Array(lists.length + 1);
  for (let i = 0; i < lists.length; i++) from[i + 1] = from[i]! + lists[i]!.length;
  const values = new Uint16Array(from[lists.length]!);
  for (let i = 0, at = 0; i < lists.length; i++) {
    const list = lists[i]!;
    for (let k = 0; k < list.length; k++) values[at++] = list[k]!;
  }
  return [values, from];
}
