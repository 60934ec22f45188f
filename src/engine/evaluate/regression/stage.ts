import type { Oracle } from '../../attack/types';
import type { VerifierModel } from '../../attack/verify';
import type { EvaluationFacts, Stage } from '../stage/stage';
import type { RegressionState } from './state';

/** What a stage of a regression needs to run; none of it is in the journal. */
export interface OutputContext {
  readonly oracle: Oracle;
  /** The untouched file: every figure is computed by it. */
  readonly original: VerifierModel;
  readonly facts: EvaluationFacts;
  readonly seed: number;
  readonly state: RegressionState;
  readonly signal?: AbortSignal;
}

export type OutputStage<Result = unknown> = Stage<Result, RegressionState, OutputContext>;
