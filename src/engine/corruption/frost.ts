import { crystals } from './crystals';
import { imageShape } from './image';
import { withinUnitRange } from './range';
import { inWords, parameters, type SeverityTables } from './severity';
import type { Corruption } from './types';

/** Shares of the image and of the frost in the sum. */
const cover: SeverityTables<readonly [image: number, frost: number]> = {
  small: [
    [1, 0.2],
    [1, 0.3],
    [0.9, 0.4],
    [0.85, 0.4],
    [0.75, 0.45],
  ],
  large: [
    [1, 0.4],
    [0.8, 0.6],
    [0.7, 0.7],
    [0.65, 0.7],
    [0.6, 0.75],
  ],
};

/** Ice on the lens. The authors lay photographs of frost over the image; here it is drawn (see `crystals`), as bright and as uneven as theirs. */
export const frost: Corruption = {
  name: 'frost',
  title: 'Frost',
  source:
    'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: frost (constants; the frost itself is drawn)',
  kinds: ['image'],
  describe: (severity, shape) => {
    const [image, ice] = parameters(cover, severity, shape);
    return `${inWords(image)} of the image and ${inWords(ice)} of frost`;
  },
  apply(x, shape, severity, bounds, random) {
    const [channels, height, width] = imageShape(shape);
    const [image, ice] = parameters(cover, severity, shape);
    const layer = crystals(channels, height, width, random);
    return withinUnitRange(x, shape, bounds, (unit) => {
      const result = new Float64Array(unit.length);
      for (let i = 0; i < unit.length; i++) result[i] = image * unit[i]! + ice * layer[i]!;
      return result;
    });
  },
};
