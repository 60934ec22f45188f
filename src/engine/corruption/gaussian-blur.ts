import { gaussianBlurred } from './filter';
import { imageShape } from './image';
import { withinUnitRange } from './range';
import { inWords, parameter, type SeverityTable } from './severity';
import type { Corruption } from './types';

/** Standard deviation in pixels. */
const sigma: SeverityTable = {
  small: [0.4, 0.6, 0.7, 0.8, 1],
  large: [1, 2, 3, 4, 6],
};

/** Each channel is blurred on its own, columns then rows, edges repeated and the kernel cut at four σ: scikit-image's `gaussian`, mode `nearest`. */
export const gaussianBlur: Corruption = {
  name: 'gaussian_blur',
  title: 'Gaussian blur',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: gaussian_blur (an extra corruption)',
  kinds: ['image'],
  describe: (severity, shape) => `σ = ${inWords(parameter(sigma, severity, shape))} pixels`,
  apply(x, shape, severity, bounds) {
    const [, height, width] = imageShape(shape);
    const deviation = parameter(sigma, severity, shape);
    return withinUnitRange(x, shape, bounds, (unit) => gaussianBlurred(unit, height, width, deviation));
  },
};
