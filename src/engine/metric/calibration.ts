/** Bins of expected calibration error, as in Guo et al. 2017. */
export const CALIBRATION_BINS = 15;

/**
 * Expected calibration error (Guo et al. 2017, On Calibration of Modern Neural Networks, equation 3): 15 bins of equal width
 * ((b-1)/15, b/15] over the confidence in the predicted class; the mean over examples of |accuracy - confidence| of the bin.
 * `confidence` is [n] in [0, 1], `correct` [n] 0 or 1, `weights` [n]. Null without examples.
 */
export function calibrationError(
  confidence: Float64Array,
  correct: Uint8Array,
  weights: Float64Array,
  bins = CALIBRATION_BINS,
): number | null {
  const gap = new Float64Array(bins);
  let total = 0;
  for (let i = 0; i < confidence.length; i++) {
    const weight = weights[i]!;
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence[i]! * bins) - 1));
    gap[bin]! += weight * (correct[i]! - confidence[i]!);
    total += weight;
  }
  return total === 0 ? null : gap.reduce((sum, value) => sum + Math.abs(value), 0) / total;
}
