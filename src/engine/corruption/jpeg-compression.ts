import { imageShape } from './image';
import { compressColour, compressGrey } from './jpeg';
import { withinUnitRange } from './range';
import { integers } from './scratch';
import { inWords, parameter, type SeverityTable } from './severity';
import type { Corruption } from './types';

/** The codec's quality, 1 to 100. */
const quality: SeverityTable = {
  small: [80, 65, 58, 50, 40],
  large: [25, 18, 15, 10, 7],
};

const levels = integers();

/** Rounded to 8 bits and compressed with loss, colours at half the resolution, as common libraries do by default. */
export const jpegCompression: Corruption = {
  name: 'jpeg_compression',
  title: 'JPEG compression',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: jpeg_compression; ITU-T T.81',
  kinds: ['image'],
  describe: (severity, shape) => `quality ${inWords(Math.round(parameter(quality, severity, shape)))}`,
  apply(x, shape, severity, bounds) {
    const [channels, height, width] = imageShape(shape);
    const level = Math.round(parameter(quality, severity, shape));
    const plane = height * width;
    return withinUnitRange(x, shape, bounds, (unit) => {
      const all = levels(unit.length);
      for (let i = 0; i < unit.length; i++) all[i] = Math.round(255 * Math.min(1, Math.max(0, unit[i]!)));
      const planeOf = (c: number) => all.subarray(c * plane, (c + 1) * plane);
      if (channels === 3) compressColour([planeOf(0), planeOf(1), planeOf(2)], height, width, level);
      else for (let c = 0; c < channels; c++) compressGrey(planeOf(c), height, width, level);
      for (let i = 0; i < unit.length; i++) unit[i] = all[i]! / 255;
      return unit;
    });
  },
};
