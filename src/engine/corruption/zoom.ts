import { floats, remembered } from './scratch';

/**
 * The middle of each plane [planes, height, width] enlarged by `factor` (1 or more) with linear interpolation from corner to corner
 * (scipy's `zoom`, order 1). The result is [planes, height, width]: at most one row and column too many are cut off.
 */
export function zoomed(values: Float64Array, height: number, width: number, factor: number): Float64Array {
  const result = new Float64Array(values.length);
  addZoomed(values, result, height, width, factor);
  return result;
}

const across = floats();

/** Adds to `sum` what `zoomed` gives. */
export function addZoomed(
  values: Float64Array,
  sum: Float64Array,
  height: number,
  width: number,
  factor: number,
): void {
  const rows = axis(height, factor);
  const columns = axis(width, factor);
  const { low: left, high: right, share, rest } = columns;
  const plane = height * width;
  const first = rows.low[0]!;
  const last = rows.high[height - 1]!;
  const lines = across((last - first + 1) * width);
  for (let start = 0; start < values.length; start += plane) {
    // Along rows first: a row of the source serves two rows of the result.
    for (let row = first; row <= last; row++) {
      const from = start + row * width;
      const to = (row - first) * width;
      for (let w = 0; w < width; w++)
        lines[to + w] = values[from + left[w]!]! * rest[w]! + values[from + right[w]!]! * share[w]!;
    }
    for (let h = 0; h < height; h++) {
      const upper = (rows.low[h]! - first) * width;
      const lower = (rows.high[h]! - first) * width;
      const down = rows.share[h]!;
      const up = rows.rest[h]!;
      const to = start + h * width;
      for (let w = 0; w < width; w++) sum[to + w]! += lines[upper + w]! * up + lines[lower + w]! * down;
    }
  }
}

/** For each of `length` places: the two source places between which it lies, how far, and how far not. */
const axis = remembered((length: number, factor: number) => {
  const kept = Math.ceil(length / factor);
  const first = Math.floor((length - kept) / 2);
  // Python rounds half to even; a half cannot occur often, but then it must be the same.
  const enlarged = roundHalfToEven(kept * factor);
  const scale = enlarged > 1 ? (kept - 1) / (enlarged - 1) : 1;
  const low = new Int32Array(length);
  const high = new Int32Array(length);
  const share = new Float64Array(length);
  const rest = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const at = Math.min(kept - 1, i * scale);
    low[i] = first + Math.floor(at);
    high[i] = first + Math.min(kept - 1, Math.floor(at) + 1);
    share[i] = at - Math.floor(at);
    rest[i] = 1 - share[i]!;
  }
  return { low, high, share, rest };
});

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
