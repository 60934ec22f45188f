import { imageShape } from './image';
import { plasma, powerOfTwo } from './plasma';
import { withinUnitRange } from './range';
import { inWords, parameters, type SeverityTables } from './severity';
import type { Corruption } from './types';

/** How much fog, and how smooth it is. */
const density: SeverityTables<readonly [amount: number, decay: number]> = {
  small: [
    [0.2, 3],
    [0.5, 3],
    [0.75, 2.5],
    [1, 2],
    [1.5, 1.75],
  ],
  large: [
    [1.5, 2],
    [2, 2],
    [2.5, 1.7],
    [2.5, 1.5],
    [3, 1.4],
  ],
};

/** Clouds added, and the whole scaled back to the brightness that the image had. */
export const fog: Corruption = {
  name: 'fog',
  title: 'Fog',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: fog',
  kinds: ['image'],
  describe: (severity, shape) => `${inWords(parameters(density, severity, shape)[0])} times the range`,
  apply(x, shape, severity, bounds, random) {
    const [, height, width] = imageShape(shape);
    const [amount, decay] = parameters(density, severity, shape);
    const side = powerOfTwo(Math.max(height, width));
    const clouds = plasma(side, decay, random);
    return withinUnitRange(x, shape, bounds, (unit) => {
      let brightest = 0;
      for (let i = 0; i < unit.length; i++) if (unit[i]! > brightest) brightest = unit[i]!;
      const scale = brightest / (brightest + amount);
      const result = new Float64Array(unit.length);
      for (let row = 0; row * width < unit.length; row++) {
        const from = (row % height) * side;
        for (let w = 0; w < width; w++)
          result[row * width + w] = (unit[row * width + w]! + amount * clouds[from + w]!) * scale;
      }
      return result;
    });
  },
};
