import { RobustnessError } from '../../error';
import type { DriftReport } from '../../report/shifts';
import type { OpenShift } from '../shifts';
import type { Stage } from './stage';

/** What finished units have told of a shifted data set. */
export interface ShiftState {
  readonly shift: OpenShift;
  readonly count: number;
  /** Logits, or predicted numbers, an example. */
  readonly width: number;
  /** [count, width] */
  readonly outputs: Float32Array;
  /** [count]; zeros where there are none. */
  readonly label: Int32Array;
  /** [count, width] of a regression. */
  readonly targets: Float32Array;
  /** Examples seen, in order. */
  seen: number;
  drift: DriftReport | null;
}

interface ShiftResult {
  /** [n] */
  readonly y: Int32Array;
  /** [n, width] */
  readonly outputs: Float32Array;
  /** [n, width], or empty. */
  readonly targets: Float32Array;
}

export function emptyShift(shift: OpenShift, width: number): ShiftState {
  const { count, targets } = shift.dataset;
  return {
    shift,
    count,
    width,
    outputs: new Float32Array(count * width),
    label: new Int32Array(count),
    targets: new Float32Array(targets === undefined ? 0 : count * width),
    seen: 0,
    drift: null,
  };
}

/** Key of a shift's units in the journal: by position, since names may hold anything. */
export function shiftStageId(position: number): string {
  return `shift/${position}`;
}

/**
 * What the model says about all examples of a shifted data set.
 * @param outputsOf what the model gives for [n, ...shape]
 */
export function shiftStage<State, Context>(
  own: ShiftState,
  position: number,
  outputsOf: (x: Float32Array, context: Context) => Promise<Float32Array>,
): Stage<ShiftResult, State, Context> {
  const { shift, count, width } = own;
  const labelled = shift.kind === 'shift' && shift.dataset.targets === undefined;
  const all = Int32Array.from({ length: count }, (_, i) => i);
  return {
    id: shiftStageId(position),
    title: `Shift ${shift.name}`,
    kind: 'scores',
    family: 'clean',
    passes: 1,
    chunk: 128,
    dataset: shift.dataset,
    select: () => all,
    async run(chunk, context) {
      const stray = labelled ? chunk.y.find((label) => label < 0 || label >= width) : undefined;
      if (stray !== undefined) {
        throw new RobustnessError(
          'data/labels',
          `The shift “${shift.name}” holds the label ${stray}, and the model has ${width} classes (0 to ${width - 1}).`,
          'Give the labels of the test data to it, or call it `kind: out-of-distribution`.',
        );
      }
      const outputs = await outputsOf(chunk.x, context);
      for (let i = 0; i < outputs.length; i++) {
        if (Number.isFinite(outputs[i])) continue;
        throw new RobustnessError(
          'evaluate/not-finite',
          `The model gives outputs that are not finite numbers for example ${chunk.indices[Math.floor(i / width)]} of the shift “${shift.name}”.`,
          'Check these data for values that the model cannot take; a figure over such outputs would mean nothing.',
        );
      }
      return { y: chunk.y, outputs, targets: chunk.targets ?? new Float32Array(0) };
    },
    apply(_state, indices, { y, outputs, targets }) {
      const first = indices[0] ?? 0;
      own.outputs.set(outputs, first * width);
      own.label.set(y, first);
      if (own.targets.length > 0) own.targets.set(targets, first * width);
      own.seen += indices.length;
    },
  };
}
