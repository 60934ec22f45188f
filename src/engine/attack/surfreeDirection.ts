import type { LabelSearchStart } from './labelSearch';

/** Share of the frequencies of either axis that directions are made of: the lowest. */
const lowShare = 0.5;

/**
 * A random direction, of length about 1. Networks answer to what is smooth more than to noise, so for images it is made of the
 * lower half of the frequencies of a cosine transform, with random signs and some of them left out; else it is normal noise.
 */
export function randomDirection({
  shape,
  free,
  random,
}: Pick<LabelSearchStart, 'shape' | 'free' | 'random'>): Float64Array {
  const direction = new Float64Array(free);
  const [channels, height, width] = shape;
  if (
    shape.length !== 3 ||
    !channels ||
    !height ||
    !width ||
    channels * height * width !== free ||
    Math.min(height, width) < 5
  ) {
    for (let i = 0; i < free; i++) direction[i] = random.normal() / Math.sqrt(free);
    return direction;
  }
  const rows = Math.ceil(lowShare * height);
  const columns = Math.ceil(lowShare * width);
  const tall = cosines(height);
  const wide = cosines(width);
  const coefficients = new Float64Array(rows * columns);
  const between = new Float64Array(rows * width);
  for (let c = 0; c < channels; c++) {
    for (let k = 0; k < coefficients.length; k++) {
      const draw = random.uniform();
      coefficients[k] = draw < 0.25 ? -1 : draw < 0.5 ? 1 : 0;
    }
    between.fill(0);
    for (let u = 0; u < rows; u++) {
      for (let v = 0; v < columns; v++) {
        const value = coefficients[u * columns + v]!;
        if (value === 0) continue;
        for (let j = 0; j < width; j++) between[u * width + j]! += value * wide[v * width + j]!;
      }
    }
    const offset = c * height * width;
    for (let u = 0; u < rows; u++) {
      for (let i = 0; i < height; i++) {
        const factor = tall[u * height + i]!;
        for (let j = 0; j < width; j++) direction[offset + i * width + j]! += factor * between[u * width + j]!;
      }
    }
  }
  return direction;
}

const known = new Map<number, Float64Array>();

/** [n frequencies, n]: the orthonormal basis of the cosine transform (DCT-II). */
function cosines(n: number): Float64Array {
  const made = known.get(n);
  if (made) return made;
  const basis = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / n);
    for (let i = 0; i < n; i++) basis[k * n + i] = scale * Math.cos((Math.PI * (i + 0.5) * k) / n);
  }
  known.set(n, basis);
  return basis;
}
