import { imageShape } from './image';
import { withinUnitRange } from './range';
import { inWords, parameter, type SeverityTable } from './severity';
import type { Corruption } from './types';

/** Share of the rows and columns that are left. */
const left: SeverityTable = {
  small: [0.95, 0.9, 0.85, 0.75, 0.65],
  large: [0.6, 0.5, 0.4, 0.3, 0.25],
};

/** Made smaller, each new pixel the mean of those that it covers, and enlarged again by repeating pixels. */
export const pixelate: Corruption = {
  name: 'pixelate',
  title: 'Pixelate',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: pixelate',
  kinds: ['image'],
  describe: (severity, shape) => `${inWords(100 * parameter(left, severity, shape))} % of the rows and columns`,
  apply(x, shape, severity, bounds) {
    const [, height, width] = imageShape(shape);
    const share = parameter(left, severity, shape);
    const rows = boxes(height, share);
    const columns = boxes(width, share);
    const plane = height * width;
    return withinUnitRange(x, shape, bounds, (unit) => {
      const result = new Float64Array(unit.length);
      for (let start = 0; start < unit.length; start += plane) {
        for (let h = 0; h < height; h++) {
          const [top, bottom] = [rows.from[h]!, rows.to[h]!];
          for (let w = 0; w < width; w++) {
            const [first, last] = [columns.from[w]!, columns.to[w]!];
            let sum = 0;
            for (let y = top; y < bottom; y++) {
              for (let i = first; i < last; i++) sum += unit[start + y * width + i]!;
            }
            result[start + h * width + w] = sum / ((bottom - top) * (last - first));
          }
        }
      }
      return result;
    });
  },
};

/** For each place of the image: the run of places that its pixel is the mean of, as Pillow's box filter and its nearest neighbour choose them. */
function boxes(length: number, share: number): { from: Int32Array; to: Int32Array } {
  const small = Math.max(1, Math.trunc(length * share));
  const scale = length / small;
  const from = new Int32Array(length);
  const to = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const pixel = Math.min(small - 1, Math.floor(((i + 0.5) * small) / length));
    const centre = (pixel + 0.5) * scale;
    const reach = scale / 2;
    from[i] = Math.max(0, Math.trunc(centre - reach + 0.5));
    to[i] = Math.max(from[i]! + 1, Math.min(length, Math.trunc(centre + reach + 0.5)));
  }
  return { from, to };
}
