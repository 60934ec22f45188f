/** Score of the true class less the best other score; negative when another class is strictly ahead. */
export function margin(logits: Float32Array, row: number, classes: number, label: number): number {
  const offset = row * classes;
  let other = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < classes; k++) {
    const score = logits[offset + k]!;
    if (k !== label && score > other) other = score;
  }
  return logits[offset + label]! - other;
}

/**
 * Whether the predicted class is not the true one. Of equal scores the first class wins, as in every accuracy here: a model
 * whose outputs all die to 0 predicts class 0, whatever the label.
 */
export function isBroken(logits: Float32Array, row: number, classes: number, label: number): boolean {
  const offset = row * classes;
  const own = logits[offset + label]!;
  for (let k = 0; k < classes; k++) {
    const score = logits[offset + k]!;
    if (score > own || (k < label && score === own)) return true;
  }
  return false;
}

/** Whether the predicted class is the target: no other score is higher, and none before it as high. */
export function reachesTarget(logits: Float32Array, row: number, classes: number, target: number): boolean {
  return !Number.isNaN(logits[row * classes + target]) && !isBroken(logits, row, classes, target);
}
