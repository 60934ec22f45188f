import { eachWord, inCase, textual } from './text';

/** Words in capitals, in small letters, or with the case of every letter drawn. */
export const letterCase = textual({
  name: 'letter_case',
  title: 'Letter case',
  source:
    'Eger & Benz, From hero to zéroe: a benchmark of low-level adversarial attacks, AACL 2020 (low-level noise); severities are ours',
  shares: [0.1, 0.2, 0.4, 0.7, 1],
  of: 'words',
  change: (points, share, random) =>
    eachWord(points, (_, letters) => {
      if (random.uniform() >= share) return letters;
      const kind = random.integer(3);
      return letters.map((point) => inCase(point, kind === 2 ? random.integer(2) === 0 : kind === 0));
    }),
});
