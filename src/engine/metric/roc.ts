/** Examples in the order of one score, with the ends of runs of equal scores: sorted once, read by each replicate. */
export interface Ranking {
  /** [n] examples by rising score. */
  readonly order: Uint32Array;
  /** [n] 1 where the next example in the order has a greater score. */
  readonly runEnds: Uint8Array;
}

/** Ranks `scores` [n, classes] by one class' column. */
export function rankingOf(scores: ArrayLike<number>, classes: number, column: number): Ranking {
  const n = scores.length / classes;
  const values = Float64Array.from({ length: n }, (_, i) => scores[i * classes + column]!);
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const runEnds = Uint8Array.from(order, (example, i) =>
    i === n - 1 || values[order[i + 1]!]! > values[example]! ? 1 : 0,
  );
  return { order, runEnds };
}

/**
 * Area under the ROC curve of `positive` against the rest, as the Mann-Whitney statistic (Hanley & McNeil 1982): the
 * chance that a random positive example scores higher than a random other one, equal scores counting half (mid-rank).
 * `weights` is [n]. Null unless both sides have examples.
 */
export function rocAuc(
  { order, runEnds }: Ranking,
  labels: Int32Array,
  positive: number,
  weights: Float64Array,
): number | null {
  let wins = 0;
  let negatives = 0;
  let positives = 0;
  let runPositives = 0;
  let runNegatives = 0;
  for (let i = 0; i < order.length; i++) {
    const example = order[i]!;
    if (labels[example] === positive) runPositives += weights[example]!;
    else runNegatives += weights[example]!;
    if (runEnds[i] === 1) {
      wins += runPositives * (negatives + runNegatives / 2);
      positives += runPositives;
      negatives += runNegatives;
      runPositives = 0;
      runNegatives = 0;
    }
  }
  return positives > 0 && negatives > 0 ? wins / (positives * negatives) : null;
}
