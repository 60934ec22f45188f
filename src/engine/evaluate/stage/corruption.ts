import type { Corruption } from '../../corruption/types';
import { Random } from '../../random';
import { argmax, where } from '../state';
import type { EvaluationFacts, Stage } from './stage';

interface CorruptionResult {
  /** [n] predicted classes under the corruption. */
  readonly prediction: Int32Array;
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
  const within = bounds ?? ([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const);
  return {
    id: `corruption/${corruption.name}/${severity}`,
    title: `${corruption.title}, severity ${severity}`,
    kind: 'scores',
    family: 'corruption',
    passes: 1,
    chunk: 128,
    select: (state) => where(state.count, () => true),
    async run(chunk, { oracle, seed }) {
      const size = oracle.exampleSize;
      const corrupted = new Float32Array(chunk.x.length);
      chunk.indices.forEach((index, i) => {
        const random = Random.of(seed, corruption.name, severity, index);
        const x = chunk.x.subarray(i * size, (i + 1) * size);
        corrupted.set(corruption.apply(x, facts.shape, severity, within, random, facts.columns), i * size);
      });
      return { prediction: argmax(await oracle.logits(corrupted), oracle.classes) };
    },
    apply(state, indices, { prediction }) {
      state.corruptions[position] ??= {
        name: corruption.name,
        title: corruption.title,
        severity,
        seen: 0,
        correct: 0,
        stable: 0,
      };
      const tally = state.corruptions[position];
      indices.forEach((index, i) => {
        tally.seen++;
        if (prediction[i] === state.label[index]) tally.correct++;
        if (prediction[i] === state.prediction[index]) tally.stable++;
      });
    },
  };
}
