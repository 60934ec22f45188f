/** Probabilities are kept this far from 0 before their logarithm is taken: scikit-learn's clip, float64's epsilon. */
const LEAST_PROBABILITY = 2 ** -52;

/** [n] probability that was given to the true class. `probabilities` is [n, classes]. */
export function ofTrueClass(probabilities: Float64Array, labels: ArrayLike<number>, classes: number): Float64Array {
  const own = new Float64Array(labels.length);
  for (let i = 0; i < own.length; i++) own[i] = probabilities[i * classes + labels[i]!]!;
  return own;
}

/** [n] −ln p of the true class (cross-entropy), p not below 2⁻⁵² nor above 1 − 2⁻⁵². */
export function logLosses(probabilities: Float64Array, labels: ArrayLike<number>, classes: number): Float64Array {
  const own = ofTrueClass(probabilities, labels, classes);
  for (let i = 0; i < own.length; i++)
    own[i] = -Math.log(Math.min(1 - LEAST_PROBABILITY, Math.max(LEAST_PROBABILITY, own[i]!)));
  return own;
}

/**
 * [n] Brier scores Σ over classes of (p − [class is the true one])² (Brier 1950): 0 to 2. With two classes it is twice the
 * score that is customary for them.
 */
export function brierScores(probabilities: Float64Array, labels: ArrayLike<number>, classes: number): Float64Array {
  const scores = new Float64Array(labels.length);
  for (let i = 0; i < scores.length; i++) {
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const gap = probabilities[i * classes + c]! - (c === labels[i] ? 1 : 0);
      sum += gap * gap;
    }
    scores[i] = sum;
  }
  return scores;
}

/**
 * [n] 1 where the true class is among the k with the greatest scores. Of equal scores the class of the smaller index comes first,
 * as it does in the prediction; scores that are no number come last.
 */
export function topK(scores: ArrayLike<number>, labels: ArrayLike<number>, classes: number, k: number): Uint8Array {
  const within = new Uint8Array(labels.length);
  for (let i = 0; i < within.length; i++) {
    const label = labels[i]!;
    const own = scores[i * classes + label]!;
    if (Number.isNaN(own)) continue;
    let ahead = 0;
    for (let c = 0; c < classes; c++) {
      const other = scores[i * classes + c]!;
      if (other > own || (other === own && c < label)) ahead++;
    }
    within[i] = ahead < k ? 1 : 0;
  }
  return within;
}

/** Σ w·v / Σ w; null where the weights sum to nothing. */
export function weightedMean(values: ArrayLike<number>, weights: Float64Array): number | null {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    // An example that was not drawn does not spoil the mean, even where its value is ∞.
    if (weights[i] === 0) continue;
    sum += weights[i]! * values[i]!;
    total += weights[i]!;
  }
  return total > 0 ? sum / total : null;
}
