/**
 * Planes [planes, height, width] smeared along one direction: the mean of copies moved by 0, 1, 2 … 2·radius pixels, weighted by a Gaussian that
 * falls off to one side; edges are repeated (Michaelis et al. 2019, imagecorruptions, in place of ImageMagick's motion blur).
 * @param angle degrees; 0 smears to the left, 90 upwards
 */
export function motionBlurred(
  values: Float64Array,
  height: number,
  width: number,
  radius: number,
  sigma: number,
  angle: number,
): Float64Array {
  const length = 2 * radius + 1;
  const weights = Float64Array.from({ length }, (_, i) => Math.exp((-i * i) / (2 * sigma * sigma)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const [sine, cosine] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];
  const result = new Float64Array(values.length);
  const columns = new Int32Array(width);
  for (let i = 0; i < length; i++) {
    const dy = -Math.ceil(i * sine - 0.5);
    const dx = -Math.ceil(i * cosine - 0.5);
    // What is farther than the image is wide is left out, and its weight with it.
    if (Math.abs(dy) >= height || Math.abs(dx) >= width) break;
    const weight = weights[i]! / sum;
    for (let w = 0; w < width; w++) columns[w] = Math.min(width - 1, Math.max(0, w - dx));
    for (let row = 0; row * width < values.length; row++) {
      const h = row % height;
      const from = (row - h + Math.min(height - 1, Math.max(0, h - dy))) * width;
      const to = row * width;
      for (let w = 0; w < width; w++) result[to + w]! += weight * values[from + columns[w]!]!;
    }
  }
  return result;
}
