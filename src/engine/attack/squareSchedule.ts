/**
 * Iterations after which the share of changed values halves, as AutoAttack runs Square (without scaling to the query
 * budget): a small budget is better spent on large squares than on ending with single pixels.
 */
const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

/** Share of the values of a channel that one proposal changes (Andriushchenko et al. 2020, §3.1 and appendix B). */
export function changedShare(iteration: number, initial = 0.8): number {
  return initial / 2 ** halvings.filter((at) => iteration > at).length;
}
