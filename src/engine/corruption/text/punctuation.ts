import { textual } from './text';

const mark = /\p{P}/u;

/** Punctuation marks are left out or doubled; those within words (apostrophes, hyphens) stay. */
export const punctuation = textual({
  name: 'punctuation',
  title: 'Punctuation',
  source:
    'Eger & Benz, AACL 2020 (intrude); Formento et al., Using punctuation as an adversarial attack on deep learning-based NLP systems, EACL 2023',
  shares: [0.1, 0.25, 0.5, 0.75, 1],
  of: 'punctuation marks',
  change: (points, share, random) =>
    points.flatMap((point, i) => {
      const within = isLetter(points[i - 1]) && isLetter(points[i + 1]);
      if (within || !mark.test(String.fromCodePoint(point)) || random.uniform() >= share) return [point];
      return random.integer(2) === 0 ? [] : [point, point];
    }),
});

function isLetter(point: number | undefined): boolean {
  return point !== undefined && /[\p{L}\p{N}]/u.test(String.fromCodePoint(point));
}
