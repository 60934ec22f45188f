/** A word of a text, by the positions of its code points. */
export interface Word {
  readonly start: number;
  /** One past the last. */
  readonly end: number;
  readonly text: string;
}

const part = /[\p{L}\p{M}\p{N}]/u;
const known = new Map<number, boolean>();
/** Kinds of characters that are remembered; a text may hold any. */
const mostKnown = 65_536;
const apostrophes = new Set([0x27, 0x2019]);

/** Whether a code point is a letter, a mark or a digit. */
export function isWordPart(point: number): boolean {
  const cached = known.get(point);
  if (cached !== undefined) return cached;
  const found = point > 0 && part.test(String.fromCodePoint(point));
  if (known.size < mostKnown) known.set(point, found);
  return found;
}

/** The words of a text: letters, marks and digits, with apostrophes inside. @param x code points; 0 ends the text */
export function wordsOf(x: ArrayLike<number>): Word[] {
  const words: Word[] = [];
  let start = -1;
  for (let i = 0; i <= x.length; i++) {
    const point = i < x.length ? x[i]! : 0;
    const inside =
      isWordPart(point) || (start >= 0 && apostrophes.has(point) && i + 1 < x.length && isWordPart(x[i + 1]!));
    if (inside && start < 0) start = i;
    if (!inside && start >= 0) {
      let text = '';
      for (let k = start; k < i; k++) text += String.fromCodePoint(x[k]!);
      words.push({ start, end: i, text });
      start = -1;
    }
    if (point === 0) break;
  }
  return words;
}
