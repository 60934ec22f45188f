import { misspelling } from './text';

/** Two neighbouring inner letters change places; with one inner letter, or where both are the same, nothing changes. */
export const swappedLetters = misspelling(
  {
    name: 'swapped_letters',
    title: 'Swapped letters',
    source: 'Belinkov & Bisk, ICLR 2018, §3.1 (swap); Gao et al., DeepWordBug, SPW 2018',
  },
  (letters, at) => {
    const first = Math.min(at, letters.length - 3);
    const [a, b] = [letters[first]!, letters[first + 1]!];
    letters[first] = b;
    letters[first + 1] = a;
  },
);
