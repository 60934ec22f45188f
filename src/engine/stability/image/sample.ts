import type { Picture } from './frames';

/** x′ = a·x + b·y + c, y′ = d·x + e·y + f. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];
type Row = readonly [number, number, number];
export type Matrix = readonly [Row, Row, Row];

/**
 * The picture through `source`, which says for the middle of each pixel of the result where in the picture it lies (pixel (0, 0) reaches from 0 to
 * 1). Linear between the middles of pixels; black where the picture does not reach, and unmixed with it at the edge, as Pillow's `transform` does.
 */
export function affineSampled({ unit, channels, height, width }: Picture, source: Affine): Float64Array {
  const [a, b, c, d, e, f] = source;
  const plane = height * width;
  const result = new Float64Array(unit.length);
  for (let h = 0; h < height; h++) {
    for (let w = 0; w < width; w++) {
      const x = a * (w + 0.5) + b * (h + 0.5) + c;
      const y = d * (w + 0.5) + e * (h + 0.5) + f;
      if (x < 0 || x >= width || y < 0 || y >= height) continue;
      const left = Math.floor(x - 0.5);
      const top = Math.floor(y - 0.5);
      const across = x - 0.5 - left;
      const down = y - 0.5 - top;
      const l = Math.max(left, 0);
      const r = Math.min(left + 1, width - 1);
      const t = Math.max(top, 0) * width;
      const u = Math.min(top + 1, height - 1) * width;
      for (let from = 0, to = h * width + w; from < channels * plane; from += plane, to += plane) {
        const upper = unit[from + t + l]! * (1 - across) + unit[from + t + r]! * across;
        const lower = unit[from + u + l]! * (1 - across) + unit[from + u + r]! * across;
        result[to] = upper * (1 - down) + lower * down;
      }
    }
  }
  return result;
}

/**
 * The picture through a projective map: `source` takes [x, y, 1] of the result, in whole pixels, to where it comes from. Linear, and mixed
 * with black at the edge, as OpenCV's `warpPerspective` does (whose coordinates are rounded to 1/32 pixel in some versions; ours are not).
 */
export function projectiveSampled({ unit, channels, height, width }: Picture, source: Matrix): Float64Array {
  const [[a, b, c], [d, e, f], [g, i, j]] = source;
  const plane = height * width;
  const result = new Float64Array(unit.length);
  for (let h = 0; h < height; h++) {
    for (let w = 0; w < width; w++) {
      const scale = g * w + i * h + j;
      const x = (a * w + b * h + c) / scale;
      const y = (d * w + e * h + f) / scale;
      const left = Math.floor(x);
      const top = Math.floor(y);
      if (!(left >= -1 && left < width && top >= -1 && top < height)) continue;
      const across = x - left;
      const down = y - top;
      // Weights of the four neighbours; those outside are black.
      const lt = left >= 0 && top >= 0 ? (1 - across) * (1 - down) : 0;
      const rt = left + 1 < width && top >= 0 ? across * (1 - down) : 0;
      const lb = left >= 0 && top + 1 < height ? (1 - across) * down : 0;
      const rb = left + 1 < width && top + 1 < height ? across * down : 0;
      const at = top * width + left;
      for (let from = 0, to = h * width + w; from < channels * plane; from += plane, to += plane) {
        let value = 0;
        if (lt > 0) value += lt * unit[from + at]!;
        if (rt > 0) value += rt * unit[from + at + 1]!;
        if (lb > 0) value += lb * unit[from + at + width]!;
        if (rb > 0) value += rb * unit[from + at + width + 1]!;
        result[to] = value;
      }
    }
  }
  return result;
}

/** The inverse of a 3 × 3 matrix by its adjugate. */
export function inverse(m: Matrix): Matrix {
  const [[a, b, c], [d, e, f], [g, h, i]] = m;
  const [A, B, C] = [e * i - f * h, f * g - d * i, d * h - e * g];
  const determinant = a * A + b * B + c * C;
  return [
    [A / determinant, (c * h - b * i) / determinant, (b * f - c * e) / determinant],
    [B / determinant, (a * i - c * g) / determinant, (c * d - a * f) / determinant],
    [C / determinant, (b * g - a * h) / determinant, (a * e - b * d) / determinant],
  ];
}
