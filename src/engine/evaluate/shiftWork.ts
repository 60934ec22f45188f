import { RobustnessError } from '../error';
import type { OpenedModel } from '../model';
import { storedPath } from '../report/store';
import type { ReportFrame } from './assemble';
import { measureDrift } from './drift';
import type { Journal } from './journal';
import type { Subject } from './prepare';
import { ShiftAssembler } from './shiftReport';
import type { OpenShifts } from './shifts';
import { emptyShift, type ShiftState, shiftStage, shiftStageId } from './stage/shift';
import type { Stage } from './stage/stage';

/** The part of an evaluation that is about other data: its stages, what they found, and what the report says of it. */
export class ShiftWork {
  private readonly states: readonly ShiftState[];

  /** @param width logits, or predicted numbers, an example */
  constructor(
    private readonly opened: OpenShifts,
    private readonly subject: Pick<Subject, 'dataset'>,
    width: number,
    private readonly seed: number,
    /** Folder that the report's paths are relative to. */
    private readonly base: string,
    private readonly model: Pick<OpenedModel, 'embedding'>,
  ) {
    this.states = opened.shifts.map((shift) => emptyShift(shift, width));
  }

  /** Of those that gates may mention. */
  get names(): readonly string[] {
    return this.states.map(({ shift }) => shift.name);
  }

  /** @param outputsOf what the model gives for [n, ...shape] */
  stages<State, Context>(
    outputsOf: (x: Float32Array, context: Context) => Promise<Float32Array>,
  ): Stage<unknown, State, Context>[] {
    return this.states.map(
      (state, i) => shiftStage<State, Context>(state, i, outputsOf) as Stage<unknown, State, Context>,
    );
  }

  /**
   * How far the data of a stage that is over are from the test data; journalled, so that a resumed run reports the same.
   * @param reference [count, width]: what the model gives for the test data
   */
  async onStage(
    id: string,
    reference: Float32Array,
    journal: Journal,
    keyPrefix: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const position = this.states.findIndex((_, i) => shiftStageId(i) === id);
    const state = this.states[position];
    if (state === undefined) return;
    const key = `${keyPrefix}drift/${position}`;
    const known = journal.get(key) as { drift: ShiftState['drift'] } | undefined;
    if (known !== undefined) {
      state.drift = known.drift;
      return;
    }
    const outputs = { size: state.width, reference, other: state.outputs };
    const { dataset } = this.subject;
    const embedding = await this.model.embedding().catch((error: unknown) => {
      // A part of a graph may not load where the whole does; the figure is left out then, and the run goes on.
      if (RobustnessError.is(error)) return null;
      throw error;
    });
    try {
      state.drift = await measureDrift(dataset, state.shift.dataset, outputs, embedding, this.seed, signal);
    } finally {
      await embedding?.release();
    }
    await journal.append(key, { drift: state.drift });
  }

  assembler({ model, data, seed }: Pick<ReportFrame, 'model' | 'data' | 'seed'>): ShiftAssembler {
    return new ShiftAssembler(this.states, {
      seed,
      modelSha256: model.sha256,
      testSha256: data.sha256,
      labelsOnly: model.labelsOnly === true && model.scoresBefore === undefined,
      baselines: this.opened.baselines,
      shown: (path) => storedPath(this.base, path),
    });
  }
}
