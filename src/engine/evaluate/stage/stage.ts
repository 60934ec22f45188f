import type { Oracle } from '../../attack/types';
import type { Verifier } from '../../attack/verify';
import type { Columns } from '../../corruption/tabular/columns';
import type { Dataset } from '../../data/types';
import type { Work, WorkKind } from '../estimate';
import type { Chunk } from '../examples';
import { perExample, targetsOf } from '../pairs';
import type { RunState } from '../state';

/** What a stage needs to run; none of it is in the journal. */
export interface StageContext {
  readonly oracle: Oracle;
  readonly verifier: Verifier;
  readonly facts: EvaluationFacts;
  readonly seed: number;
  readonly state: RunState;
  readonly signal?: AbortSignal;
}

export type EvaluationFacts = Pick<Dataset, 'kind' | 'shape' | 'range' | 'features' | 'sampleRate'> & {
  readonly count: number;
  /** Names by class index, one for each class of the model. */
  readonly classes: readonly string[];
  readonly differentiable: boolean;
  /** No scores can be had of the model, in the file or out of it. */
  readonly labelsOnly?: boolean;
  /** Of a table, where corruptions need them. */
  readonly columns?: Columns;
  /** Examples in a unit of work: by the model alone, so that what is made of units does not depend on the batch size. */
  readonly unitSize: number;
};

/**
 * One step of the plan over a set of examples, cut into units of `chunk` examples. `select` is asked when the stage
 * begins; since it depends on the state alone, a resumed run cuts the same units.
 */
export interface Stage<Result = unknown, State = RunState, Context = StageContext> {
  /** Key of its units in the journal. */
  readonly id: string;
  /** What is being done, in words. */
  readonly title: string;
  readonly kind: WorkKind;
  /** Stages of a family take about the same time a pass. */
  readonly family: string;
  /** Nominal passes through the model for one example. */
  readonly passes: number;
  /** Examples in a unit. */
  readonly chunk: number;
  /** Of a stage over other data than those of the evaluation. */
  readonly dataset?: Dataset;
  select(state: State): Int32Array;
  /** Of a stage over pairs of an example and a class to reach: pairs an example. Examples are selected, if absent. */
  perExample?(state: State): number;
  /** The classes to reach, of such a stage. */
  targets?(state: State, pairs: Int32Array): Int32Array | undefined;
  run(chunk: Chunk, context: Context): Promise<Result>;
  /** Folds a result, fresh or from the journal, into the state. */
  apply(state: State, indices: Int32Array, result: Result): void;
  /** Called once all units are applied. */
  finish?(state: State): void;
}

/** That a stage is over the pairs of a threat model. */
export function overPairs(threatIndex: number): Pick<Required<Stage>, 'perExample' | 'targets'> {
  return {
    perExample: ({ threats }) => {
      const of = threats[threatIndex];
      return of ? perExample(of) : 1;
    },
    targets: (state, pairs) => targetsOf(state, state.threats[threatIndex], pairs),
  };
}

export function workOf(stage: Pick<Stage, 'kind' | 'family' | 'passes'>, examples: number): Work {
  return { kind: stage.kind, family: stage.family, passes: stage.passes * examples };
}
