import { textual } from './text';

/** Letters lose their accents, as on keyboards that have none: é becomes e, ł becomes l. Texts without accents stay as they are. */
export const missingAccents = textual({
  name: 'missing_accents',
  title: 'Missing accents',
  source: 'Náplava et al., Understanding model robustness to user-generated noisy texts, W-NUT 2021 (diacritics)',
  shares: [0.2, 0.4, 0.6, 0.8, 1],
  of: 'letters with accents',
  change: (points, share, random) =>
    points.flatMap((point) => {
      const plain = withoutAccent(point);
      return plain === null || random.uniform() >= share ? [point] : plain;
    }),
});

/** Letters whose stroke is no mark of its own. */
const strokes: Readonly<Record<string, string>> = {
  ł: 'l',
  Ł: 'L',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ħ: 'h',
  ı: 'i',
  ß: 'ss',
};

/** The letter without its marks, nothing for a mark alone; null where there is no accent. */
function withoutAccent(point: number): number[] | null {
  const letter = String.fromCodePoint(point);
  const whole = letter.normalize('NFD');
  const plain = strokes[letter] ?? whole.replace(/[\u0300-\u036f]/gu, '');
  // What falls apart without a mark, such as syllables of Hangul, has no accent.
  return plain === whole ? null : Array.from(plain, (each) => each.codePointAt(0)!);
}
