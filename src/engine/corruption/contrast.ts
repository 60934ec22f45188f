import { imageShape } from './image';
import { withinUnitRange } from './range';
import { inWords, parameter, type SeverityTable } from './severity';
import type { Corruption } from './types';

/** What is left of each value's distance from its channel's mean. */
const kept: SeverityTable = {
  small: [0.75, 0.5, 0.4, 0.3, 0.15],
  large: [0.4, 0.3, 0.2, 0.1, 0.05],
};

/** Moves every value towards the mean of its channel in this image. */
export const contrast: Corruption = {
  name: 'contrast',
  title: 'Contrast',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: contrast',
  kinds: ['image'],
  describe: (severity, shape) => `${inWords(100 * parameter(kept, severity, shape))} % of the contrast kept`,
  apply(x, shape, severity, bounds) {
    const factor = parameter(kept, severity, shape);
    const [, height, width] = imageShape(shape);
    const plane = height * width;
    return withinUnitRange(x, shape, bounds, (unit) => {
      for (let start = 0; start < unit.length; start += plane) {
        let sum = 0;
        for (let i = start; i < start + plane; i++) sum += unit[i]!;
        const mean = sum / plane;
        for (let i = start; i < start + plane; i++) unit[i] = mean + factor * (unit[i]! - mean);
      }
      return unit;
    });
  },
};
