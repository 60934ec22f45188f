import type { ErrorData } from '../engine/error';
import type { EvaluationRequest } from '../engine/evaluate/target';
import type { ExportRequest } from '../engine/export/request';
import type { AnyReport } from '../engine/report/regression';

/** What the parent asks of the worker process. One process does one job and exits; cancel is a kill. */
export type WorkerJob =
  | { readonly kind: 'evaluate'; readonly request: EvaluationRequest }
  | { readonly kind: 'inspect'; readonly modelPath: string }
  | { readonly kind: 'export'; readonly request: ExportRequest }
  | { readonly kind: 'infer'; readonly modelPath: string; readonly dataPath?: string };

export interface Progress {
  /** What is being done, in words. */
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  /** Estimated; null until enough has run. */
  readonly secondsLeft: number | null;
}

/** What the worker says. A job ends with exactly one `result` or `error`; a death without either is `worker/died`. */
export type WorkerMessage =
  | { readonly type: 'started'; readonly runId: string; readonly reportPath: string }
  | { readonly type: 'progress'; readonly progress: Progress }
  /** A sentence for whoever waits; the report says it too. */
  | { readonly type: 'notice'; readonly text: string }
  /** The report so far; the same is on disk. */
  | { readonly type: 'report'; readonly report: AnyReport }
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'error'; readonly error: ErrorData };
