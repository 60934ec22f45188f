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

/** Mean over kinds of sequences of own / reference flip probability (mFR); kinds that the reference lacks, or never flips in, are left out. */
export function meanFlipRate(
  own: Readonly<Record<string, number>>,
  reference: Readonly<Record<string, number>>,
): number | null {
  const rates = Object.entries(own).flatMap(([name, value]) => {
    const theirs = reference[name];
    return theirs !== undefined && theirs > 0 ? [value / theirs] : [];
  });
  return rates.length > 0 ? rates.reduce((sum, rate) => sum + rate, 0) / rates.length : null;
}

/** Prediction churn between two models on the same examples: share whose predicted class differs (Milani Fard et al. 2016). Null without examples. */
export function churn(first: ArrayLike<number>, second: ArrayLike<number>): number | null {
  let changed = 0;
  for (let i = 0; i < first.length; i++) if (first[i] !== second[i]) changed++;
  return first.length > 0 ? changed / first.length : null;
}
