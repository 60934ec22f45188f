import { Random } from '../random';
import type { Figure } from '../report/schema';

/** 97.5 % point of the standard normal distribution: two-sided 95 %. */
const Z95 = 1.959963984540054;

/**
 * A share `successes / n` with its 95 % Wilson score interval (Wilson 1927, JASA 22:209; without continuity correction).
 * Of no examples at all nothing is known: value 0, interval [0, 1].
 */
export function share(successes: number, n: number): Figure {
  if (n === 0) return { value: 0, low: 0, high: 1, n: 0 };
  const p = successes / n;
  const z2 = Z95 * Z95;
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z95 / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  // At 0 and n successes the bound is exactly 0 or 1; rounding must not move it past the value.
  return {
    value: p,
    low: successes === 0 ? 0 : Math.max(0, Math.min(p, centre - half)),
    high: successes === n ? 1 : Math.min(1, Math.max(p, centre + half)),
    n,
  };
}

/** Several statistics of one weighted sample: `weights[i]` says how many times example i counts. Null is undefined. */
export type WeightedStatistics = (weights: Float64Array) => readonly (number | null)[];

export interface BootstrapOptions {
  readonly seed: number;
  /** [n] class of each example: resampling keeps the count of each class. One stratum if absent. */
  readonly strata?: Int32Array;
  /** Default 1000. */
  readonly replicates?: number;
}

/**
 * 95 % percentile bootstrap intervals (Efron & Tibshirani 1993, chapter 13) of several statistics over the same
 * resamples of n examples. Resampling is stratified, so that no class vanishes from a replicate. A statistic that is
 * undefined on the sample gives null. An interval that misses its estimate, as happens to biased statistics such as
 * the calibration error, is widened to hold it.
 */
export function bootstrap(
  n: number,
  statistics: WeightedStatistics,
  { seed, strata, replicates = 1000 }: BootstrapOptions,
): (Figure | null)[] {
  const weights = new Float64Array(n).fill(1);
  const estimates = statistics(weights).map(finite);
  const values = estimates.map((): number[] => []);
  const members = groups(n, strata);
  const random = Random.of(seed, 'bootstrap');
  for (let replicate = 0; replicate < replicates && n > 0; replicate++) {
    weights.fill(0);
    for (const stratum of members) {
      for (let draw = 0; draw < stratum.length; draw++) weights[stratum[random.integer(stratum.length)]!]! += 1;
    }
    statistics(weights).forEach((value, s) => {
      if (finite(value) !== null) values[s]!.push(value!);
    });
  }
  return estimates.map((value, s) => {
    const sorted = Float64Array.from(values[s]!).sort();
    if (value === null || sorted.length === 0) return null;
    return { value, low: Math.min(value, quantile(sorted, 0.025)), high: Math.max(value, quantile(sorted, 0.975)), n };
  });
}

/** Quantile of sorted values by linear interpolation (type 7 of Hyndman & Fan 1996, numpy's default). */
export function quantile(sorted: Float64Array, q: number): number {
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] ?? 0;
  const above = sorted[Math.ceil(at)] ?? 0;
  return below + (at - Math.floor(at)) * (above - below);
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

function groups(n: number, labels: Int32Array | undefined): number[][] {
  const byLabel = new Map<number, number[]>();
  for (let i = 0; i < n; i++) {
    const label = labels?.[i] ?? 0;
    const stratum = byLabel.get(label);
    if (stratum) stratum.push(i);
    else byLabel.set(label, [i]);
  }
  return [...byLabel.values()];
}
