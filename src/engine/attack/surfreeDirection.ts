import type { LabelSearchStart } from './labelSearch';

/** Share of the frequencies of either axis that directions are made of: the lowest. */
const lowShare = 0.5;
/** So that an even example, which has no frequencies to be like, has directions too. */
const leastStrength = 1e-6;

/** Draws random directions for one example, of length about 1. */
export type DrawDirection = () => Float64Array;

/**
 * Networks answer to what is smooth, and to what the example is made of, more than to noise. For images directions are made of
 * the lower half of the frequencies of a cosine transform, each by random signs as strong as the hyperbolic tangent of the
 * example's own (paper, §4.2); else they are normal noise.
 *
 * @param width of the bounds, by which the example's frequencies are scaled.
 */
export function directionsAbout(
  { clean, shape, free, random }: Pick<LabelSearchStart, 'clean' | 'shape' | 'free' | 'random'>,
  width: number,
): DrawDirection {
  const [channels, high, wide] = shape;
  const image = shape.length === 3 && channels && high && wide && channels * high * wide === free;
  if (!image || Math.min(high, wide) < 5) {
    return () => Float64Array.from({ length: free }, () => random.normal() / Math.sqrt(free));
  }
  const rows = Math.ceil(lowShare * high);
  const columns = Math.ceil(lowShare * wide);
  const area = high * wide;
  const down = cosines(high);
  const across = cosines(wide);
  const strength = new Float64Array(channels * rows * columns);
  const between = new Float64Array(rows * wide);
  for (let c = 0; c < channels; c++) {
    between.fill(0);
    for (let u = 0; u < rows; u++) {
      for (let i = 0; i < high; i++) {
        const factor = down[u * high + i]! / width;
        for (let j = 0; j < wide; j++) between[u * wide + j]! += factor * clean[c * area + i * wide + j]!;
      }
      for (let v = 0; v < columns; v++) {
        let sum = 0;
        for (let j = 0; j < wide; j++) sum += between[u * wide + j]! * across[v * wide + j]!;
        strength[(c * rows + u) * columns + v] = Math.max(leastStrength, Math.tanh(Math.abs(sum)));
      }
    }
  }
  return () => {
    const direction = new Float64Array(free);
    let squares = 0;
    for (let c = 0; c < channels; c++) {
      between.fill(0);
      for (let u = 0; u < rows; u++) {
        for (let v = 0; v < columns; v++) {
          const value = strength[(c * rows + u) * columns + v]! * random.normal();
          squares += value * value;
          for (let j = 0; j < wide; j++) between[u * wide + j]! += value * across[v * wide + j]!;
        }
        for (let i = 0; i < high; i++) {
          const factor = down[u * high + i]!;
          for (let j = 0; j < wide; j++) direction[c * area + i * wide + j]! += factor * between[u * wide + j]!;
        }
      }
    }
    const length = Math.sqrt(squares) + 1e-12;
    for (let i = 0; i < free; i++) direction[i]! /= length;
    return direction;
  };
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
