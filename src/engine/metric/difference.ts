import type { Figure } from '../report/schema';
import { share } from './interval';

/**
 * Difference p₁ − p₂ of the shares of two independent samples with its 95 % interval from the two Wilson intervals (Newcombe 1998, Interval
 * Estimation for the Difference Between Independent Proportions, method 10). Of an empty sample nothing is known: [−1, 1].
 */
export function shareDifference(
  successes: number,
  n: number,
  otherSuccesses: number,
  otherN: number,
): { readonly value: number; readonly low: number; readonly high: number } {
  return differenceOf(share(successes, n), share(otherSuccesses, otherN));
}

/** The same of two shares with their Wilson intervals. */
export function differenceOf(
  a: Figure,
  b: Figure,
): { readonly value: number; readonly low: number; readonly high: number } {
  if (a.n === 0 || b.n === 0) return { value: a.value - b.value, low: -1, high: 1 };
  const value = a.value - b.value;
  return {
    value,
    low: Math.max(-1, value - Math.hypot(a.value - a.low, b.high - b.value)),
    high: Math.min(1, value + Math.hypot(a.high - a.value, b.value - b.low)),
  };
}
