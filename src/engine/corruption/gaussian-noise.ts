import { withinUnitRange } from './range';
import { floats } from './scratch';
import { inWords, parameter, type SeverityTable } from './severity';
import type { Corruption } from './types';

/** Standard deviation as a share of the range of values. */
const sigma: SeverityTable = {
  small: [0.04, 0.06, 0.08, 0.09, 0.1],
  large: [0.08, 0.12, 0.18, 0.26, 0.38],
};

const draws = floats();

/**
 * Independent normal noise on every value. A vector's features share one standard deviation, in units of the data's
 * range, since one example does not tell the features' own spreads.
 */
export const gaussianNoise: Corruption = {
  name: 'gaussian_noise',
  title: 'Gaussian noise',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: gaussian_noise',
  kinds: ['image', 'vector'],
  describe: (severity, shape) => `σ = ${inWords(parameter(sigma, severity, shape))} of the range`,
  apply(x, shape, severity, bounds, random) {
    const deviation = parameter(sigma, severity, shape);
    return withinUnitRange(x, shape, bounds, (unit) => {
      const noise = draws(unit.length);
      random.fillNormal(noise);
      for (let i = 0; i < unit.length; i++) unit[i]! += deviation * noise[i]!;
      return unit;
    });
  },
};
