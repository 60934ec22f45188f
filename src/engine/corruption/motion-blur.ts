import { imageShape } from './image';
import { motionBlurred } from './motion';
import { withinUnitRange } from './range';
import { inWords, parameters, type SeverityTables } from './severity';
import type { Corruption } from './types';

/** Half the length of the smear in pixels, and its standard deviation. */
const smear: SeverityTables<readonly [radius: number, sigma: number]> = {
  small: [
    [6, 1],
    [6, 1.5],
    [6, 2],
    [8, 2],
    [9, 2.5],
  ],
  large: [
    [10, 3],
    [15, 5],
    [15, 8],
    [15, 12],
    [20, 15],
  ],
};

/** Smeared in a direction of up to 45° from the horizontal. */
export const motionBlur: Corruption = {
  name: 'motion_blur',
  title: 'Motion blur',
  source: 'Hendrycks & Dietterich 2019: motion_blur; the smear as in Michaelis et al. 2019, imagecorruptions',
  kinds: ['image'],
  describe: (severity, shape) => `σ = ${inWords(parameters(smear, severity, shape)[1])} pixels`,
  apply(x, shape, severity, bounds, random) {
    const [, height, width] = imageShape(shape);
    const [radius, sigma] = parameters(smear, severity, shape);
    const angle = random.between(-45, 45);
    return withinUnitRange(x, shape, bounds, (unit) =>
      motionBlurred(unit, height, width, Math.round(radius), sigma, angle),
    );
  },
};
