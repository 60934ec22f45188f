/** [start, end) in the text that was split. */
export type Span = readonly [start: number, end: number];

/** Words that carry a full stop without ending a sentence. */
const abbreviations = new Set(
  'e.g i.e eg ie cf vs resp approx ca fig figs eq eqs sec secs tab no nos vol ch al dr mr mrs ms prof st inc ltd dept est min max avg std ref refs w.r.t a.k.a'.split(
    ' ',
  ),
);

const closing = /["'”’)\]»*_]/;
/** A letter or a stop. */
const wordUnit = /[\p{L}.]/u;

const isWordUnit = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  if (code < 128) return code === 46 || (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
  return wordUnit.test(text[at]!);
};

/** As `\s`. */
const isSpace = (code: number): boolean =>
  code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || (code > 0xff && /\s/.test(String.fromCharCode(code)));

/** The word (letters and inner dots) that ends just before `end`. */
function wordBefore(text: string, end: number): string {
  let start = end;
  while (start > 0 && end - start < 12 && isWordUnit(text, start - 1)) start--;
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

const [stop, exclamation, question, ellipsis, fullStop, fullExclamation, fullQuestion] = [...'.!?…。！？'].map((char) =>
  char.charCodeAt(0),
);

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
    while (start < end && isSpace(text.charCodeAt(start))) start++;
    while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
    if (end > start) spans.push([start, end]);
  };
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 63 && code < 0x2026) continue;
    if (code === fullStop || code === fullExclamation || code === fullQuestion) {
      push(start, i + 1);
      start = i + 1;
      continue;
    }
    if (code !== stop && code !== exclamation && code !== question && code !== ellipsis) continue;
    let end = i + 1;
    while (end < text.length && (/[.!?…]/.test(text[end]!) || closing.test(text[end]!))) end++;
    let next = end;
    while (next < text.length && isSpace(text.charCodeAt(next))) next++;
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
