/** The median, with an interval; null stands for ∞: so many examples were never broken. */
export interface OpenFigure {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

export interface DistanceDistribution {
  /** Examples in the sample. */
  readonly n: number;
  /** Those with a finite distance. */
  readonly found: number;
  readonly median: OpenFigure;
  readonly quantiles: { readonly q: number; readonly value: number | null }[];
  /** The finite distances, rising. */
  readonly distances: number[];
}

const shown = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];

/**
 * The distribution of the smallest perturbations of a sample. Quantiles are the smallest distance within which that share of the
 * examples is broken (the inverse of the empirical distribution function, type 1 of Hyndman & Fan 1996): no two distances
 * are averaged, of which one may be ∞.
 *
 * @param distances Infinity for an example that was never broken, 0 for one that is wrong as it is.
 */
export function distanceDistribution(distances: ArrayLike<number>): DistanceDistribution {
  const sorted = Float64Array.from(distances).sort();
  const n = sorted.length;
  const at = (rank: number): number | null => {
    const value = sorted[rank - 1];
    return value === undefined || !Number.isFinite(value) ? null : value;
  };
  const quantile = (q: number) => at(Math.max(1, Math.ceil(q * n - 1e-9)));
  const rank = medianRank(n);
  return {
    n,
    found: sorted.filter(Number.isFinite).length,
    median: {
      value: quantile(0.5),
      low: rank === 0 ? 0 : at(rank),
      high: rank === 0 ? null : at(n - rank + 1),
      n,
    },
    quantiles: shown.map((q) => ({ q, value: quantile(q) })),
    distances: [...sorted.filter(Number.isFinite)],
  };
}

/**
 * Rank r for which the r-th smallest and the r-th largest of n draws enclose the median of their distribution, whatever that
 * is, at least 95 times in 100: P(Binomial(n, ½) < r) ≤ 0.025 (David & Nagaraja 2003, Order Statistics, §7.1). 0 where n is
 * too small for any.
 */
export function medianRank(n: number): number {
  // In logarithms: ½ⁿ is 0 in float64 from n = 1075 on.
  let term = n * Math.log(0.5);
  let below = 0;
  for (let r = 0; r < n; r++) {
    below += Math.exp(term);
    if (below > 0.025) return r;
    term += Math.log((n - r) / (r + 1));
  }
  return 0;
}
