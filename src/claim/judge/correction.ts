import type { Sentence } from '../document/types';
import type { Correction } from '../types';
import type { Contradiction } from './types';

const number = /\d[\d,]*(?:\.\d+)?|\.\d+/;

/**
 * What to write in place of a contradicted figure: the measured one with the decimals that were written, rounded so that "at least"
 * and "at most" stay true. Null where the sentence has no counterpart in the document, as a row of metadata.
 */
export function correctionOf(sentence: Sentence, { figure, measured }: Contradiction): Correction | null {
  const written = sentence.plain.slice(figure.start, figure.end);
  const match = number.exec(written);
  if (!match) return null;
  const end = figure.start + written.trimEnd().length;
  const start = figure.start + match.index;
  const first = sentence.offsets[start];
  const last = sentence.offsets[end - 1];
  if (first === undefined || last === undefined || last - first < end - 1 - start) return null;
  const decimals = /\.(\d+)/.exec(match[0])?.[1]?.length ?? 0;
  const value = rounded((figure.percent ? 100 : 1) * measured.value, decimals, figure.bound);
  // ".62" stays without its nought.
  const digits = match[0].startsWith('.') ? value.replace(/^0\./, '.') : value;
  return {
    start: first - sentence.start,
    end: last + 1 - sentence.start,
    measured,
    replacement: digits + sentence.plain.slice(start + match[0].length, end),
  };
}

function rounded(value: number, decimals: number, bound: 'lower' | 'upper' | null): string {
  const unit = 10 ** decimals;
  // A measured share such as 0.29 is no exact binary number: what is whole to nine digits is whole.
  const scaled = Number((value * unit).toPrecision(9));
  const whole = bound === 'lower' ? Math.floor(scaled) : bound === 'upper' ? Math.ceil(scaled) : Math.round(scaled);
  return (whole / unit).toFixed(decimals);
}
