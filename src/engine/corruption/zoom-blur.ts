import { imageShape } from './image';
import { withinUnitRange } from './range';
import { remembered } from './scratch';
import { inWords, parameters, type SeverityTables } from './severity';
import type { Corruption } from './types';
import { addZoomed } from './zoom';

/** Largest enlargement, and the steps to it from 1. */
const zoom: SeverityTables<readonly [end: number, step: number]> = {
  small: [
    [1.06, 0.01],
    [1.11, 0.01],
    [1.16, 0.01],
    [1.21, 0.01],
    [1.26, 0.01],
  ],
  large: [
    [1.11, 0.01],
    [1.16, 0.01],
    [1.21, 0.02],
    [1.26, 0.02],
    [1.31, 0.03],
  ],
};

/** The mean of the image and of ever larger ones of its middle: a camera that moves towards the scene. */
export const zoomBlur: Corruption = {
  name: 'zoom_blur',
  title: 'Zoom blur',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: zoom_blur',
  kinds: ['image'],
  describe: (severity, shape) => `enlarged by up to ${inWords(parameters(zoom, severity, shape)[0])}`,
  apply(x, shape, severity, bounds) {
    const [, height, width] = imageShape(shape);
    const factors = steps(...parameters(zoom, severity, shape));
    return withinUnitRange(x, shape, bounds, (unit) => {
      const sum = unit.slice();
      for (const factor of factors) addZoomed(unit, sum, height, width, factor);
      for (let i = 0; i < sum.length; i++) sum[i]! /= factors.length + 1;
      return sum;
    });
  },
};

const steps = remembered(stepsTo);

/** What numpy's `arange(1, end, step)` gives, whose rounding lets the end itself in at times. */
export function stepsTo(end: number, step: number): number[] {
  const count = Math.ceil((end - 1) / step);
  const delta = 1 + step - 1;
  return Array.from({ length: count }, (_, i) => 1 + i * delta);
}
