import { imageShape } from './image';
import { withinUnitRange } from './range';
import { inWords, parameter, type SeverityTable } from './severity';
import type { Corruption } from './types';

/** Standard deviation in pixels. */
const sigma: SeverityTable = {
  small: [0.4, 0.6, 0.7, 0.8, 1],
  large: [1, 2, 3, 4, 6],
};

/** Where the kernel ends, in standard deviations (scikit-image's default). */
const TRUNCATE = 4;

/** Each channel is blurred on its own, rows then columns, edges repeated: scikit-image's `gaussian`, mode `nearest`. */
export const gaussianBlur: Corruption = {
  name: 'gaussian_blur',
  title: 'Gaussian blur',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: gaussian_blur (an extra corruption)',
  kinds: ['image'],
  describe: (severity, shape) => `σ = ${inWords(parameter(sigma, severity, shape))} pixels`,
  apply(x, shape, severity, bounds) {
    const [channels, height, width] = imageShape(shape);
    const weights = kernel(parameter(sigma, severity, shape));
    return withinUnitRange(x, shape, bounds, (unit) => {
      const acrossRows = convolve(unit, weights, channels, height, width, width * height, 1, width);
      return convolve(acrossRows, weights, channels, width, height, width * height, width, 1);
    });
  },
};

/** Normalised Gaussian weights at offsets -radius..radius. */
function kernel(deviation: number): Float64Array {
  const radius = Math.floor(TRUNCATE * deviation + 0.5);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - radius) / deviation) ** 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Convolves along one axis of [channels, ...]: `length` values `step` apart, in `lines` lines `lineStep` apart. */
function convolve(
  values: Float64Array,
  weights: Float64Array,
  channels: number,
  lines: number,
  length: number,
  channelStep: number,
  step: number,
  lineStep: number,
): Float64Array {
  const radius = (weights.length - 1) / 2;
  const padded = new Float64Array(length + 2 * radius);
  const result = new Float64Array(values.length);
  for (let channel = 0; channel < channels; channel++) {
    for (let line = 0; line < lines; line++) {
      const start = channel * channelStep + line * lineStep;
      padded.fill(values[start]!, 0, radius);
      for (let at = 0; at < length; at++) padded[at + radius] = values[start + at * step]!;
      padded.fill(values[start + (length - 1) * step]!, length + radius);
      for (let at = 0; at < length; at++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * padded[at + k]!;
        result[start + at * step] = sum;
      }
    }
  }
  return result;
}
