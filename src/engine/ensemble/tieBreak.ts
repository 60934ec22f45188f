/** Totals closer than this, of weights that sum to 1, are equal but for rounding. */
const sameTotal = 1e-6;

/**
 * What a mean probability of 1 may add to a class's share of the votes without ever overturning a majority: half of the least
 * difference between two shares that these weights can make.
 *
 * @param weights positive, of sum 1; at most 16
 * @returns in (0, ½]
 */
export function tieBreak(weights: readonly number[]): number {
  const totals = new Float64Array(2 ** weights.length);
  for (let subset = 1; subset < totals.length; subset++) {
    // The subset without its lowest member was counted before.
    const lowest = 31 - Math.clz32(subset & -subset);
    totals[subset] = totals[subset & (subset - 1)]! + weights[lowest]!;
  }
  totals.sort();
  let least = 1;
  for (let i = 1; i < totals.length; i++) {
    const gap = totals[i]! - totals[i - 1]!;
    if (gap > sameTotal && gap < least) least = gap;
  }
  return least / 2;
}
