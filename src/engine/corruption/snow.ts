import { luma } from './colour';
import { imageShape } from './image';
import { motionBlurred } from './motion';
import { withinUnitRange } from './range';
import { inWords, parameters, type SeverityTables } from './severity';
import type { Corruption } from './types';
import { zoomed } from './zoom';

type Fall = readonly [
  mean: number,
  deviation: number,
  size: number,
  threshold: number,
  radius: number,
  sigma: number,
  kept: number,
];

/** Mean and deviation of the noise that flakes are made of, their enlargement, what is no flake; their smear; share of the image's own colour that is kept. */
const fall: SeverityTables<Fall> = {
  small: [
    [0.1, 0.2, 1, 0.6, 8, 3, 0.95],
    [0.1, 0.2, 1, 0.5, 10, 4, 0.9],
    [0.15, 0.3, 1.75, 0.55, 10, 4, 0.9],
    [0.25, 0.3, 2.25, 0.6, 12, 6, 0.85],
    [0.3, 0.3, 1.25, 0.65, 14, 12, 0.8],
  ],
  large: [
    [0.1, 0.3, 3, 0.5, 10, 4, 0.8],
    [0.2, 0.3, 2, 0.5, 12, 4, 0.7],
    [0.55, 0.3, 4, 0.9, 12, 8, 0.7],
    [0.55, 0.3, 4.5, 0.85, 12, 8, 0.65],
    [0.55, 0.3, 2.5, 0.85, 12, 12, 0.55],
  ],
};

/** The image whitened, and flakes on it that fall in one direction, once as drawn and once turned by half a turn. */
export const snow: Corruption = {
  name: 'snow',
  title: 'Snow',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: snow; the smear as in imagecorruptions',
  kinds: ['image'],
  describe: (severity, shape) => {
    const [mean, , , threshold, , , kept] = parameters(fall, severity, shape);
    return `flakes above ${inWords(threshold)} of noise about ${inWords(mean)}, ${inWords(100 * kept)} % of the colour kept`;
  },
  apply(x, shape, severity, bounds, random) {
    const [channels, height, width] = imageShape(shape);
    const [mean, deviation, size, threshold, radius, sigma, kept] = parameters(fall, severity, shape);
    const plane = height * width;
    const noise = new Float64Array(plane);
    random.fillNormal(noise);
    for (let i = 0; i < plane; i++) noise[i] = mean + deviation * noise[i]!;
    let flakes = zoomed(noise, height, width, size);
    for (let i = 0; i < plane; i++) flakes[i] = flakes[i]! < threshold ? 0 : Math.min(1, flakes[i]!);
    flakes = motionBlurred(flakes, height, width, Math.round(radius), sigma, random.between(-135, -45));
    for (let i = 0; i < plane; i++) flakes[i] = Math.round(255 * flakes[i]!) / 255;
    return withinUnitRange(x, shape, bounds, (unit) => {
      const grey = luma(unit, channels, plane);
      const result = new Float64Array(unit.length);
      for (let start = 0; start < unit.length; start += plane) {
        for (let at = 0; at < plane; at++) {
          const own = unit[start + at]!;
          const white = Math.max(own, 1.5 * grey[at]! + 0.5);
          result[start + at] = kept * own + (1 - kept) * white + flakes[at]! + flakes[plane - 1 - at]!;
        }
      }
      return result;
    });
  },
};
