/** Accuracies of one model on the ordinary and on the shifted data, both 0..1. */
export interface ShiftPoint {
  readonly standard: number;
  readonly shifted: number;
}

/** The line that baselines follow, in logits of accuracy: logit(shifted) = intercept + slope · logit(standard). */
export interface BaselineTrend {
  readonly intercept: number;
  readonly slope: number;
  readonly n: number;
}

/** Accuracies of 0 and 1 have no logit: they count as this much away from them. */
const EDGE = 1e-4;
const logit = (share: number) => {
  const p = Math.min(1 - EDGE, Math.max(EDGE, share));
  return Math.log(p / (1 - p));
};

/** Least squares through the baselines (Taori et al. 2020, §2). Null with fewer than two different standard accuracies. */
export function baselineTrend(points: readonly ShiftPoint[]): BaselineTrend | null {
  const n = points.length;
  if (n < 2) return null;
  const x = points.map((point) => logit(point.standard));
  const y = points.map((point) => logit(point.shifted));
  const meanX = x.reduce((sum, value) => sum + value, 0) / n;
  const meanY = y.reduce((sum, value) => sum + value, 0) / n;
  let spread = 0;
  let together = 0;
  for (let i = 0; i < n; i++) {
    spread += (x[i]! - meanX) ** 2;
    together += (x[i]! - meanX) * (y[i]! - meanY);
  }
  if (!(spread > 1e-12)) return null;
  const slope = together / spread;
  return { intercept: meanY - slope * meanX, slope, n };
}

/**
 * Effective robustness ρ = accuracy on the shifted data − what the baselines' trend expects of a model of this standard accuracy
 * (Taori et al. 2020, Measuring Robustness to Natural Distribution Shifts, equation 1). Above 0: better than its ordinary accuracy explains.
 */
export function effectiveRobustness(point: ShiftPoint, trend: BaselineTrend): number {
  const expected = 1 / (1 + Math.exp(-(trend.intercept + trend.slope * logit(point.standard))));
  return point.shifted - expected;
}
