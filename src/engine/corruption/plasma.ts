import type { Random } from '../random';

/**
 * A plasma fractal [side, side] from 0 to 1 by the diamond-square method on a torus (Fournier et al. 1982; Hendrycks & Dietterich 2019,
 * plasma_fractal): the larger `decay`, the smoother.
 * @param side a power of two
 */
export function plasma(side: number, decay: number, random: Random): Float64Array {
  const map = new Float64Array(side * side);
  const at = (y: number, x: number) => (y & (side - 1)) * side + (x & (side - 1));
  let wobble = 100;
  for (let step = side; step >= 2; step /= 2, wobble /= decay) {
    const half = step / 2;
    // The authors' noise is drawn from ±wobble and multiplied by it once more.
    const noise = () => wobble * random.between(-wobble, wobble);
    for (let y = 0; y < side; y += step) {
      for (let x = 0; x < side; x += step) {
        const corners = map[at(y, x)]! + map[at(y, x + step)]! + map[at(y + step, x)]! + map[at(y + step, x + step)]!;
        map[at(y + half, x + half)] = corners / 4 + noise();
      }
    }
    for (let y = 0; y < side; y += step) {
      for (let x = 0; x < side; x += step) {
        const beside = map[at(y, x)]! + map[at(y, x + step)]!;
        map[at(y, x + half)] = (beside + map[at(y + half, x + half)]! + map[at(y - half, x + half)]!) / 4 + noise();
      }
    }
    for (let y = 0; y < side; y += step) {
      for (let x = 0; x < side; x += step) {
        const above = map[at(y, x)]! + map[at(y + step, x)]!;
        map[at(y + half, x)] = (above + map[at(y + half, x + half)]! + map[at(y + half, x - half)]!) / 4 + noise();
      }
    }
  }
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of map) {
    if (value < least) least = value;
    if (value > most) most = value;
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
