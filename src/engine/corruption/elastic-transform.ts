import type { Random } from '../random';
import { gaussianBlurred, within } from './filter';
import { imageShape } from './image';
import { withinUnitRange } from './range';
import { floats } from './scratch';
import { inWords, parameters, type SeverityTables } from './severity';
import type { Corruption } from './types';

/** Scale and smoothness of the field of moves, and of the affine move of three points; as shares of the side (of 244, for 224 pixels: a slip of the authors that their figures rest on). */
const stretch: SeverityTables<readonly [scale: number, smoothness: number, affine: number]> = {
  small: [
    [0, 0, 0.08],
    [0.05, 0.2, 0.07],
    [0.08, 0.06, 0.06],
    [0.1, 0.04, 0.05],
    [0.1, 0.03, 0.03],
  ],
  large: [
    [2, 0.7, 0.1],
    [2, 0.08, 0.2],
    [0.05, 0.01, 0.02],
    [0.07, 0.01, 0.02],
    [0.12, 0.01, 0.02],
  ],
};

/** 244 for 224 pixels, 32 for 32; in proportion otherwise. */
const unitOf = (side: number) => (side <= 32 ? 32 : (side * 244) / 224);

/** An affine move of three points of the image, then every pixel moved by a smooth random field (Simard et al. 2003). */
export const elasticTransform: Corruption = {
  name: 'elastic_transform',
  title: 'Elastic transform',
  source: 'Hendrycks & Dietterich 2019, make_cifar_c.py and make_imagenet_c.py: elastic_transform',
  kinds: ['image'],
  describe: (severity, shape) => {
    const [scale, smoothness, affine] = parameters(stretch, severity, shape);
    return `field ${inWords(scale)} smoothed over ${inWords(smoothness)}, points moved by up to ${inWords(affine)} of the side`;
  },
  apply(x, shape, severity, bounds, random) {
    const [, height, width] = imageShape(shape);
    const [scale, smoothness, affine] = parameters(stretch, severity, shape);
    const side = unitOf(Math.min(height, width));
    const back = affineMove(height, width, affine * side, random);
    const field = () => {
      const moves = new Float64Array(height * width);
      random.fillBetween(-1, 1, moves);
      const smooth = gaussianBlurred(moves, height, width, smoothness * side, 'reflect', 3);
      for (let i = 0; i < smooth.length; i++) smooth[i]! *= scale * side;
      return smooth;
    };
    const across = field();
    const down = field();
    return withinUnitRange(x, shape, bounds, (unit) => {
      const [a, b, c, d, e, f] = back;
      const y = rows(height * width);
      const x = columns(height * width);
      for (let h = 0, i = 0; h < height; h++) {
        for (let w = 0; w < width; w++, i++) {
          y[i] = d * w + e * h + f;
          x[i] = a * w + b * h + c;
        }
      }
      const moved = sampled(unit, height, width, 'mirror', y, x);
      for (let h = 0, i = 0; h < height; h++) {
        for (let w = 0; w < width; w++, i++) {
          y[i] = h + down[i]!;
          x[i] = w + across[i]!;
        }
      }
      return sampled(moved, height, width, 'reflect', y, x);
    });
  },
};

type Affine = readonly [number, number, number, number, number, number];

const rows = floats();
const columns = floats();

/** Where each place of the new image comes from, [x; y] = [a b c; d e f]·[x y 1], when three points about the middle move by up to `far` pixels. */
function affineMove(height: number, width: number, far: number, random: Random): Affine {
  const [cx, cy] = [Math.floor(height / 2), Math.floor(width / 2)];
  const third = Math.floor(Math.min(height, width) / 3);
  const from = [cx + third, cy + third, cx + third, cy - third, cx - third, cy - third];
  const to = from.map((value) => value + random.between(-far, far));
  // The affine map from `to` back to `from`: what has been moved is looked up where it was.
  const [x0, y0, x1, y1, x2, y2] = to as [number, number, number, number, number, number];
  const [u0, v0, u1, v1, u2, v2] = from as [number, number, number, number, number, number];
  const area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
  // Three points on a line move nothing that could be undone.
  if (Math.abs(area) < 1e-9) return [1, 0, 0, 0, 1, 0];
  const row = (p0: number, p1: number, p2: number) => {
    const a = ((p1 - p0) * (y2 - y0) - (p2 - p0) * (y1 - y0)) / area;
    const b = ((p2 - p0) * (x1 - x0) - (p1 - p0) * (x2 - x0)) / area;
    return [a, b, p0 - a * x0 - b * y0] as const;
  };
  return [...row(u0, u1, u2), ...row(v0, v1, v2)];
}

/** Planes read at other places, `y` and `x` [height × width], with linear interpolation. */
function sampled(
  values: Float64Array,
  height: number,
  width: number,
  border: 'mirror' | 'reflect',
  y: Float64Array,
  x: Float64Array,
): Float64Array {
  const plane = height * width;
  const result = new Float64Array(values.length);
  for (let i = 0; i < plane; i++) {
    const top = Math.floor(y[i]!);
    const left = Math.floor(x[i]!);
    const down = y[i]! - top;
    const across = x[i]! - left;
    const inside = top >= 0 && left >= 0 && top + 1 < height && left + 1 < width;
    const y0 = (inside ? top : within(top, height, border)) * width;
    const y1 = (inside ? top + 1 : within(top + 1, height, border)) * width;
    const x0 = inside ? left : within(left, width, border);
    const x1 = inside ? left + 1 : within(left + 1, width, border);
    for (let start = 0; start < values.length; start += plane) {
      const upper = values[start + y0 + x0]! * (1 - across) + values[start + y0 + x1]! * across;
      const lower = values[start + y1 + x0]! * (1 - across) + values[start + y1 + x1]! * across;
      result[start + i] = upper * (1 - down) + lower * down;
    }
  }
  return result;
}
