import { RobustnessError } from '../../error';
import { absoluteErrors, squaredErrors, type Tolerance, withinTolerance } from '../../metric/regression';
import { where } from '../state';
import type { OutputStage } from './stage';

interface CleanResult {
  /** [n, outputs] */
  readonly targets: Float32Array;
  /** [n, outputs] */
  readonly predictions: Float32Array;
}

/** What the original model predicts for the examples as they are. */
export function cleanOutputStage(unitSize: number, tolerance: Tolerance | null): OutputStage<CleanResult> {
  return {
    id: 'clean',
    title: 'Clean errors',
    kind: 'scores',
    family: 'clean',
    passes: 1,
    chunk: Math.max(unitSize, 32),
    select: (state) => where(state.count, () => true),
    async run(chunk, { original }) {
      const predictions = await original.predict(chunk.x);
      if (!predictions.every(Number.isFinite)) {
        throw new RobustnessError(
          'evaluate/not-finite',
          'The model gives outputs that are not finite numbers (NaN or infinity) for some of the data.',
          'Check the data for missing values and the export of the model; a figure over such outputs would mean nothing.',
        );
      }
      return { targets: chunk.targets ?? new Float32Array(0), predictions };
    },
    apply(state, indices, { targets, predictions }) {
      const { outputs } = state;
      const absolute = absoluteErrors(predictions, targets, outputs);
      const squared = squaredErrors(predictions, targets, outputs);
      indices.forEach((index, i) => {
        const target = targets.subarray(i * outputs, (i + 1) * outputs);
        const prediction = predictions.subarray(i * outputs, (i + 1) * outputs);
        state.targets.set(target, index * outputs);
        state.predictions.set(prediction, index * outputs);
        for (const threat of state.threats) {
          threat.lowest.set(prediction, index * outputs);
          threat.highest.set(prediction, index * outputs);
          threat.absolute[index] = absolute[i]!;
          threat.squared[index] = squared[i]!;
          threat.within[index] = tolerance !== null && withinTolerance(prediction, target, tolerance) ? 1 : 0;
        }
      });
      state.seen += indices.length;
    },
  };
}
