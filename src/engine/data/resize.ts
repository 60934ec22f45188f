/**
 * Resampling as the Python Imaging Library does it (Pillow, `libImaging/Resample.c`): a convolution whose support grows
 * when the image shrinks, horizontally and then vertically. Networks are trained on images that PIL has resized, and
 * another kernel costs them accuracy. 8-bit images are rounded between the passes with PIL's fixed-point arithmetic,
 * bit for bit; other values are computed in floating point. The order of the passes is that of Pillow before 13, which
 * today's networks were trained with; 13 runs the vertical one first for some sizes, which moves values by rounding.
 */
export type Filter = 'bilinear' | 'bicubic';

const filters: Record<Filter, { readonly support: number; readonly weight: (x: number) => number }> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  // Keys' cubic convolution with a = -0.5.
  bicubic: {
    support: 2,
    weight: (signed) => {
      const a = -0.5;
      const x = Math.abs(signed);
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
      return 0;
    },
  },
};

/** PRECISION_BITS in Resample.c: 32 bits less 8 of the result and 2 for overshoot. */
const precisionBits = 22;

interface Window {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * Resizes each channel of an image [C, H, W]; the result has the type of `image`.
 * @param to [height, width]
 */
export function resizeImage<T extends Uint8Array | Float32Array>(
  image: T,
  shape: readonly number[],
  to: readonly [number, number],
  filter: Filter = 'bicubic',
): T {
  const [channels = 1, height = 1, width = 1] = shape;
  const [newHeight, newWidth] = to;
  let current: Uint8Array | Float32Array = image;
  if (newWidth !== width) {
    current = pass(current, windows(width, newWidth, filter), channels * height, width, 1, newWidth, 1);
  }
  if (newHeight === height) return (current === image ? image.slice() : current) as T;
  const vertical = windows(height, newHeight, filter);
  const result = allocate(image, channels * newHeight * newWidth);
  for (let c = 0; c < channels; c++) {
    const plane = current.subarray(c * height * newWidth, (c + 1) * height * newWidth);
    const resized = pass(plane, vertical, newWidth, 1, newWidth, 1, newWidth);
    result.set(resized, c * newHeight * newWidth);
  }
  return result as T;
}

/** Convolves `lines` lines; a line's elements lie `step` apart, lines lie `lineStep` apart. */
function pass(
  from: Uint8Array | Float32Array,
  taps: readonly Window[],
  lines: number,
  lineStep: number,
  step: number,
  newLineStep: number,
  newStep: number,
): Uint8Array | Float32Array {
  const bytes = from instanceof Uint8Array;
  const to = allocate(from, lines * taps.length);
  const fixed = bytes ? taps.map(({ weights }) => Float64Array.from(weights, toFixed)) : null;
  for (const [position, { first, weights }] of taps.entries()) {
    const used = fixed?.[position] ?? weights;
    for (let line = 0; line < lines; line++) {
      let sum = bytes ? 2 ** (precisionBits - 1) : 0;
      let source = line * lineStep + first * step;
      for (let i = 0; i < used.length; i++, source += step) sum += from[source]! * used[i]!;
      const value = bytes ? Math.min(255, Math.max(0, Math.floor(sum / 2 ** precisionBits))) : sum;
      to[line * newLineStep + position * newStep] = value;
    }
  }
  return to;
}

/** precompute_coeffs of Resample.c: which inputs each output is made of, and their normalised weights. */
function windows(length: number, newLength: number, filter: Filter): readonly Window[] {
  const { support, weight } = filters[filter];
  const scale = length / newLength;
  const stretch = Math.max(1, scale);
  const shrink = 1 / stretch;
  return Array.from({ length: newLength }, (_, position) => {
    const centre = (position + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * stretch + 0.5));
    const end = Math.min(length, Math.trunc(centre + support * stretch + 0.5));
    const weights = new Float64Array(end - first);
    let sum = 0;
    for (let i = 0; i < weights.length; i++) {
      weights[i] = weight((i + first - centre + 0.5) * shrink);
      sum += weights[i]!;
    }
    if (sum !== 0) for (let i = 0; i < weights.length; i++) weights[i] = weights[i]! / sum;
    return { first, weights };
  });
}

function toFixed(weight: number): number {
  return Math.trunc(weight * 2 ** precisionBits + (weight < 0 ? -0.5 : 0.5));
}

function allocate(like: Uint8Array | Float32Array, length: number): Uint8Array | Float32Array {
  return like instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
}
