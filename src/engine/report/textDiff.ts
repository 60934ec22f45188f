import type { TextChange } from './text';

/** Characters that are kept on either side of a change; what lies between is left out of a long text. */
const context = 120;
const word = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu;

type Piece = TextChange['pieces'][number];

/**
 * A text and what became of it, in pieces: equal where nothing was changed, and of a changed word only the characters that differ. Long
 * unchanged stretches are cut down to what is near a change.
 */
export function textPieces(before: string, after: string): Piece[] {
  const [from, to] = [[...before.matchAll(word)], [...after.matchAll(word)]];
  const pieces: Piece[] = [];
  const same = before.split(word).join('\0') === after.split(word).join('\0') && from.length === to.length;
  if (!same) return shortened(joined(differing(before, after)));
  let [a, b] = [0, 0];
  from.forEach((match, k) => {
    const other = to[k]!;
    pieces.push({ before: before.slice(a, match.index), after: after.slice(b, other.index) });
    pieces.push(...differing(match[0], other[0]));
    a = match.index + match[0].length;
    b = other.index + other[0].length;
  });
  pieces.push({ before: before.slice(a), after: after.slice(b) });
  return shortened(joined(pieces));
}

/** What is the same at the start, what differs, and what is the same at the end; by code points. */
function differing(before: string, after: string): Piece[] {
  const [a, b] = [[...before], [...after]];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [head, tail] = [a.slice(0, start).join(''), a.slice(a.length - end).join('')];
  return [
    { before: head, after: head },
    { before: a.slice(start, a.length - end).join(''), after: b.slice(start, b.length - end).join('') },
    { before: tail, after: tail },
  ];
}

/** Without empty pieces, and unchanged neighbours as one. */
function joined(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    if (piece.before === '' && piece.after === '') continue;
    const last = out.at(-1);
    if (last && last.before === last.after && piece.before === piece.after) {
      out[out.length - 1] = { before: last.before + piece.before, after: last.after + piece.after };
    } else out.push({ ...piece });
  }
  return out;
}

function shortened(pieces: readonly Piece[]): Piece[] {
  const last = pieces.length - 1;
  return pieces.map((piece, k) => {
    if (piece.before !== piece.after) return piece;
    const letters = [...piece.before];
    const [head, tail] = [k === 0 ? 0 : context, k === last ? 0 : context];
    if (letters.length <= head + tail + 12 && (k > 0 || k < last)) return piece;
    // A text that nothing was done to shows its beginning.
    const [left, right] = pieces.length === 1 ? [2 * context, 0] : [head, tail];
    if (letters.length <= left + right + 12) return piece;
    const text = `${letters.slice(0, left).join('')} … ${right === 0 ? '' : letters.slice(-right).join('')}`;
    return { before: text, after: text };
  });
}
