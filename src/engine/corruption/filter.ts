/** What lies beyond an edge: `nearest` repeats the last value; `reflect` is b a | a b c | c b, `mirror` c b | a b c | b a. */
export type Border = 'nearest' | 'reflect' | 'mirror';

/** Position within 0..length-1 that stands for `at`, which may lie anywhere. */
export function within(at: number, length: number, border: Border): number {
  if (at >= 0 && at < length) return at;
  if (border === 'nearest' || length === 1) return at < 0 ? 0 : length - 1;
  const period = border === 'reflect' ? 2 * length : 2 * length - 2;
  const folded = ((at % period) + period) % period;
  if (folded < length) return folded;
  return border === 'reflect' ? period - 1 - folded : period - folded;
}

/** Normalised Gaussian weights at offsets -radius..radius. A deviation of 0 leaves everything as it is. */
export function gaussianKernel(deviation: number, radius: number): Float64Array {
  if (!(deviation > 0)) return Float64Array.of(1);
  const weights = new Float64Array(2 * radius + 1);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    weights[i] = Math.exp(-0.5 * ((i - radius) / deviation) ** 2);
    sum += weights[i]!;
  }
  for (let i = 0; i < weights.length; i++) weights[i]! /= sum;
  return weights;
}

/**
 * Each plane of `values` [planes, height, width] blurred on its own, columns then rows: scikit-image's and scipy's `gaussian`.
 * The kernel is cut at `truncate` standard deviations.
 * @param deviation pixels; [down, across] where they differ
 */
export function gaussianBlurred(
  values: Float64Array,
  height: number,
  width: number,
  deviation: number | readonly [number, number],
  border: Border = 'nearest',
  truncate = 4,
): Float64Array {
  const [down, across] = typeof deviation === 'number' ? [deviation, deviation] : deviation;
  const kernel = (sigma: number) => gaussianKernel(sigma, Math.floor(truncate * sigma + 0.5));
  const plane = height * width;
  const result = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += plane) {
    convolveLines(
      values,
      result,
      kernel(down),
      { start, lines: width, lineStep: 1, length: height, step: width },
      border,
    );
    convolveLines(
      result,
      result,
      kernel(across),
      { start, lines: height, lineStep: width, length: width, step: 1 },
      border,
    );
  }
  return result;
}

interface Lines {
  readonly start: number;
  readonly lines: number;
  readonly lineStep: number;
  /** Values of a line, `step` apart. */
  readonly length: number;
  readonly step: number;
}

/** Symmetric weights along each line; `out` may be `values`. */
function convolveLines(
  values: Float64Array,
  out: Float64Array,
  weights: Float64Array,
  { start, lines, lineStep, length, step }: Lines,
  border: Border,
): void {
  const radius = (weights.length - 1) / 2;
  const padded = new Float64Array(length + 2 * radius);
  const source = Int32Array.from({ length: padded.length }, (_, i) => within(i - radius, length, border) * step);
  for (let line = 0; line < lines; line++) {
    const from = start + line * lineStep;
    for (let i = 0; i < padded.length; i++) padded[i] = values[from + source[i]!]!;
    for (let at = 0; at < length; at++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * padded[at + k]!;
      out[from + at * step] = sum;
    }
  }
}

/**
 * Each plane correlated with a square kernel [size, size], size odd: OpenCV's `filter2D`. Zero weights cost nothing.
 */
export function filtered(
  values: Float64Array,
  height: number,
  width: number,
  kernel: ArrayLike<number>,
  border: Border = 'mirror',
): Float64Array {
  const size = Math.round(Math.sqrt(kernel.length));
  const radius = (size - 1) / 2;
  const result = new Float64Array(values.length);
  const columns = Int32Array.from({ length: width + 2 * radius }, (_, i) => within(i - radius, width, border));
  for (let ky = 0; ky < size; ky++) {
    for (let kx = 0; kx < size; kx++) {
      const weight = kernel[ky * size + kx]!;
      if (weight === 0) continue;
      for (let row = 0; row * width < values.length; row++) {
        const h = row % height;
        const from = (row - h) * width + within(h + ky - radius, height, border) * width;
        const to = row * width;
        for (let w = 0; w < width; w++) result[to + w]! += weight * values[from + columns[w + kx]!]!;
      }
    }
  }
  return result;
}
