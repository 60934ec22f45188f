import { CALIBRATION_BINS } from './calibration';

/** One bar of a reliability diagram. */
export interface ReliabilityBin {
  /** Confidences of the bin: (low, high]. */
  readonly low: number;
  readonly high: number;
  readonly n: number;
  /** Mean confidence and accuracy of its examples; null of an empty bin. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

export interface Reliability {
  readonly bins: readonly ReliabilityBin[];
  /** Largest |accuracy − confidence| of a bin (maximum calibration error, Guo et al. 2017, equation 4); null without examples. */
  readonly maximum: number | null;
  /** As the expected calibration error, over bins that hold the same number of examples (Nguyen & O'Connor 2015); null without examples. */
  readonly adaptive: number | null;
  /** Mean confidence − accuracy: above 0 the model is too sure of itself; null without examples. */
  readonly overconfidence: number | null;
}

/**
 * The reliability diagram over bins of equal width, ((b−1)/bins, b/bins], and the figures beside the expected calibration error.
 * `confidence` [n] in [0, 1] is that of the predicted class, `correct` [n] 0 or 1.
 */
export function reliability(confidence: Float64Array, correct: Uint8Array, bins = CALIBRATION_BINS): Reliability {
  const n = confidence.length;
  const count = new Float64Array(bins);
  const sure = new Float64Array(bins);
  const right = new Float64Array(bins);
  let gap = 0;
  for (let i = 0; i < n; i++) {
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence[i]! * bins) - 1));
    count[bin]! += 1;
    sure[bin]! += confidence[i]!;
    right[bin]! += correct[i]!;
    gap += confidence[i]! - correct[i]!;
  }
  let maximum: number | null = null;
  const table = Array.from(count, (members, b): ReliabilityBin => {
    const of = (sum: number) => (members > 0 ? sum / members : null);
    if (members > 0) maximum = Math.max(maximum ?? 0, Math.abs(right[b]! - sure[b]!) / members);
    return { low: b / bins, high: (b + 1) / bins, n: members, confidence: of(sure[b]!), accuracy: of(right[b]!) };
  });
  return {
    bins: table,
    maximum,
    adaptive: adaptiveCalibrationError(confidence, correct, bins),
    overconfidence: n > 0 ? gap / n : null,
  };
}

/**
 * Expected calibration error over bins of equal counts: the examples in the order of their confidence, cut as evenly as `numpy.array_split`
 * does (the first n mod bins have one more). Equal confidences keep the order of the data. Null without examples.
 */
export function adaptiveCalibrationError(
  confidence: Float64Array,
  correct: Uint8Array,
  bins = CALIBRATION_BINS,
): number | null {
  const n = confidence.length;
  if (n === 0) return null;
  const order = Uint32Array.from(confidence.keys()).sort((a, b) => confidence[a]! - confidence[b]! || a - b);
  let total = 0;
  let at = 0;
  for (let b = 0; b < bins; b++) {
    const size = Math.floor(n / bins) + (b < n % bins ? 1 : 0);
    let gap = 0;
    for (let i = 0; i < size; i++, at++) gap += correct[order[at]!]! - confidence[order[at]!]!;
    total += Math.abs(gap);
  }
  return total / n;
}

/** What a resample needs of the above. */
export interface CalibrationFigures {
  readonly maximum: number;
  readonly adaptive: number;
  readonly overconfidence: number;
}

/**
 * Maximum and adaptive calibration error and overconfidence of a weighted sample, an example counting as often as its weight, a whole
 * number, says. `order` is that of rising confidence. Null without examples.
 */
export function calibrationFigures(
  order: Uint32Array,
  confidence: Float64Array,
  correct: Uint8Array,
  weights: Float64Array,
  bins = CALIBRATION_BINS,
): CalibrationFigures | null {
  const members = new Float64Array(bins);
  const gaps = new Float64Array(bins);
  let total = 0;
  let gap = 0;
  for (let i = 0; i < confidence.length; i++) {
    const weight = weights[i]!;
    const own = weight * (confidence[i]! - correct[i]!);
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence[i]! * bins) - 1));
    members[bin]! += weight;
    gaps[bin]! += own;
    total += weight;
    gap += own;
  }
  if (total === 0) return null;
  let maximum = 0;
  for (let b = 0; b < bins; b++) if (members[b]! > 0) maximum = Math.max(maximum, Math.abs(gaps[b]!) / members[b]!);

  let adaptive = 0;
  let bin = 0;
  const size = (b: number) => Math.floor(total / bins) + (b < total % bins ? 1 : 0);
  let room = size(0);
  let inBin = 0;
  for (let k = 0; k < order.length; k++) {
    const example = order[k]!;
    let left = weights[example]!;
    while (left > 0) {
      const taken = Math.min(left, room);
      inBin += taken * (correct[example]! - confidence[example]!);
      left -= taken;
      room -= taken;
      if (room > 0) continue;
      adaptive += Math.abs(inBin);
      inBin = 0;
      bin++;
      room = size(bin);
      if (bin >= bins || room === 0) break;
    }
  }
  return { maximum, adaptive: adaptive / total, overconfidence: gap / total };
}
