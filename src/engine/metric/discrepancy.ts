import { Random } from '../random';

export interface Discrepancy {
  /** Squared maximum mean discrepancy, the unbiased estimate; about 0 for samples of one distribution, and it may be below. */
  readonly value: number;
  /** Share of random splits of the pooled sample that are at least as far apart, this one among them. */
  readonly pValue: number;
}

const permutations = 199;

/**
 * Squared maximum mean discrepancy of two samples [n, size] and [m, size] with a permutation test (Gretton et al. 2012, A Kernel Two-Sample
 * Test, lemma 6 and §5). The Gaussian kernel's width is the median distance of pooled points, as in `maximumMeanDiscrepancy`, with which the value
 * agrees. Null with fewer than two points on a side, or where all points are one.
 */
export function discrepancy(a: Float32Array, b: Float32Array, size: number, seed: number): Discrepancy | null {
  const n = a.length / size;
  const m = b.length / size;
  if (n < 2 || m < 2) return null;
  const total = n + m;
  const pooled = new Float32Array(a.length + b.length);
  pooled.set(a);
  pooled.set(b, a.length);
  const kernel = new Float64Array(total * total);
  const upper = new Float64Array((total * (total - 1)) / 2);
  let at = 0;
  for (let i = 0; i < total; i++) {
    for (let j = i + 1; j < total; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) {
        const gap = pooled[i * size + k]! - pooled[j * size + k]!;
        sum += gap * gap;
      }
      kernel[i * total + j] = sum;
      upper[at++] = sum;
    }
  }
  upper.sort();
  const middle = upper.length >> 1;
  const median = upper.length % 2 === 1 ? upper[middle]! : (upper[middle - 1]! + upper[middle]!) / 2;
  // Where more than half of all pairs are equal the median is no width; where all are, nothing can be told.
  const width = median > 0 ? median : upper[upper.length - 1]!;
  if (!(width > 0) || !Number.isFinite(width)) return null;
  for (let i = 0; i < total; i++) {
    for (let j = i + 1; j < total; j++) {
      const value = Math.exp(-kernel[i * total + j]! / (2 * width));
      kernel[i * total + j] = value;
      kernel[j * total + i] = value;
    }
  }
  const sums = sumsOf(kernel, total);
  const order = Int32Array.from({ length: total }, (_, i) => i);
  const value = estimate(kernel, sums, order.subarray(n), n, m);
  const random = Random.of(seed, 'discrepancy');
  let asFar = 1;
  for (let p = 0; p < permutations; p++) {
    for (let i = total - 1; i > 0; i--) {
      const j = random.integer(i + 1);
      const kept = order[i]!;
      order[i] = order[j]!;
      order[j] = kept;
    }
    // Rounding must not make a split of equal samples look nearer than it is.
    if (estimate(kernel, sums, order.subarray(n), n, m) >= value - 1e-12) asFar++;
  }
  return { value, pValue: asFar / (permutations + 1) };
}

/** Of a split: pairs within the second side are summed; the other sums follow from those of rows and of all. */
function estimate(kernel: Float64Array, sums: Sums, members: Int32Array, n: number, m: number): number {
  const total = n + m;
  let theirs = 0;
  let touching = 0;
  for (let i = 0; i < m; i++) {
    const row = members[i]! * total;
    touching += sums.rows[members[i]!]!;
    for (let j = i + 1; j < m; j++) theirs += kernel[row + members[j]!]!;
  }
  const across = touching - 2 * theirs;
  const own = sums.all - theirs - across;
  return (2 * own) / (n * (n - 1)) + (2 * theirs) / (m * (m - 1)) - (2 * across) / (n * m);
}

interface Sums {
  /** [n + m] */
  readonly rows: Float64Array;
  /** Over pairs, each once. */
  readonly all: number;
}

function sumsOf(kernel: Float64Array, total: number): Sums {
  const rows = new Float64Array(total);
  let all = 0;
  for (let i = 0; i < total; i++) {
    let sum = 0;
    for (let j = 0; j < total; j++) sum += kernel[i * total + j]!;
    rows[i] = sum;
    all += sum;
  }
  return { rows, all: all / 2 };
}
