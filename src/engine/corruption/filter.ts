import { floats, integers, remembered } from './scratch';

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
  const plane = height * width;
  const result = new Float64Array(values.length);
  const vertical = kernelOf(down, truncate);
  const horizontal = kernelOf(across, truncate);
  for (let start = 0; start < values.length; start += plane) {
    convolveColumns(values, result, start, height, width, vertical, border);
    convolveRows(result, start, height, width, horizontal, border);
  }
  return result;
}

const kernelOf = remembered((deviation: number, truncate: number) =>
  gaussianKernel(deviation, Math.floor(truncate * deviation + 0.5)),
);

const rowOffsets = integers();

/** Weights along each column of one plane, into `out`. Four columns at a time: a weight and a row are looked up once for all four. */
function convolveColumns(
  values: Float64Array,
  out: Float64Array,
  start: number,
  height: number,
  width: number,
  weights: Float64Array,
  border: Border,
): void {
  const length = weights.length;
  const radius = (length - 1) / 2;
  const rows = rowOffsets(height + 2 * radius);
  for (let i = 0; i < rows.length; i++) rows[i] = start + within(i - radius, height, border) * width;
  for (let h = 0; h < height; h++) {
    const to = start + h * width;
    let w = 0;
    for (; w + 4 <= width; w += 4) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let k = 0; k < length; k++) {
        const weight = weights[k]!;
        const at = rows[h + k]! + w;
        a += weight * values[at]!;
        b += weight * values[at + 1]!;
        c += weight * values[at + 2]!;
        d += weight * values[at + 3]!;
      }
      out[to + w] = a;
      out[to + w + 1] = b;
      out[to + w + 2] = c;
      out[to + w + 3] = d;
    }
    for (; w < width; w++) {
      let sum = 0;
      for (let k = 0; k < length; k++) sum += weights[k]! * values[rows[h + k]! + w]!;
      out[to + w] = sum;
    }
  }
}

const columnOffsets = integers();
const paddedRow = floats();

/** Weights along each row of one plane, in place. */
function convolveRows(
  values: Float64Array,
  start: number,
  height: number,
  width: number,
  weights: Float64Array,
  border: Border,
): void {
  const length = weights.length;
  const radius = (length - 1) / 2;
  const columns = columnOffsets(width + 2 * radius);
  for (let i = 0; i < columns.length; i++) columns[i] = within(i - radius, width, border);
  const padded = paddedRow(columns.length);
  for (let h = 0; h < height; h++) {
    const from = start + h * width;
    for (let i = 0; i < columns.length; i++) padded[i] = values[from + columns[i]!]!;
    let w = 0;
    for (; w + 4 <= width; w += 4) {
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let k = 0; k < length; k++) {
        const weight = weights[k]!;
        a += weight * padded[w + k]!;
        b += weight * padded[w + k + 1]!;
        c += weight * padded[w + k + 2]!;
        d += weight * padded[w + k + 3]!;
      }
      values[from + w] = a;
      values[from + w + 1] = b;
      values[from + w + 2] = c;
      values[from + w + 3] = d;
    }
    for (; w < width; w++) {
      let sum = 0;
      for (let k = 0; k < length; k++) sum += weights[k]! * padded[w + k]!;
      values[from + w] = sum;
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
  const stride = width + 2 * radius;
  const places = tapPlaces(kernel.length);
  const weights = tapWeights(kernel.length);
  let taps = 0;
  for (let i = 0; i < kernel.length; i++) {
    if (kernel[i] === 0) continue;
    places[taps] = Math.floor(i / size) * stride + (i % size);
    weights[taps++] = kernel[i]!;
  }
  const columns = columnOffsets(stride);
  for (let i = 0; i < stride; i++) columns[i] = within(i - radius, width, border);
  const padded = paddedPlane(stride * (height + 2 * radius));
  const plane = height * width;
  const result = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += plane) {
    for (let h = 0; h < height + 2 * radius; h++) {
      const from = start + within(h - radius, height, border) * width;
      const to = h * stride;
      for (let w = 0; w < stride; w++) padded[to + w] = values[from + columns[w]!]!;
    }
    for (let h = 0; h < height; h++) {
      const from = h * stride;
      const to = start + h * width;
      let w = 0;
      for (; w + 4 <= width; w += 4) {
        let a = 0;
        let b = 0;
        let c = 0;
        let d = 0;
        for (let k = 0; k < taps; k++) {
          const weight = weights[k]!;
          const at = from + w + places[k]!;
          a += weight * padded[at]!;
          b += weight * padded[at + 1]!;
          c += weight * padded[at + 2]!;
          d += weight * padded[at + 3]!;
        }
        result[to + w] = a;
        result[to + w + 1] = b;
        result[to + w + 2] = c;
        result[to + w + 3] = d;
      }
      for (; w < width; w++) {
        let sum = 0;
        for (let k = 0; k < taps; k++) sum += weights[k]! * padded[from + w + places[k]!]!;
        result[to + w] = sum;
      }
    }
  }
  return result;
}

const tapPlaces = integers();
const tapWeights = floats();
const paddedPlane = floats();
