/** [H·W] brightness of an image of planes: .299 R + .587 G + .114 B; the plane itself of one channel, the mean of other numbers of them. */
export function luma(unit: Float64Array, channels: number, plane: number): Float64Array {
  const grey = new Float64Array(plane);
  const weights = channels === 3 ? [0.299, 0.587, 0.114] : new Array<number>(channels).fill(1 / channels);
  for (let c = 0; c < channels; c++) {
    const weight = weights[c]!;
    for (let i = 0; i < plane; i++) grey[i]! += weight * unit[c * plane + i]!;
  }
  return grey;
}

/**
 * [3, H, W] with the saturation S of HSV replaced by `factor` · S + `added`, hue and value kept. Greys have no hue: given a saturation they become red,
 * as the customary conversion has it.
 */
export function withSaturation(unit: Float64Array, factor: number, added: number): Float64Array {
  const plane = unit.length / 3;
  const result = new Float64Array(unit.length);
  for (let i = 0; i < plane; i++) {
    const r = unit[i]!;
    const g = unit[i + plane]!;
    const b = unit[i + 2 * plane]!;
    const value = Math.max(r, g, b);
    const spread = value - Math.min(r, g, b);
    const own = value > 0 ? spread / value : 0;
    const saturation = Math.min(1, Math.max(0, own * factor + added));
    // Each channel lies a share of the spread below the value, and that share is what hue alone decides.
    result[i] = value * (1 - saturation * (spread > 0 ? (value - r) / spread : 0));
    result[i + plane] = value * (1 - saturation * (spread > 0 ? (value - g) / spread : 1));
    result[i + 2 * plane] = value * (1 - saturation * (spread > 0 ? (value - b) / spread : 1));
  }
  return result;
}
