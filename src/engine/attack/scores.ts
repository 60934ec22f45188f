/** Score of the true class less the best other score; negative exactly when another class is strictly ahead. */
export function margin(logits: Float32Array, row: number, classes: number, label: number): number {
  const offset = row * classes;
  let other = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < classes; k++) {
    const score = logits[offset + k]!;
    if (k !== label && score > other) other = score;
  }
  return logits[offset + label]! - other;
}
