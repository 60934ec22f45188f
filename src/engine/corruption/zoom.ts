/**
 * The middle of each plane [planes, height, width] enlarged by `factor` (1 or more) with linear interpolation from corner to corner
 * (scipy's `zoom`, order 1). The result is [planes, height, width]: at most one row and column too many are cut off.
 */
export function zoomed(values: Float64Array, height: number, width: number, factor: number): Float64Array {
  const rows = axis(height, factor);
  const columns = axis(width, factor);
  const plane = height * width;
  const result = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += plane) {
    for (let h = 0; h < height; h++) {
      const top = start + rows.low[h]! * width;
      const bottom = start + rows.high[h]! * width;
      const down = rows.share[h]!;
      for (let w = 0; w < width; w++) {
        const [left, right, across] = [columns.low[w]!, columns.high[w]!, columns.share[w]!];
        const upper = values[top + left]! * (1 - across) + values[top + right]! * across;
        const lower = values[bottom + left]! * (1 - across) + values[bottom + right]! * across;
        result[start + h * width + w] = upper * (1 - down) + lower * down;
      }
    }
  }
  return result;
}

/** For each of `length` places: the two source places between which it lies, and how far. */
function axis(length: number, factor: number) {
  const kept = Math.ceil(length / factor);
  const first = Math.floor((length - kept) / 2);
  // Python rounds half to even; a half cannot occur often, but then it must be the same.
  const enlarged = roundHalfToEven(kept * factor);
  const scale = enlarged > 1 ? (kept - 1) / (enlarged - 1) : 1;
  const low = new Int32Array(length);
  const high = new Int32Array(length);
  const share = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const at = Math.min(kept - 1, i * scale);
    low[i] = first + Math.floor(at);
    high[i] = first + Math.min(kept - 1, Math.floor(at) + 1);
    share[i] = at - Math.floor(at);
  }
  return { low, high, share };
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
