import { alphabetOf, type EditRules, negations } from './editRules';

/** A word: letters, marks and digits, with apostrophes inside. */
const word = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu;

/**
 * Why the rules of edits do not allow a changed text, in words; null where they do. Written apart from the attacks: it aligns both texts
 * word by word and looks at each pair.
 */
export function editRefusal(clean: Float32Array, changed: Float32Array, rules: EditRules): string | null {
  const [before, after] = [textIn(clean), textIn(changed)];
  if (before === null || after === null) return 'it holds something that is no character, or characters behind its end';
  const [from, to] = [before.match(word) ?? [], after.match(word) ?? []];
  if (from.length !== to.length) return 'words were joined, split, added or left out';
  if (before.replace(word, '\0') !== after.replace(word, '\0')) return 'characters between words were changed';
  for (let k = 0; k < from.length; k++) {
    const reason = from[k] === to[k] ? null : wordRefusal(from[k]!, to[k]!, rules);
    if (reason !== null) return reason;
  }
  return null;
}

function wordRefusal(before: string, after: string, { keepEnds, leastLetters, keep }: EditRules): string | null {
  const [a, b] = [[...before], [...after]];
  if (a.length < leastLetters) return `“${before}” has fewer than ${leastLetters} letters`;
  const lower = before.toLowerCase();
  if (negations.has(lower) || keep.includes(lower)) return `“${before}” is to be left alone`;
  if (alphabetOf(before) === null || alphabetOf(after) === null) return `“${before}” is no word of letters alone`;
  if (keepEnds && (a[0] !== b[0] || a.at(-1) !== b.at(-1)))
    return `the first or the last letter of “${before}” was changed`;
  return isOneEdit(a, b) ? null : `“${before}” was edited more than once`;
}

/** Whether one insertion, deletion, substitution or swap of neighbours makes one word of the other. */
function isOneEdit(a: readonly string[], b: readonly string[]): boolean {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}

/** The text of a vector; null where a value is no code point, or stands behind the end. */
function textIn(x: Float32Array): string | null {
  let end = x.length;
  while (end > 0 && x[end - 1] === 0) end--;
  let text = '';
  for (let k = 0; k < end; k++) {
    const value = x[k]!;
    if (!Number.isInteger(value) || value <= 0 || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return null;
    text += String.fromCodePoint(value);
  }
  return text;
}

/**
 * Levenshtein distance of two vectors of code points: insertions, deletions and substitutions, so a swap of neighbours counts as two.
 * Exact: only cells that a path of at most `band` edits can reach are computed, and the band grows until the distance fits in it
 * (Ukkonen 1985).
 */
export function editDistance(clean: Float32Array, changed: Float32Array): number {
  if (!clean.every(Number.isFinite) || !changed.every(Number.isFinite)) return Number.NaN;
  let [a, b] = [trimmed(clean), trimmed(changed)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  a = a.subarray(start);
  b = b.subarray(start);
  let end = 0;
  while (end < a.length && end < b.length && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  a = a.subarray(0, a.length - end);
  b = b.subarray(0, b.length - end);
  const most = Math.max(a.length, b.length);
  for (let band = Math.max(8, Math.abs(a.length - b.length)); ; band *= 2) {
    const distance = within(a, b, Math.min(band, most));
    if (distance <= band || band >= most) return distance;
  }
}

/** The distance if it is at most `band`; else a number above it. */
function within(a: Float32Array, b: Float32Array, band: number): number {
  const far = a.length + b.length + 1;
  let previous = new Int32Array(b.length + 1).fill(far);
  let current = new Int32Array(b.length + 1).fill(far);
  for (let j = 0; j <= Math.min(b.length, band); j++) previous[j] = j;
  for (let i = 1; i <= a.length; i++) {
    const low = Math.max(0, i - band);
    const high = Math.min(b.length, i + band);
    current.fill(far, Math.max(0, low - 1), Math.min(b.length, high + 1) + 1);
    if (low === 0) current[0] = i;
    for (let j = Math.max(1, low); j <= high; j++) {
      const same = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const removed = previous[j]! + 1;
      const added = current[j - 1]! + 1;
      current[j] = Math.min(same, removed, added);
    }
    [previous, current] = [current, previous];
  }
  return previous[b.length]!;
}

/** Without the padding at the end. */
function trimmed(x: Float32Array): Float32Array {
  let end = x.length;
  while (end > 0 && x[end - 1] === 0) end--;
  return x.subarray(0, end);
}
