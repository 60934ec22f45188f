import { RobustnessError } from '../../error';
import { perExample } from '../pairs';
import { argmax, where } from '../state';
import type { Stage } from './stage';

interface CleanResult {
  /** [n] */
  readonly y: Int32Array;
  /** [n, classes] */
  readonly logits: Float32Array;
}

/** What the model says about the examples as they are. */
export function cleanStage(): Stage<CleanResult> {
  return {
    id: 'clean',
    title: 'Clean accuracy',
    kind: 'scores',
    family: 'clean',
    passes: 1,
    chunk: 128,
    select: (state) => where(state.count, () => true),
    async run(chunk, { oracle }) {
      const stray = chunk.y.find((label) => label < 0 || label >= oracle.classes);
      if (stray !== undefined) {
        throw new RobustnessError(
          'data/labels',
          `The data hold the label ${stray}, and the model has ${oracle.classes} classes (0 to ${oracle.classes - 1}).`,
          'Check that the data belong to this model, and that the label column is the right one.',
        );
      }
      const logits = await oracle.logits(chunk.x);
      if (!logits.every(Number.isFinite)) {
        throw new RobustnessError(
          'evaluate/not-finite',
          'The model gives scores that are not finite numbers (NaN or infinity) for some of the data.',
          'Check the data for missing values and the export of the model; a figure over such scores would mean nothing.',
        );
      }
      return { y: chunk.y, logits };
    },
    apply(state, indices, { y, logits }) {
      const prediction = argmax(logits, state.classes);
      indices.forEach((index, i) => {
        state.label[index] = y[i] as number;
        state.prediction[index] = prediction[i] as number;
        state.logits.set(logits.subarray(i * state.classes, (i + 1) * state.classes), index * state.classes);
        if (prediction[i] === y[i]) return;
        for (const of of state.threats) of.settled.fill(1, index * perExample(of), (index + 1) * perExample(of));
      });
      state.seen += indices.length;
    },
  };
}
