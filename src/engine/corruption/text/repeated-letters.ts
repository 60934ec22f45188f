import { neighbouringKeys } from '../../attack/editsText';
import { misspelling, pointOf } from './text';

/** An inner letter is typed twice, or as often together with the key beside it. */
export const repeatedLetters = misspelling(
  {
    name: 'repeated_letters',
    title: 'Repeated and stray letters',
    source: 'Karpukhin et al., W-NUT 2019 (insertion); Gao et al., DeepWordBug, SPW 2018',
  },
  (letters, at, random) => {
    const near = neighbouringKeys(String.fromCodePoint(letters[at]!).toLowerCase());
    const stray = near !== '' && random.integer(2) === 0;
    letters.splice(at, 0, stray ? pointOf(near[random.integer(near.length)]!) : letters[at]!);
  },
);
