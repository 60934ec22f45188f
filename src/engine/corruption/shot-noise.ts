import { imageShape } from './image';
import { poisson } from './poisson';
import { withinUnitRange } from './range';
import { inWords, parameter, type SeverityTable } from './severity';
import type { Corruption } from './types';

/** Photons that make a value of 1: the fewer, the noisier. */
const photons: SeverityTable = {
  small: [500, 250, 100, 75, 50],
  large: [60, 25, 12, 5, 3],
};

/** Each value becomes a count of photons over their number at full brightness: noise of light itself, strongest in relation where it is dark. */
export const shotNoise: Corruption = {
  name: 'shot_noise',
  title: 'Shot noise',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: shot_noise',
  kinds: ['image'],
  describe: (severity, shape) => `λ = ${inWords(parameter(photons, severity, shape))} at full brightness`,
  apply(x, shape, severity, bounds, random) {
    imageShape(shape);
    const most = parameter(photons, severity, shape);
    return withinUnitRange(x, shape, bounds, (unit) => {
      for (let i = 0; i < unit.length; i++) unit[i] = poisson(unit[i]! * most, random) / most;
      return unit;
    });
  },
};
