import { filtered, gaussianKernel } from './filter';
import { imageShape } from './image';
import { withinUnitRange } from './range';
import { inWords, parameters, type SeverityTables } from './severity';
import type { Corruption } from './types';

/** Radius of the disk in pixels, and standard deviation of the blur of its edge. */
const lens: SeverityTables<readonly [radius: number, edge: number]> = {
  small: [
    [0.3, 0.4],
    [0.4, 0.5],
    [0.5, 0.6],
    [1, 0.2],
    [1.5, 0.1],
  ],
  large: [
    [3, 0.1],
    [4, 0.5],
    [6, 0.5],
    [8, 0.5],
    [10, 0.5],
  ],
};

/** Every point becomes a disk, as in a lens that is out of focus. */
export const defocusBlur: Corruption = {
  name: 'defocus_blur',
  title: 'Defocus blur',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: defocus_blur',
  kinds: ['image'],
  describe: (severity, shape) => `radius ${inWords(parameters(lens, severity, shape)[0])} pixels`,
  apply(x, shape, severity, bounds) {
    const [, height, width] = imageShape(shape);
    const kernel = disk(...parameters(lens, severity, shape));
    return withinUnitRange(x, shape, bounds, (unit) => filtered(unit, height, width, kernel));
  },
};

/** A normalised disk on 17 × 17 points (from 8 pixels on, as many as it needs), its edge smoothed over 3 × 3 (5 × 5) points. */
export function disk(radius: number, edge: number): Float64Array {
  const reach = radius <= 8 ? 8 : Math.ceil(radius);
  const size = 2 * reach + 1;
  const kernel = new Float64Array(size * size);
  let sum = 0;
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      if (x * x + y * y > radius * radius) continue;
      kernel[(y + reach) * size + x + reach] = 1;
      sum++;
    }
  }
  for (let i = 0; i < kernel.length; i++) kernel[i]! /= sum;
  const along = gaussianKernel(edge, radius <= 8 ? 1 : 2);
  const smoothing = Float64Array.from({ length: along.length ** 2 }, (_, i) => {
    return along[Math.floor(i / along.length)]! * along[i % along.length]!;
  });
  return filtered(kernel, size, size, smoothing);
}
