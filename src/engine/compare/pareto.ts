/**
 * Which points no other point dominates: is at least as good in every coordinate and better in one. Equal points are both on the
 * front.
 *
 * @param points [n] of as many coordinates each, greater is better
 */
export function paretoFront(points: readonly (readonly number[])[]): boolean[] {
  return points.map((point) => !points.some((other) => dominates(other, point)));
}

function dominates(one: readonly number[], other: readonly number[]): boolean {
  let better = false;
  for (let i = 0; i < one.length; i++) {
    if (one[i]! < other[i]!) return false;
    if (one[i]! > other[i]!) better = true;
  }
  return better;
}
