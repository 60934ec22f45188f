import { imageShape } from './image';
import { compressColour, compressGrey } from './jpeg';
import { withinUnitRange } from './range';
import { inWords, parameter, type SeverityTable } from './severity';
import type { Corruption } from './types';

/** The codec's quality, 1 to 100. */
const quality: SeverityTable = {
  small: [80, 65, 58, 50, 40],
  large: [25, 18, 15, 10, 7],
};

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
      const planes = Array.from({ length: channels }, (_, c) => {
        const levels = new Int32Array(plane);
        for (let i = 0; i < plane; i++) levels[i] = Math.round(255 * Math.min(1, Math.max(0, unit[c * plane + i]!)));
        return levels;
      });
      const [first, second, third] = planes;
      if (channels === 3) compressColour([first!, second!, third!], height, width, level);
      else for (const each of planes) compressGrey(each, height, width, level);
      const result = new Float64Array(unit.length);
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < plane; i++) result[c * plane + i] = planes[c]![i]! / 255;
      }
      return result;
    });
  },
};
