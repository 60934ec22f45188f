import { withSaturation } from './colour';
import { imageShape } from './image';
import { withinUnitRange } from './range';
import { inWords, parameters, type SeverityTables } from './severity';
import type { Corruption } from './types';

/** Factor and addend of the saturation. */
const change: SeverityTables<readonly [factor: number, added: number]> = {
  small: [
    [0.3, 0],
    [0.1, 0],
    [1.5, 0],
    [2, 0.1],
    [2.5, 0.2],
  ],
  large: [
    [0.3, 0],
    [0.1, 0],
    [2, 0],
    [5, 0.1],
    [20, 0.2],
  ],
};

/** Colours paler (severities 1 and 2) or stronger (3 to 5). Images without three channels have no saturation and stay as they are. */
export const saturate: Corruption = {
  name: 'saturate',
  title: 'Saturation',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: saturate (an extra corruption)',
  kinds: ['image'],
  colour: true,
  describe: (severity, shape) => {
    const [factor, added] = parameters(change, severity, shape);
    return `S · ${inWords(factor)} + ${inWords(added)}`;
  },
  apply(x, shape, severity, bounds) {
    const [channels] = imageShape(shape);
    const [factor, added] = parameters(change, severity, shape);
    return withinUnitRange(x, shape, bounds, (unit) => (channels === 3 ? withSaturation(unit, factor, added) : unit));
  },
};
