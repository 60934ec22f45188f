import { share } from './interval';

/** Two models on the same examples: where one is right and the other is not. */
export interface PairedComparison {
  readonly both: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly neither: number;
  /** Accuracy of the first less that of the second, with a 95 % interval for paired shares (Newcombe 1998, method 10). */
  readonly difference: { readonly value: number; readonly low: number; readonly high: number; readonly n: number };
  /** McNemar's exact two-sided p-value: the chance of so uneven a split if both were equally good. */
  readonly pValue: number;
}

/** McNemar's test (1947), exact by the binomial distribution, on what each model got right: [n] 0 or 1 each. Null without examples. */
export function pairedComparison(first: Uint8Array, second: Uint8Array): PairedComparison | null {
  const n = first.length;
  if (n === 0) return null;
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) counts[(first[i] === 1 ? 0 : 2) + (second[i] === 1 ? 0 : 1)]! += 1;
  const [both, onlyFirst, onlySecond, neither] = counts as [number, number, number, number];
  return {
    both,
    onlyFirst,
    onlySecond,
    neither,
    difference: { ...pairedInterval(both, onlyFirst, onlySecond, neither), n },
    pValue: exactBinomial(onlyFirst, onlySecond),
  };
}

/** Two-sided: twice the smaller tail of Binomial(b + c, ½), at most 1. */
function exactBinomial(b: number, c: number): number {
  const n = b + c;
  if (n === 0) return 1;
  const least = Math.min(b, c);
  // In logarithms: ½ⁿ is 0 in float64 from n = 1075 on.
  let term = n * Math.log(0.5);
  let tail = 0;
  for (let k = 0; k <= least; k++) {
    tail += Math.exp(term);
    term += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}

/** Newcombe 1998, Improved confidence intervals for the difference between binomial proportions based on paired data, method 10. */
function pairedInterval(
  both: number,
  onlyFirst: number,
  onlySecond: number,
  neither: number,
): { value: number; low: number; high: number } {
  const n = both + onlyFirst + onlySecond + neither;
  const p1 = (both + onlyFirst) / n;
  const p2 = (both + onlySecond) / n;
  const one = share(both + onlyFirst, n);
  const two = share(both + onlySecond, n);
  const margins = (both + onlyFirst) * (onlySecond + neither) * (both + onlySecond) * (onlyFirst + neither);
  let product = both * neither - onlyFirst * onlySecond;
  if (product > 0) product = Math.max(product - n / 2, 0);
  const phi = margins > 0 ? product / Math.sqrt(margins) : 0;
  const half = (a: number, b: number) => Math.sqrt(Math.max(0, a * a - 2 * phi * a * b + b * b));
  const value = p1 - p2;
  return {
    value,
    low: Math.max(-1, value - half(p1 - one.low, two.high - p2)),
    high: Math.min(1, value + half(one.high - p1, p2 - two.low)),
  };
}
