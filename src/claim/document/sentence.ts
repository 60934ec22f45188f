/** [start, end) in the text that was split. */
export type Span = readonly [start: number, end: number];

/** Words that carry a full stop without ending a sentence. */
const abbreviations = new Set(
  'e.g i.e eg ie cf vs resp approx ca fig figs eq eqs sec secs tab no nos vol ch al dr mr mrs ms prof st inc ltd dept est min max avg std ref refs w.r.t a.k.a'.split(
    ' ',
  ),
);

const closing = /["'”’)\]»*_]/;
const space = /\s/;

/** The word (letters and inner dots) that ends just before `end`. */
function wordBefore(text: string, end: number): string {
  let start = end;
  while (start > 0 && end - start < 12 && /[\p{L}.]/u.test(text[start - 1]!)) start--;
  return text.slice(start, end).toLowerCase();
}

function endsSentence(text: string, at: number, next: number): boolean {
  if (text[at] !== '.') return true;
  const word = wordBefore(text, at);
  if (abbreviations.has(word)) return false;
  if (word === 'pp') return !/\d/.test(text[next] ?? '');
  // An initial: "J. Smith"; but "plan B. Then" is rare enough to lose.
  if (/^\p{L}$/u.test(word) && /\p{Lu}/u.test(text[at - 1]!)) return false;
  // A sentence begins with a capital, a digit, a quote or a symbol; a small letter after a stop is an unknown abbreviation.
  return !/\p{Ll}/u.test(text[next]!);
}

/**
 * Splits running text into sentences. Stops inside numbers, versions, file names and abbreviations do not split:
 * a boundary needs white space after it.
 *
 * @returns spans in order, without the white space between them; none is empty
 */
export function splitSentences(text: string): Span[] {
  const spans: Span[] = [];
  const push = (from: number, to: number) => {
    let [start, end] = [from, to];
    while (start < end && space.test(text[start]!)) start++;
    while (end > start && space.test(text[end - 1]!)) end--;
    if (end > start) spans.push([start, end]);
  };
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '。' || char === '！' || char === '？') {
      push(start, i + 1);
      start = i + 1;
      continue;
    }
    if (char !== '.' && char !== '!' && char !== '?' && char !== '…') continue;
    let end = i + 1;
    while (end < text.length && (/[.!?…]/.test(text[end]!) || closing.test(text[end]!))) end++;
    let next = end;
    while (next < text.length && space.test(text[next]!)) next++;
    if (next === end && next < text.length) {
      i = end - 1;
      continue;
    }
    if (next >= text.length || endsSentence(text, i, next)) {
      push(start, end);
      start = end;
    }
    i = end - 1;
  }
  push(start, text.length);
  return spans;
}
