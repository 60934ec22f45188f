import type { Ranking } from './roc';

/** What is left of the errors when the model may refuse the examples that it is least sure of. */
export interface RiskCoverage {
  /** Points of the curve, rising in coverage: one a run of equal confidences. */
  readonly points: readonly { readonly coverage: number; readonly risk: number }[];
  /** Area under the curve (AURC, Geifman et al. 2019): mean over examples of the risk at their own coverage; null without examples. */
  readonly area: number | null;
  /** AURC less that of the best order there can be (E-AURC): 0 where every error is less sure than every success. */
  readonly excess: number | null;
}

/**
 * Risk-coverage curve of selective prediction (El-Yaniv & Wiener 2010; Geifman & El-Yaniv 2017): examples are accepted from the most
 * confident down, and the risk is the share of errors among those accepted. Equal confidences are accepted together, so that the order of
 * the data changes nothing. `confidence` [n], greater is surer; `correct` [n] 0 or 1.
 */
export function riskCoverage(confidence: ArrayLike<number>, correct: Uint8Array): RiskCoverage {
  const n = correct.length;
  const order = Uint32Array.from(correct.keys()).sort((a, b) => confidence[b]! - confidence[a]!);
  const points: { coverage: number; risk: number }[] = [];
  let errors = 0;
  let area = 0;
  let start = 0;
  for (let i = 0; i < n; i++) {
    errors += 1 - correct[order[i]!]!;
    if (i + 1 < n && confidence[order[i + 1]!] === confidence[order[i]!]) continue;
    const risk = errors / (i + 1);
    area += risk * (i + 1 - start);
    start = i + 1;
    points.push({ coverage: (i + 1) / n, risk });
  }
  if (n === 0) return { points, area: null, excess: null };
  let best = 0;
  for (let i = n - errors; i < n; i++) best += (i + 1 - (n - errors)) / (i + 1);
  return { points, area: area / n, excess: (area - best) / n };
}

/**
 * AURC and E-AURC of a weighted sample, for its resamples: `ranking` is that of the confidences, `weights` [n] are whole numbers.
 * Null without examples.
 */
export function selectiveArea(
  { order, runEnds }: Ranking,
  correct: Uint8Array,
  weights: Float64Array,
): { readonly area: number; readonly excess: number } | null {
  let accepted = 0;
  let errors = 0;
  let area = 0;
  let before = 0;
  for (let i = order.length - 1; i >= 0; i--) {
    const example = order[i]!;
    accepted += weights[example]!;
    errors += weights[example]! * (1 - correct[example]!);
    if (i > 0 && runEnds[i - 1] !== 1) continue;
    if (accepted > before) area += (errors / accepted) * (accepted - before);
    before = accepted;
  }
  if (accepted === 0) return null;
  let best = 0;
  for (let k = 1; k <= errors; k++) best += k / (accepted - errors + k);
  return { area: area / accepted, excess: (area - best) / accepted };
}

/** At most `most` points of a curve, evenly spread over coverage; the last one, at full coverage, stays. */
export function thinned(points: RiskCoverage['points'], most: number): RiskCoverage['points'] {
  const kept: { coverage: number; risk: number }[] = [];
  let next = 1;
  for (const point of points) {
    if (point.coverage + 1e-12 < next / most) continue;
    kept.push(point);
    next = Math.floor(point.coverage * most + 1e-9) + 1;
  }
  return kept;
}

/** The risk at the largest coverage not above `coverage` (0..1); null where nothing can be accepted. */
export function riskAt({ points }: RiskCoverage, coverage: number): number | null {
  let risk: number | null = null;
  for (const point of points) if (point.coverage <= coverage + 1e-12) risk = point.risk;
  return risk;
}

/** The largest coverage at which the risk is at most `risk`; 0 where there is none. */
export function coverageAt({ points }: RiskCoverage, risk: number): number {
  let coverage = 0;
  for (const point of points) if (point.risk <= risk) coverage = point.coverage;
  return coverage;
}
