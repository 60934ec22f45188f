import type { Random } from '../random';
import { textLength } from '../text/codePoints';
import { type Word, wordsOf } from '../text/words';
import { alphabetOf, type EditRules, isEditable } from './editRules';

/** One word in another spelling. */
export interface Edit {
  /** Position among the words that may be edited. */
  readonly word: number;
  /** Code points in the place of the word's. */
  readonly letters: readonly number[];
  /** Characters edited (Levenshtein): 2 for a swap of neighbours. */
  readonly cost: number;
}

/** A text as the attacks see it. */
export interface EditableText {
  readonly x: Float32Array;
  readonly length: number;
  /** Those that the rules let be edited. */
  readonly words: readonly Word[];
}

export function editableText(x: Float32Array, rules: EditRules): EditableText {
  return { x, length: textLength(x), words: wordsOf(x).filter(({ text }) => isEditable(text, rules)) };
}

/** Letters beside one another on the usual keyboard of the Latin script, rows from top to bottom. */
const rows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

/** Keys that touch a key of a QWERTY keyboard. */
export function neighbouringKeys(letter: string): string {
  const row = rows.findIndex((keys) => keys.includes(letter));
  if (row < 0) return '';
  const at = rows[row]!.indexOf(letter);
  const beside = [rows[row]?.[at - 1], rows[row]?.[at + 1]];
  const above = [rows[row - 1]?.[at], rows[row - 1]?.[at + 1]];
  const below = [rows[row + 1]?.[at], rows[row + 1]?.[at - 1]];
  return [...beside, ...above, ...below].filter((key) => key !== undefined).join('');
}

/** One edit of a word before it is spelt out: what is done, where, and with which letter of the alphabet. */
export type Slip = number;

const kinds = { substitute: 0, remove: 1, insert: 2, swap: 3 } as const;
const places = 2 ** 16;
const pack = (kind: number, at: number, option = 0): Slip => (kind * places + at) * 64 + option;

/** Characters edited (Levenshtein): two of a swap. */
export function slipCost(slip: Slip): number {
  return Math.floor(slip / 64 / places) === kinds.swap ? 2 : 1;
}

/**
 * All that one edit can make of a word, each spelling once, the kinds in turn and each in random order: substitutions (slips on the
 * keyboard first), deletions, insertions and swaps of neighbours.
 * @param cost edits of more characters are left out
 */
export function slipsOf(text: EditableText, word: number, rules: EditRules, cost: number, random: Random): Slip[] {
  const own = text.words[word]!.text;
  const alphabet = alphabetOf(own);
  if (alphabet === null) return [];
  const letters = [...own];
  const lower = [...own.toLowerCase()];
  const options = [...alphabet];
  const put = options.map((letter) => inserting(own, letter));
  const [first, last] = rules.keepEnds ? [1, letters.length - 2] : [0, letters.length - 1];
  const near: Slip[] = [];
  const far: Slip[] = [];
  const removed: Slip[] = [];
  const inserted: Slip[] = [];
  const swapped: Slip[] = [];
  for (let at = first; at <= last; at++) {
    const beside = neighbouringKeys(lower[at]!);
    for (let k = 0; k < options.length; k++) {
      if (options[k] === lower[at]) continue;
      (beside.includes(options[k]!) ? near : far).push(pack(kinds.substitute, at, k));
    }
    // Of two letters that are the same it does not matter which one goes.
    const twin = at < last && letters[at] === letters[at + 1];
    if (!twin && letters.length > 1) removed.push(pack(kinds.remove, at));
    if (cost >= 2 && at < last && !twin) swapped.push(pack(kinds.swap, at));
  }
  for (let at = first; at <= last + 1; at++) {
    for (let k = 0; k < options.length; k++) {
      // A letter doubled is the same before and behind its twin.
      if (at <= last && letters[at] === put[k]) continue;
      inserted.push(pack(kinds.insert, at, k));
    }
  }
  const lists = [
    [...shuffle(near, random), ...shuffle(far, random)],
    shuffle(removed, random),
    shuffle(inserted, random),
    shuffle(swapped, random),
  ];
  const slips: Slip[] = [];
  const longest = Math.max(...lists.map(({ length }) => length));
  for (let k = 0; k < longest; k++) for (const list of lists) if (k < list.length) slips.push(list[k]!);
  return slips;
}

/** The edit that a slip makes. */
export function spelt({ words }: EditableText, word: number, slip: Slip): Edit {
  const own = words[word]!.text;
  const letters = Array.from(own, (letter) => letter.codePointAt(0)!);
  const option = slip % 64;
  const at = Math.floor(slip / 64) % places;
  const letter = () => inserting(own, [...alphabetOf(own)!][option]!).codePointAt(0)!;
  switch (Math.floor(slip / 64 / places)) {
    case kinds.substitute:
      letters[at] = letter();
      break;
    case kinds.remove:
      letters.splice(at, 1);
      break;
    case kinds.insert:
      letters.splice(at, 0, letter());
      break;
    default:
      [letters[at], letters[at + 1]] = [letters[at + 1]!, letters[at]!];
  }
  return { word, letters, cost: slipCost(slip) };
}

/** A letter in the case that it has within a word: capitals within capitals. */
function inserting(word: string, letter: string): string {
  const capitals = word === word.toUpperCase() && word !== word.toLowerCase();
  return capitals ? letter.toUpperCase() : letter;
}

/** All spellings of a word that one edit makes, in the order of {@link slipsOf}. */
export function spellings(text: EditableText, word: number, rules: EditRules, cost: number, random: Random): Edit[] {
  return slipsOf(text, word, rules, cost, random).map((slip) => spelt(text, word, slip));
}

/** The text with words in other spellings; null where it would outgrow the width of the data. */
export function applyEdits({ x, length, words }: EditableText, edits: readonly Edit[]): Float32Array | null {
  const ordered = [...edits].sort((a, b) => words[a.word]!.start - words[b.word]!.start);
  const grown = ordered.reduce(
    (sum, { word, letters }) => sum + letters.length - (words[word]!.end - words[word]!.start),
    0,
  );
  if (length + grown > x.length) return null;
  const out = new Float32Array(x.length);
  let from = 0;
  let to = 0;
  for (const { word, letters } of ordered) {
    const { start, end } = words[word]!;
    out.set(x.subarray(from, start), to);
    to += start - from;
    out.set(letters, to);
    to += letters.length;
    from = end;
  }
  out.set(x.subarray(from, length), to);
  return out;
}

/** The text without one of its words, to see how much that matters. */
export function withoutWord({ x, length, words }: EditableText, word: number): Float32Array {
  const { start, end } = words[word]!;
  const out = new Float32Array(x.length);
  out.set(x.subarray(0, start));
  out.set(x.subarray(end, length), start);
  return out;
}

export function costOf(edits: readonly Edit[]): number {
  let sum = 0;
  for (const { cost } of edits) sum += cost;
  return sum;
}

/** Fisher and Yates, in place. */
export function shuffle<T>(items: T[], random: Random): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}
