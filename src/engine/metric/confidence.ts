import { predictions, softmax } from './prediction';
import { brierScores } from './probabilistic';

/** How sure a model is of what it predicts. */
export interface Confidences {
  /** [n] probability of the predicted class, 0..1; 0 where no score is a number. */
  readonly confidence: Float32Array;
  /** [n] Brier scores, 0..2. */
  readonly brier: Float32Array;
}

/** @param logits [n, classes] */
export function confidences(logits: Float32Array, labels: Int32Array, classes: number): Confidences {
  const probabilities = softmax(logits, classes);
  const predicted = predictions(logits, classes);
  const confidence = new Float32Array(predicted.length);
  for (let i = 0; i < confidence.length; i++) {
    confidence[i] = predicted[i]! < 0 ? 0 : probabilities[i * classes + predicted[i]!]!;
  }
  return { confidence, brier: Float32Array.from(brierScores(probabilities, labels, classes)) };
}
