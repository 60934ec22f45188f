import { imageShape } from './image';
import { withinUnitRange } from './range';
import { floats } from './scratch';
import { inWords, parameter, type SeverityTable } from './severity';
import type { Corruption } from './types';

/** Standard deviation as a share of the value. */
const sigma: SeverityTable = {
  small: [0.06, 0.1, 0.12, 0.16, 0.2],
  large: [0.15, 0.2, 0.35, 0.45, 0.6],
};

const draws = floats();

/** Normal noise that grows with the value. */
export const speckleNoise: Corruption = {
  name: 'speckle_noise',
  title: 'Speckle noise',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: speckle_noise (an extra corruption)',
  kinds: ['image'],
  describe: (severity, shape) => `σ = ${inWords(parameter(sigma, severity, shape))} of the value`,
  apply(x, shape, severity, bounds, random) {
    imageShape(shape);
    const deviation = parameter(sigma, severity, shape);
    return withinUnitRange(x, shape, bounds, (unit) => {
      const noise = draws(unit.length);
      random.fillNormal(noise);
      for (let i = 0; i < unit.length; i++) unit[i]! += unit[i]! * deviation * noise[i]!;
      return unit;
    });
  },
};
