/** Class with the greatest score in each row of [n, classes]; the first of equals; -1 where no score is a number. */
export function predictions(scores: ArrayLike<number>, classes: number): Int32Array {
  const n = scores.length / classes;
  const predicted = new Int32Array(n).fill(-1);
  for (let i = 0; i < n; i++) {
    let best = Number.NaN;
    for (let c = 0; c < classes; c++) {
      const score = scores[i * classes + c]!;
      // The first number replaces NaN; after that only a greater one replaces the best.
      if (score > best || (Number.isNaN(best) && !Number.isNaN(score))) {
        best = score;
        predicted[i] = c;
      }
    }
  }
  return predicted;
}

/** Probabilities [n, classes] from logits [n, classes]; rows that hold no number, or overflow, give zeros, never NaN. */
export function softmax(logits: ArrayLike<number>, classes: number): Float64Array {
  const probabilities = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    let max = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) max = Math.max(max, orLowest(logits[start + c]!));
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const logit = orLowest(logits[start + c]!);
      // Infinity minus itself is no number: an infinite logit shares the whole probability with its equals.
      const value = logit === max ? Number(max !== Number.NEGATIVE_INFINITY) : Math.exp(logit - max);
      probabilities[start + c] = value;
      sum += value;
    }
    for (let c = 0; c < classes && sum > 0; c++) probabilities[start + c]! /= sum;
  }
  return probabilities;
}

function orLowest(logit: number): number {
  return Number.isNaN(logit) ? Number.NEGATIVE_INFINITY : logit;
}
