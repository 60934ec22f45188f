/** A rotation about the middle of an image, then a shift of it. */
export interface SpatialPoint {
  /** Degrees, counterclockwise as one sees the image. */
  readonly rotation: number;
  /** Pixels to the right. */
  readonly dx: number;
  /** Pixels down. */
  readonly dy: number;
}

export interface SpatialGrid {
  /** Largest rotation, degrees. */
  readonly rotation: number;
  /** Largest shift, as a share of width and height. */
  readonly translation: number;
  /** Rotations, and shifts along each axis; the middle one of each is none. */
  readonly counts: readonly [number, number, number];
}

/**
 * The points of a grid, evenly spread from the largest to one side to the largest to the other, the untouched image first.
 * Shifts are in whole pixels, as in Engstrom et al. (2019), so that translation alone interpolates nothing.
 */
export function gridPoints({ rotation, translation, counts }: SpatialGrid, shape: readonly number[]): SpatialPoint[] {
  const [height = 1, width = 1] = shape.slice(-2);
  const spread = (most: number, count: number) =>
    Array.from({ length: count }, (_, i) => (count === 1 ? 0 : (most * (2 * i - (count - 1))) / (count - 1)));
  const pixels = (size: number, count: number) => [
    // Halves round away from none, to either side alike.
    ...new Set(
      spread(Math.round(translation * size), count).map((shift) => Math.sign(shift) * Math.round(Math.abs(shift)) + 0),
    ),
  ];
  const points = spread(rotation, counts[0]).flatMap((angle) =>
    pixels(width, counts[1]).flatMap((dx) => pixels(height, counts[2]).map((dy) => ({ rotation: angle, dx, dy }))),
  );
  const size = ({ rotation: angle, dx, dy }: SpatialPoint) => Math.abs(angle) + Math.abs(dx) + Math.abs(dy);
  const untouched = { rotation: 0, dx: 0, dy: 0 };
  return [untouched, ...points.filter((point) => size(point) > 0)];
}

/**
 * Rotates and shifts an image by bilinear interpolation (Engstrom et al., Exploring the Landscape of Spatial Robustness, ICML
 * 2019, §3). What comes from outside of the image is `fill`, or the nearest pixel of its border.
 *
 * @param x [C, H, W]
 * @returns [C, H, W]; the image itself, to the bit, where nothing is turned and shifts are whole.
 */
export function transformImage(
  x: Float32Array,
  shape: readonly number[],
  { rotation, dx, dy }: SpatialPoint,
  fill: number | 'border',
): Float32Array {
  const [channels = 1, height = 1, width = 1] = shape;
  const out = new Float32Array(x.length);
  const angle = (rotation * Math.PI) / 180;
  // Rows count downward: counterclockwise to the eye is clockwise in (column, row).
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const area = height * width;
  const edge = fill === 'border';
  const outside = edge ? 0 : fill;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      // Where this pixel comes from: the shift undone, then the rotation.
      const u = column - dx - middleX;
      const v = row - dy - middleY;
      let fromX = cos * u - sin * v + middleX;
      let fromY = sin * u + cos * v + middleY;
      if (edge) {
        fromX = Math.max(0, Math.min(width - 1, fromX));
        fromY = Math.max(0, Math.min(height - 1, fromY));
      }
      const left = Math.floor(fromX);
      const top = Math.floor(fromY);
      const across = fromX - left;
      const down = fromY - top;
      const inLeft = left >= 0 && left < width;
      const inRight = left + 1 >= 0 && left + 1 < width;
      const inTop = top >= 0 && top < height;
      const inBottom = top + 1 >= 0 && top + 1 < height;
      const at = top * width + left;
      for (let channel = 0; channel < channels; channel++) {
        const offset = channel * area;
        const a = inTop && inLeft ? x[offset + at]! : outside;
        const b = inTop && inRight ? x[offset + at + 1]! : outside;
        const c = inBottom && inLeft ? x[offset + at + width]! : outside;
        const d = inBottom && inRight ? x[offset + at + width + 1]! : outside;
        const upper = across === 0 ? a : a + across * (b - a);
        const lower = across === 0 ? c : c + across * (d - c);
        out[offset + row * width + column] = down === 0 ? upper : upper + down * (lower - upper);
      }
    }
  }
  return out;
}
