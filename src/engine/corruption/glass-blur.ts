import { gaussianBlurred } from './filter';
import { imageShape } from './image';
import { withinUnitRange } from './range';
import { floats } from './scratch';
import { inWords, parameters, type SeverityTables } from './severity';
import type { Corruption } from './types';

/** Standard deviation of the blur in pixels, farthest move, rounds. */
const pane: SeverityTables<readonly [sigma: number, reach: number, rounds: number]> = {
  small: [
    [0.05, 1, 1],
    [0.25, 1, 1],
    [0.4, 1, 1],
    [0.25, 1, 2],
    [0.4, 1, 2],
  ],
  large: [
    [0.7, 1, 2],
    [0.9, 2, 1],
    [1, 2, 3],
    [1.1, 3, 2],
    [1.5, 4, 2],
  ],
};

const draws = floats();

/**
 * Blurred, pixels moved about, blurred again: frosted glass. The authors mean to swap neighbours, but what their assignment does to an
 * image of several channels is to copy one over the other; so it is done here, since their figures rest on it.
 */
export const glassBlur: Corruption = {
  name: 'glass_blur',
  title: 'Glass blur',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: glass_blur',
  kinds: ['image'],
  describe: (severity, shape) => {
    const [sigma, reach] = parameters(pane, severity, shape);
    return `σ = ${inWords(sigma)} pixels, moved by up to ${Math.round(reach)}`;
  },
  apply(x, shape, severity, bounds, random) {
    const [channels, height, width] = imageShape(shape);
    const [sigma, far, times] = parameters(pane, severity, shape);
    const [reach, rounds] = [Math.round(far), Math.round(times)];
    const plane = height * width;
    return withinUnitRange(x, shape, bounds, (unit) => {
      const blurred = gaussianBlurred(unit, height, width, sigma);
      // The authors cut to 8 bits here.
      for (let i = 0; i < blurred.length; i++) blurred[i] = Math.floor(255 * blurred[i]! + 1e-9) / 255;
      for (let round = 0; round < rounds; round++) {
        const moves = draws(2 * Math.max(0, height - 2 * reach) * Math.max(0, width - 2 * reach));
        random.fillBetween(0, 1, moves);
        let draw = 0;
        for (let h = height - reach; h > reach; h--) {
          for (let w = width - reach; w > reach; w--) {
            const dx = Math.floor(moves[draw++]! * 2 * reach) - reach;
            const dy = Math.floor(moves[draw++]! * 2 * reach) - reach;
            // At the far edge the loop starts one beyond the image where nothing can be moved.
            if (h >= height || w >= width) continue;
            const from = (h + dy) * width + w + dx;
            for (let c = 0; c < channels; c++) blurred[c * plane + h * width + w] = blurred[c * plane + from]!;
          }
        }
      }
      return gaussianBlurred(blurred, height, width, sigma);
    });
  },
};
