import { type Network, scores } from './analyticOracle';

/**
 * The fewest values that a linear classifier's mind hangs on: for each rival the values are taken in the order of what each
 * can add to its lead, at the end of the bounds that adds most. Infinity where all of them together are not enough.
 */
export function leastValues(
  network: Network,
  x: Float32Array,
  y: number,
  [low, high]: readonly [number, number],
): number {
  const z = scores(network, x);
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < network.classes; k++) {
    if (k === y) continue;
    const gains = Array.from(x, (v, i) => {
      const slope = network.weight[k * x.length + i]! - network.weight[y * x.length + i]!;
      return slope > 0 ? slope * (high - v) : slope * (low - v);
    }).sort((a, b) => b - a);
    let missing = z[y]! - z[k]!;
    for (let count = 1; count <= gains.length; count++) {
      missing -= gains[count - 1]!;
      if (missing < 0) {
        least = Math.min(least, count);
        break;
      }
    }
  }
  return least;
}
