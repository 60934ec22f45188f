import { imageShape } from './image';
import { withinUnitRange } from './range';
import { floats } from './scratch';
import { inWords, parameter, type SeverityTable } from './severity';
import type { Corruption } from './types';

/** Share of the values that are hit. */
const amount: SeverityTable = {
  small: [0.01, 0.02, 0.03, 0.05, 0.07],
  large: [0.03, 0.06, 0.09, 0.17, 0.27],
};

const draws = floats();

/** Salt and pepper: each value, of each channel on its own, may become the least or the greatest there is (scikit-image's `s&p`). */
export const impulseNoise: Corruption = {
  name: 'impulse_noise',
  title: 'Impulse noise',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: impulse_noise',
  kinds: ['image'],
  describe: (severity, shape) => `${inWords(100 * parameter(amount, severity, shape))} % of the values`,
  apply(x, shape, severity, bounds, random) {
    imageShape(shape);
    const share = parameter(amount, severity, shape);
    return withinUnitRange(x, shape, bounds, (unit) => {
      // For each value whether it is hit, and by which of the two.
      const chance = draws(2 * unit.length);
      random.fillBetween(0, 1, chance);
      for (let i = 0; i < unit.length; i++) if (chance[2 * i]! < share) unit[i] = chance[2 * i + 1]! < 0.5 ? 1 : 0;
      return unit;
    });
  },
};
