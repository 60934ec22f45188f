/**
 * p-values adjusted for the number of tests (Holm 1979, A Simple Sequentially Rejective Multiple Test Procedure): of m tests
 * the k-th smallest is multiplied by m − k + 1, never falls below a smaller one's, and is at most 1. Rejecting where the result is
 * below α holds the chance of any false rejection to α, whatever the tests have in common.
 *
 * @returns one for each of `pValues`, in their order
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let before = 0;
  for (const [rank, i] of order.entries()) {
    before = Math.max(before, Math.min(1, (pValues.length - rank) * pValues[i]!));
    adjusted[i] = before;
  }
  return adjusted;
}
