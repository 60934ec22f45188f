import type { Corruption } from '../../corruption/types';
import { confidences } from '../../metric/confidence';
import { addConfidence, emptyConfidenceTally } from '../../metric/confidenceTally';
import { Random } from '../../random';
import type { Chunk } from '../examples';
import { argmax, where } from '../state';
import type { EvaluationFacts, Stage } from './stage';

interface CorruptionResult {
  /** [n] predicted classes under the corruption; −1 where a score is NaN. */
  readonly prediction: Int32Array;
  /** [n] confidence in them and their Brier scores; absent where the model gives labels alone. */
  readonly confidence?: Float32Array;
  readonly brier?: Float32Array;
}

/** One corruption at one severity over all examples. */
export function corruptionStage(
  corruption: Corruption,
  severity: number,
  position: number,
  /** Null for data without a range, where the corruption goes by columns. */
  bounds: readonly [number, number] | null,
  facts: EvaluationFacts,
): Stage<CorruptionResult> {
  return {
    id: `corruption/${corruption.name}/${severity}`,
    title: `${corruption.title}, severity ${severity}`,
    kind: 'scores',
    family: 'corruption',
    passes: 1,
    chunk: 128,
    select: (state) => where(state.count, () => true),
    async run(chunk, { oracle, seed }) {
      const corrupted = corruptedExamples(corruption, severity, bounds, facts, chunk, seed);
      const logits = await oracle.logits(corrupted);
      return {
        prediction: answers(logits, oracle.classes),
        ...(facts.labelsOnly ? {} : confidences(logits, chunk.y, oracle.classes)),
      };
    },
    apply(state, indices, { prediction, confidence, brier }) {
      state.corruptions[position] ??= {
        name: corruption.name,
        title: corruption.title,
        severity,
        parameter: corruption.describe(severity, facts.shape),
        seen: 0,
        correct: 0,
        stable: 0,
        unanswered: 0,
        ...(confidence ? { confidence: emptyConfidenceTally() } : {}),
      };
      const tally = state.corruptions[position];
      indices.forEach((index, i) => {
        tally.seen++;
        if (prediction[i] === -1) {
          tally.unanswered++;
          return;
        }
        if (prediction[i] === state.label[index]) tally.correct++;
        if (prediction[i] === state.prediction[index]) tally.stable++;
        if (confidence && brier && tally.confidence) {
          addConfidence(tally.confidence, confidence[i]!, prediction[i] === state.label[index] ? 1 : 0, brier[i]!);
        }
      });
    },
  };
}

/** The classes with the highest scores; none where a score is NaN, which a comparison would take for the lowest. */
function answers(logits: Float32Array, classes: number): Int32Array {
  const prediction = argmax(logits, classes);
  for (let i = 0; i < logits.length; i++) if (Number.isNaN(logits[i])) prediction[Math.floor(i / classes)] = -1;
  return prediction;
}

/**
 * The examples of a chunk under a corruption, [n, ...shape]: each with a random stream of its own, so that they are the same however the data
 * are cut.
 *
 * @param bounds null for data without a range, where the corruption goes by columns
 */
export function corruptedExamples(
  corruption: Corruption,
  severity: number,
  bounds: readonly [number, number] | null,
  facts: Pick<EvaluationFacts, 'shape' | 'columns'>,
  { x, indices }: Pick<Chunk, 'x' | 'indices'>,
  seed: number,
): Float32Array {
  const within = bounds ?? ([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const);
  const size = x.length / Math.max(1, indices.length);
  const corrupted = new Float32Array(x.length);
  indices.forEach((index, i) => {
    const random = Random.of(seed, corruption.name, severity, index);
    const own = x.subarray(i * size, (i + 1) * size);
    corrupted.set(corruption.apply(own, facts.shape, severity, within, random, facts.columns), i * size);
  });
  return corrupted;
}
