import { type Network, scores } from './analyticOracle';

type Norm = 'linf' | 'l2' | 'l1';

/**
 * The least length, in a norm, of a step that changes w·x by `change` within [low, high]; Infinity if none does. By halving the
 * common level of all coordinates, or for l1 by taking the steepest ones first: not as the engine does it.
 */
export function leastStep(
  norm: Norm,
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  change: number,
  [low, high]: readonly [number, number],
): number {
  const sign = Math.sign(change);
  const wanted = Math.abs(change);
  const coordinates = Array.from(x, (v, i) => {
    const up = w[i]! * sign > 0;
    return { weight: Math.abs(w[i]!), room: Math.max(0, w[i] === 0 ? 0 : up ? high - v : v - low) };
  });
  const reach = coordinates.reduce((sum, { weight, room }) => sum + (weight > 0 ? weight * room : 0), 0);
  if (reach < wanted) return Number.POSITIVE_INFINITY;
  if (norm === 'l1') {
    let left = wanted;
    let length = 0;
    for (const { weight, room } of coordinates.sort((a, b) => b.weight - a.weight)) {
      if (left <= 0 || weight === 0) break;
      const move = Math.min(room, left / weight);
      left -= move * weight;
      length += move;
    }
    return length;
  }
  const moves = (level: number) =>
    coordinates.map(({ weight, room }) => Math.min(norm === 'linf' ? level : level * weight, room));
  const gained = (level: number) => moves(level).reduce((sum, move, i) => sum + move * coordinates[i]!.weight, 0);
  let below = 0;
  let above = 1;
  while (gained(above) < wanted * (1 - 1e-14) && above < 1e300) above *= 2;
  for (let round = 0; round < 100; round++) {
    const middle = (below + above) / 2;
    if (gained(middle) < wanted) below = middle;
    else above = middle;
  }
  return norm === 'linf' ? Math.max(...moves(above)) : Math.hypot(...moves(above));
}

/** Distance of x to the closest point within bounds of which a linear classifier thinks otherwise. */
export function boundaryDistance(
  network: Network,
  x: Float32Array,
  y: number,
  norm: Norm,
  bounds: readonly [number, number],
): number {
  const z = scores(network, x);
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < network.classes; k++) {
    if (k === y) continue;
    const w = Array.from(x, (_, i) => network.weight[k * x.length + i]! - network.weight[y * x.length + i]!);
    least = Math.min(least, leastStep(norm, x, w, z[y]! - z[k]!, bounds));
  }
  return least;
}
