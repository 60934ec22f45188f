/** Outputs of which each is driven up and down by itself; of more, only all of them together are. */
const mostOutputs = 16;

/** In how many directions an attack drives the outputs of an example. */
export function directionsOf(outputs: number): number {
  if (outputs === 1) return 2;
  return 2 + (outputs <= mostOutputs ? 2 * outputs : 0);
}

/**
 * The directions, as weights of the outputs. One output is driven up and down, which holds the largest error and the largest
 * change alike; several also together away from their targets, and together toward and past them.
 *
 * @returns {@link directionsOf} rows of one weight an output.
 */
export function aimsOf(prediction: Float32Array, target: Float32Array): number[][] {
  const outputs = prediction.length;
  if (outputs === 1) return [[1], [-1]];
  const away = Array.from(prediction, (value, j) => (value >= target[j]! ? 1 : -1) / outputs);
  const together = [away, away.map((weight) => -weight)];
  if (outputs > mostOutputs) return together;
  const alone = [1, -1].flatMap((weight) => away.map((_, j) => away.map((_, k) => (k === j ? weight : 0))));
  return [...together, ...alone];
}
