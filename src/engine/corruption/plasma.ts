import type { Random } from '../random';
import { floats } from './scratch';

const draws = floats();

/**
 * A plasma fractal [side, side] from 0 to 1 by the diamond-square method on a torus (Fournier et al. 1982; Hendrycks & Dietterich 2019,
 * plasma_fractal): the larger `decay`, the smoother.
 * @param side a power of two
 */
export function plasma(side: number, decay: number, random: Random): Float64Array {
  const map = new Float64Array(side * side);
  const mask = side - 1;
  let wobble = 100;
  for (let step = side; step >= 2; step /= 2, wobble /= decay) {
    const half = step / 2;
    // The authors' noise is drawn from ±wobble and multiplied by it once more.
    const cells = (side / step) ** 2;
    const noise = draws(3 * cells);
    random.fillBetween(-wobble, wobble, noise);
    let draw = 0;
    for (let y = 0; y < side; y += step) {
      for (let x = 0; x < side; x += step) {
        const far = (x + step) & mask;
        const below = ((y + step) & mask) * side;
        const corners = map[y * side + x]! + map[y * side + far]! + map[below + x]! + map[below + far]!;
        map[(y + half) * side + x + half] = corners / 4 + wobble * noise[draw++]!;
      }
    }
    for (let y = 0; y < side; y += step) {
      for (let x = 0; x < side; x += step) {
        const beside = map[y * side + x]! + map[y * side + ((x + step) & mask)]!;
        const middle = map[(y + half) * side + x + half]!;
        const above = map[((y - half) & mask) * side + x + half]!;
        map[y * side + x + half] = (beside + middle + above) / 4 + wobble * noise[draw++]!;
      }
    }
    for (let y = 0; y < side; y += step) {
      for (let x = 0; x < side; x += step) {
        const ends = map[y * side + x]! + map[((y + step) & mask) * side + x]!;
        const middle = map[(y + half) * side + x + half]!;
        const left = map[(y + half) * side + ((x - half) & mask)]!;
        map[(y + half) * side + x] = (ends + middle + left) / 4 + wobble * noise[draw++]!;
      }
    }
  }
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < map.length; i++) {
    if (map[i]! < least) least = map[i]!;
    if (map[i]! > most) most = map[i]!;
  }
  const span = most - least;
  for (let i = 0; i < map.length; i++) map[i] = span > 0 ? (map[i]! - least) / span : 0;
  return map;
}

/** The smallest power of two that is not below `length`. */
export function powerOfTwo(length: number): number {
  let side = 1;
  while (side < length) side *= 2;
  return side;
}
