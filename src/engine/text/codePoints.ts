/**
 * A text in data space is the vector of its Unicode code points, padded with 0 to the width of the data set. Float32 holds every
 * code point (at most 0x10FFFF < 2^24) exactly, so batches, journals and shifts work as for any other data.
 */

/** Code points that a text is cut to where the spec states no other number. */
export const mostCharacters = 16_384;
/** What a spec may ask for at most. */
export const largestCharacters = 65_536;

const replacement = 0xfffd;

/** Text that can stand as code points: lone surrogates and NUL, which is the padding, become U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}|\0/gu, '\ufffd');
}

/** Number of code points. */
export function codePointCount(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A low surrogate is the second half of a code point.
    if (unit < 0xdc00 || unit > 0xdfff) count++;
  }
  return count;
}

/**
 * Width of the vectors of a data set: what corruptions and attacks insert must find room, so there is a quarter more than the longest
 * text has, and 16 at least.
 */
export function widthFor(longest: number): number {
  return longest + Math.max(16, Math.ceil(longest / 4));
}

/** Writes the code points of `text` into `out`, and 0 behind them; what does not fit is cut off. Returns how many were written. */
export function encodeText(text: string, out: Float32Array, most = out.length): number {
  let at = 0;
  for (let i = 0; i < text.length && at < most; ) {
    const point = text.codePointAt(i)!;
    i += point > 0xffff ? 2 : 1;
    out[at++] = point === 0 || (point >= 0xd800 && point <= 0xdfff) ? replacement : point;
  }
  out.fill(0, at);
  return at;
}

/** The text of a vector: everything before the first 0. What is no code point becomes U+FFFD. */
export function decodeText(x: Float32Array): string {
  const length = textLength(x);
  let text = '';
  for (let from = 0; from < length; from += 4096) {
    const part = Array.from(x.subarray(from, Math.min(length, from + 4096)), (value) =>
      isCodePoint(value) ? value : replacement,
    );
    text += String.fromCodePoint(...part);
  }
  return text;
}

/** Code points before the padding. */
export function textLength(x: Float32Array): number {
  let length = 0;
  while (length < x.length && x[length] !== 0) length++;
  return length;
}

export function isCodePoint(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
}
