import { neighbouringKeys } from '../../attack/editsText';
import { inCase, misspelling, pointOf } from './text';

/** A key beside the right one on a QWERTY keyboard; letters that are on none of its keys are doubled instead. */
export const keyboardTypos = misspelling(
  {
    name: 'keyboard_typos',
    title: 'Keyboard typos',
    source: 'Belinkov & Bisk, Synthetic and natural noise both break neural machine translation, ICLR 2018, §3.1 (key)',
  },
  (letters, at, random) => {
    const letter = String.fromCodePoint(letters[at]!);
    const near = neighbouringKeys(letter.toLowerCase());
    if (near === '') letters.splice(at, 0, letters[at]!);
    else letters[at] = inCase(pointOf(near[random.integer(near.length)]!), letter !== letter.toLowerCase());
  },
);
