import { isEditable, usualEditRules } from '../../attack/editRules';
import { RobustnessError } from '../../error';
import type { Random } from '../../random';
import { textLength } from '../../text/codePoints';
import { type Word, wordsOf } from '../../text/words';
import type { Corruption } from '../types';

/** A share at each severity. */
export type Shares = readonly [number, number, number, number, number];

/** Shares of the words that misspellings befall: from careful writing to haste on a telephone. */
export const wordShares: Shares = [0.05, 0.1, 0.2, 0.3, 0.5];

interface Definition {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly shares: Shares;
  /** What the shares are of, in words. */
  readonly of: string;
  /** @param points code points of a text @returns those of the corrupted one */
  change(points: readonly number[], share: number, random: Random): readonly number[];
}

/**
 * Noise in texts as a corruption. Its severities are ours, since the field has no benchmark of them (docs/text.md); each word or
 * character is hit by itself, with the probability of the severity's share.
 */
export function textual({ shares, of, change, ...definition }: Definition): Corruption {
  const shareAt = (severity: number): number => {
    const share = shares[severity - 1];
    if (share !== undefined) return share;
    throw new RobustnessError(
      'spec/severity',
      `Severity ${severity} is not one of 1, 2, 3, 4 and 5.`,
      'List severities from 1 to 5 under `corruptions.severities`.',
    );
  };
  return {
    ...definition,
    kinds: ['text'],
    unbounded: true,
    describe: (severity) => `${Math.round(100 * shareAt(severity))} % of the ${of}`,
    apply(x, _shape, severity, _bounds, random) {
      const corrupted = change(Array.from(x.subarray(0, textLength(x))), shareAt(severity), random);
      const out = new Float32Array(x.length);
      // What outgrows the room behind the longest text is lost at the end.
      for (let i = 0; i < corrupted.length && i < out.length; i++) out[i] = corrupted[i]!;
      return out;
    },
  };
}

/**
 * Noise that befalls single words, each at one of its inner letters: words of four letters and more that do not negate, so that a reader
 * still reads the same.
 * @param misspell changes the letters of a word in place, at a position that is neither the first nor the last
 */
export function misspelling(
  definition: Omit<Definition, 'change' | 'of' | 'shares'>,
  misspell: (letters: number[], at: number, random: Random) => void,
): Corruption {
  return textual({
    ...definition,
    shares: wordShares,
    of: 'words of four letters and more',
    change: (points, share, random) =>
      eachWord(points, (word, letters) => {
        if (!isEditable(word.text, usualEditRules) || random.uniform() >= share) return letters;
        misspell(letters, 1 + random.integer(letters.length - 2), random);
        return letters;
      }),
  });
}

/** The text with each word as `change` gives it back. */
export function eachWord(
  points: readonly number[],
  change: (word: Word, letters: number[]) => readonly number[],
): readonly number[] {
  const out: number[] = [];
  let from = 0;
  for (const word of wordsOf(points)) {
    for (let k = from; k < word.start; k++) out.push(points[k]!);
    for (const point of change(word, points.slice(word.start, word.end))) out.push(point);
    from = word.end;
  }
  for (let k = from; k < points.length; k++) out.push(points[k]!);
  return out;
}

export const pointOf = (character: string): number => character.codePointAt(0)!;

/** The other case of a letter, where it has one of one character. */
export function inCase(point: number, upper: boolean): number {
  const letter = String.fromCodePoint(point);
  const changed = upper ? letter.toUpperCase() : letter.toLowerCase();
  return [...changed].length === 1 ? pointOf(changed) : point;
}
