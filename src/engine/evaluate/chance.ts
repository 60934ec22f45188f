/** Too few examples tell nothing about chance. */
const fewest = 30;
const significance = 0.05;

/**
 * Whether an accuracy may be had by guessing: a one-sided binomial test against 1/classes does not reject. A model that
 * is right about so few examples has the wrong data or pre-processing, or is not trained; to attack it says nothing.
 */
export function isAtChance(correct: number, count: number, classes: number): boolean {
  if (count < fewest || classes < 2) return false;
  return upperTail(correct, count, 1 / classes) > significance;
}

/** P(X ≥ k) for X ~ Binomial(n, p), summed in logarithms. */
export function upperTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  let logTerm = 0;
  // log C(n, k) + k log p + (n - k) log(1 - p)
  for (let i = 1; i <= k; i++) logTerm += Math.log((n - k + i) / i) + Math.log(p);
  logTerm += (n - k) * Math.log1p(-p);
  let tail = 0;
  for (let i = k; i <= n; i++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((n - i) / (i + 1)) + Math.log(p) - Math.log1p(-p);
  }
  return Math.min(1, tail);
}
