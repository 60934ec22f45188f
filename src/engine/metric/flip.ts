/** What the prediction of a frame is held against: that of the first frame (noise, which has no order), or of the frame before. */
export type Compared = 'first' | 'previous';

/**
 * Flip probability of sequences of one scene under small, growing perturbations (Hendrycks & Dietterich 2019, §4.2, ImageNet-P): the share of steps at
 * which the predicted class changes. Noise sequences have no order: every frame is compared with the first.
 * @param predictions by sequence: [frames] class indices
 */
export function flipProbability(predictions: readonly ArrayLike<number>[], noise: boolean): number | null {
  let flips = 0;
  let steps = 0;
  for (const frames of predictions) {
    for (let j = 1; j < frames.length; j++) {
      if (frames[j] !== frames[noise ? 0 : j - 1]) flips++;
      steps++;
    }
  }
  return steps > 0 ? flips / steps : null;
}

/** Ranks that the distance of two rankings looks at. */
export const TOP = 5;

/**
 * Distance of the five highest classes of one frame from those of another (Hendrycks & Dietterich 2019, §4.2, top-5 distance): the sum over
 * the five of |i − min(σ(i), 6)|, with i = 1 … 5 the rank of a class in the one and σ(i) its rank in the other. 0 where the five are the same
 * in the same order, 15 where all five are out, at most 18. Of equal scores the first class ranks higher.
 * @param scores [frames, classes]; at least five classes
 */
export function topDistance(scores: Float32Array, classes: number, from: number, to: number): number {
  let distance = 0;
  const one = from * classes;
  const other = to * classes;
  let best = -1;
  for (let i = 1; i <= TOP; i++) {
    const before = best;
    best = -1;
    for (let k = 0; k < classes; k++) {
      // Below the class of the rank before, in score and then in order.
      if (before !== -1 && !isBelow(scores, one, k, before)) continue;
      if (best === -1 || isBelow(scores, one, best, k)) best = k;
    }
    if (best === -1) break;
    // From the sixth on all places are one.
    let rank = 1;
    for (let k = 0; k < classes && rank <= TOP; k++) if (k !== best && isBelow(scores, other, best, k)) rank++;
    distance += Math.abs(i - rank);
  }
  return distance;
}

function isBelow(scores: Float32Array, start: number, lower: number, upper: number): boolean {
  const a = scores[start + lower]!;
  const b = scores[start + upper]!;
  return a < b || (a === b && lower > upper);
}

/** How predictions changed from one model to another on the same examples; counts. */
export interface PredictionChanges {
  readonly n: number;
  /** Another class than before, right or wrong. */
  readonly changed: number;
  /** Wrong before, right now. */
  readonly gained: number;
  /** Right before, wrong now: negative flips (Yan et al. 2021, Positive-Congruent Training). */
  readonly lost: number;
  /** Wrong before and now, but differently. */
  readonly otherError: number;
}

/** Prediction churn (Milani Fard et al. 2016, Launch and Iterate), taken apart. All [n] class indices. */
export function predictionChanges(
  labels: ArrayLike<number>,
  before: ArrayLike<number>,
  after: ArrayLike<number>,
): PredictionChanges {
  let [gained, lost, otherError] = [0, 0, 0];
  const n = labels.length;
  for (let i = 0; i < n; i++) {
    if (before[i] === after[i]) continue;
    if (after[i] === labels[i]) gained++;
    else if (before[i] === labels[i]) lost++;
    else otherError++;
  }
  return { n, changed: gained + lost + otherError, gained, lost, otherError };
}
