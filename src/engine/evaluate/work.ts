import type { AnyReport } from '../report/regression';
import type { Report } from '../report/schema';
import type { ReportFrame } from './assemble';
import type { RunOptions } from './run';
import type { StageContext } from './stage/stage';
import type { RunState } from './state';

/** What is evaluated differs by the task; how it is run, journalled and published does not. */
export interface Work {
  /** What was left out or put in, and why, in words for the report. */
  readonly notes: readonly string[];
  /** Makes the report so far. */
  assembler(frame: ReportFrame): (status: Report['status'], wallSeconds: number) => AnyReport;
  /** Runs what the journal does not hold yet. */
  run(options: Omit<RunOptions<RunState, StageContext>, 'stages' | 'context' | 'onStage'>): Promise<void>;
}
