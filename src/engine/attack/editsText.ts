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

type Kind = 'substitute' | 'remove' | 'swap' | 'insert';

/**
 * All spellings of a word that one edit makes, the kinds in turn and each in random order: substitutions (slips on the keyboard first),
 * deletions, insertions and swaps of neighbours.
 * @param cost edits of more characters are left out
 */
export function spellings(text: EditableText, word: number, rules: EditRules, cost: number, random: Random): Edit[] {
  const { text: own } = text.words[word]!;
  const letters = [...own];
  const alphabet = alphabetOf(own);
  if (alphabet === null) return [];
  const upper = own === own.toUpperCase() && own !== own.toLowerCase();
  const options = [...(upper ? alphabet.toUpperCase() : alphabet)];
  const [first, last] = rules.keepEnds ? [1, letters.length - 2] : [0, letters.length - 1];
  const kinds: Record<Kind, string[][]> = { substitute: [], remove: [], swap: [], insert: [] };
  const slips: string[][] = [];
  for (let at = first; at <= last; at++) {
    const near = neighbouringKeys(letters[at]!.toLowerCase());
    for (const option of options) {
      if (option.toLowerCase() === letters[at]!.toLowerCase()) continue;
      const changed = letters.with(at, option);
      (near.includes(option.toLowerCase()) ? slips : kinds.substitute).push(changed);
    }
    if (letters.length > 1) kinds.remove.push(letters.toSpliced(at, 1));
    if (at < last && letters[at] !== letters[at + 1]) {
      kinds.swap.push(letters.with(at, letters[at + 1]!).with(at + 1, letters[at]!));
    }
  }
  // Between two letters that stay, and at the ends where those need not.
  for (let at = first; at <= last + 1; at++) {
    for (const option of options) kinds.insert.push(letters.toSpliced(at, 0, option));
  }
  const shuffled = {
    substitute: [...shuffle(slips, random), ...shuffle(kinds.substitute, random)],
    remove: shuffle(kinds.remove, random),
    insert: shuffle(kinds.insert, random),
    swap: cost >= 2 ? shuffle(kinds.swap, random) : [],
  };
  const edits: Edit[] = [];
  const seen = new Set([own]);
  const longest = Math.max(...Object.values(shuffled).map((list) => list.length));
  for (let k = 0; k < longest; k++) {
    for (const kind of ['substitute', 'remove', 'insert', 'swap'] as const) {
      const changed = shuffled[kind][k];
      if (changed === undefined) continue;
      const spelt = changed.join('');
      // A letter doubled is the same before and behind its twin.
      if (seen.has(spelt) || alphabetOf(spelt) === null) continue;
      seen.add(spelt);
      edits.push({
        word,
        letters: Array.from(changed, (letter) => letter.codePointAt(0)!),
        cost: kind === 'swap' ? 2 : 1,
      });
    }
  }
  return edits;
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
