import type { Ranking } from './roc';

/**
 * Average precision of `positive` against the rest: Σ (recall gained) · (precision there) over falling thresholds, equal scores
 * together, without interpolation (scikit-learn's `average_precision_score`; Davis & Goadrich 2006 on why not to interpolate).
 * `weights` is [n]. Null without a positive example.
 */
export function averagePrecision(
  { order, runEnds }: Ranking,
  labels: ArrayLike<number>,
  positive: number,
  weights: Float64Array,
): number | null {
  let positives = 0;
  for (let i = 0; i < weights.length; i++) if (labels[i] === positive) positives += weights[i]!;
  if (!(positives > 0)) return null;
  let found = 0;
  let taken = 0;
  let before = 0;
  let area = 0;
  // From the greatest score down: a run of equal scores is complete when the one below it ends.
  for (let i = order.length - 1; i >= 0; i--) {
    const example = order[i]!;
    taken += weights[example]!;
    if (labels[example] === positive) found += weights[example]!;
    if (i > 0 && runEnds[i - 1] !== 1) continue;
    if (taken > 0) area += ((found - before) / positives) * (found / taken);
    before = found;
  }
  return area;
}
