/** How far two samples of one column are apart. */
export interface ColumnDrift {
  /** Two-sample Kolmogorov-Smirnov statistic: the largest distance of their distribution functions, 0..1. */
  readonly ks: number;
  /** Its p-value by the asymptotic distribution (Smirnov); small where the samples differ by more than chance. */
  readonly pValue: number;
  /** Population stability index over ten bins of equal counts of the first sample; above 0.25 is customarily called a shift. */
  readonly psi: number;
}

/** Shares below this count as this, so that an empty bin costs much, but not everything. */
const LEAST_SHARE = 1e-4;

/** Drift of a column between a reference sample and another; null where either is empty. Values that are no number are left out. */
export function columnDrift(reference: ArrayLike<number>, other: ArrayLike<number>, bins = 10): ColumnDrift | null {
  const a = sorted(reference);
  const b = sorted(other);
  if (a.length === 0 || b.length === 0) return null;
  const ks = kolmogorovSmirnov(a, b);
  return { ks, pValue: smirnov(ks, a.length, b.length), psi: stabilityIndex(a, b, bins) };
}

function sorted(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
}

function kolmogorovSmirnov(a: Float64Array, b: Float64Array): number {
  let i = 0;
  let j = 0;
  let largest = 0;
  while (i < a.length && j < b.length) {
    const at = Math.min(a[i]!, b[j]!);
    // Equal values of both samples are passed together: a tie is no distance.
    while (i < a.length && a[i]! <= at) i++;
    while (j < b.length && b[j]! <= at) j++;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return largest;
}

/** Kolmogorov's limit 2 Σ (−1)ᵏ⁻¹ exp(−2k²λ²) at λ = D·√(nm/(n+m)). */
function smirnov(d: number, n: number, m: number): number {
  const lambda = d * Math.sqrt((n * m) / (n + m));
  // The series needs ever more terms towards 0, where the value is 1 to all digits.
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    const term = 2 * (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * lambda * lambda);
    sum += term;
    if (Math.abs(term) < 1e-17) break;
  }
  return Math.min(1, Math.max(0, sum));
}

/** Σ (q − p)·ln(q/p) over bins whose edges are the reference's quantiles; equal edges are one. */
function stabilityIndex(a: Float64Array, b: Float64Array, bins: number): number {
  const edges: number[] = [];
  for (let k = 1; k < bins; k++) {
    const edge = a[Math.min(a.length - 1, Math.floor((k * a.length) / bins))]!;
    if (edge !== edges.at(-1)) edges.push(edge);
  }
  const p = sharesBetween(a, edges);
  const q = sharesBetween(b, edges);
  let index = 0;
  for (let k = 0; k < p.length; k++) {
    const own = Math.max(LEAST_SHARE, p[k]!);
    const other = Math.max(LEAST_SHARE, q[k]!);
    index += (other - own) * Math.log(other / own);
  }
  return index;
}

/** Shares of sorted values in (−∞, e₀), [e₀, e₁) … [eₗ, ∞). */
function sharesBetween(values: Float64Array, edges: readonly number[]): Float64Array {
  const shares = new Float64Array(edges.length + 1);
  let bin = 0;
  for (const value of values) {
    while (bin < edges.length && value >= edges[bin]!) bin++;
    shares[bin]! += 1 / values.length;
  }
  return shares;
}

/**
 * Squared maximum mean discrepancy of two samples [n, size] and [m, size] with a Gaussian kernel, the unbiased estimate (Gretton et al. 2012,
 * lemma 6): about 0 for samples of one distribution, and it may be below. The kernel's width is the median distance between pooled points,
 * unless given. Null with fewer than two points on a side.
 */
export function maximumMeanDiscrepancy(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  size: number,
  width?: number,
): number | null {
  const n = a.length / size;
  const m = b.length / size;
  if (n < 2 || m < 2) return null;
  const own = distances(a, a, size, true);
  const theirs = distances(b, b, size, true);
  const across = distances(a, b, size, false);
  const sigma = width ?? medianWidth(own, theirs, across);
  const scale = sigma > 0 ? 1 / (2 * sigma * sigma) : 0;
  return kernelMean(own, scale) + kernelMean(theirs, scale) - 2 * kernelMean(across, scale);
}

/** Squared distances of all pairs; of one sample with itself each pair once. */
function distances(a: ArrayLike<number>, b: ArrayLike<number>, size: number, same: boolean): Float64Array {
  const n = a.length / size;
  const m = b.length / size;
  const found = new Float64Array(same ? (n * (n - 1)) / 2 : n * m);
  let at = 0;
  for (let i = 0; i < n; i++) {
    for (let j = same ? i + 1 : 0; j < m; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) {
        const gap = a[i * size + k]! - b[j * size + k]!;
        sum += gap * gap;
      }
      found[at++] = sum;
    }
  }
  return found;
}

function medianWidth(...parts: readonly Float64Array[]): number {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  all.sort();
  const middle = all.length >> 1;
  const median = all.length % 2 === 1 ? all[middle]! : (all[middle - 1]! + all[middle]!) / 2;
  return Math.sqrt(median);
}

function kernelMean(squared: Float64Array, scale: number): number {
  let sum = 0;
  for (let i = 0; i < squared.length; i++) sum += Math.exp(-squared[i]! * scale);
  return sum / squared.length;
}
