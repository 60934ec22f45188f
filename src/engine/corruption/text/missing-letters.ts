import { misspelling } from './text';

/** An inner letter is left out. */
export const missingLetters = misspelling(
  {
    name: 'missing_letters',
    title: 'Missing letters',
    source:
      'Karpukhin et al., Training on synthetic noise improves robustness to natural noise in machine translation, W-NUT 2019 (deletion); Gao et al., DeepWordBug, SPW 2018',
  },
  (letters, at) => void letters.splice(at, 1),
);
