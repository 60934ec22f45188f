import * as vscode from 'vscode';
import { type ErrorData, RobustnessError, toErrorData } from '../../engine/error';
import type { EvaluationRequest } from '../../engine/evaluate/target';
import type { AnyReport } from '../../engine/report/regression';
import { startWorker } from '../../worker/client';
import type { Progress, WorkerJob, WorkerMessage } from '../../worker/protocol';
import { Owner } from '../owner';

export type RunState = 'running' | 'complete' | 'cancelled' | 'failed';

/** One evaluation that this window started. */
export interface Run {
  readonly modelPath: string;
  readonly request: EvaluationRequest;
  readonly startedAt: number;
  readonly state: RunState;
  /** Of the journal, for resuming; null until the worker has said it. */
  readonly runId: string | null;
  readonly reportPath: string | null;
  readonly progress: Progress | null;
  /** What whoever waits should know, such as that another execution provider is used; the report says it too. */
  readonly notice: string | null;
  /** The report so far. */
  readonly report: AnyReport | null;
  readonly error: ErrorData | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Live {
  readonly run: Mutable<Run>;
  cancel(): void;
}

/** The evaluations of this window. Each is a process of its own; the extension host only listens. */
export class RunStore extends Owner {
  readonly #workerPath: string;
  readonly #live = new Set<Live>();
  readonly #byReport = new Map<string, Run>();
  readonly #changed = this.own(new vscode.EventEmitter<Run>());
  /** A run started, moved or ended. */
  readonly onDidChange = this.#changed.event;

  constructor(workerPath: string) {
    super();
    this.#workerPath = workerPath;
    this.own({
      dispose: () => {
        for (const live of this.#live) live.cancel();
      },
    });
  }

  /** Runs that have not ended, oldest first. */
  get live(): readonly Run[] {
    return [...this.#live].map((each) => each.run);
  }

  /** The last run of this window that wrote the report at `path`, ended or not. */
  byReport(path: string): Run | undefined {
    return this.#byReport.get(path);
  }

  byModel(path: string): Run | undefined {
    return this.live.find((run) => run.modelPath === path);
  }

  /**
   * Starts an evaluation.
   * `opened` settles with the path of the report as soon as the worker has said it; `ended` when all is over.
   */
  start(request: EvaluationRequest, modelPath: string): { run: Run; opened: Promise<string>; ended: Promise<Run> } {
    const run: Mutable<Run> = {
      modelPath,
      request,
      startedAt: Date.now(),
      state: 'running',
      runId: request.resume ?? null,
      reportPath: null,
      progress: null,
      notice: null,
      report: null,
      error: null,
    };
    let open: (path: string) => void = () => {};
    let refuse: (reason: unknown) => void = () => {};
    const opened = new Promise<string>((resolve, reject) => {
      open = resolve;
      refuse = reject;
    });
    // Whoever does not wait for the report must not be told twice of a failure that `ended` tells.
    opened.catch(() => {});
    const onMessage = (message: WorkerMessage) => {
      if (message.type === 'started') {
        run.runId = message.runId;
        run.reportPath = message.reportPath;
        this.#byReport.set(message.reportPath, run);
        open(message.reportPath);
      } else if (message.type === 'progress') run.progress = message.progress;
      else if (message.type === 'report') run.report = message.report;
      else if (message.type === 'notice') run.notice = message.text;
      else return;
      this.#changed.fire(run);
    };
    const worker = startWorker(this.#workerPath, { kind: 'evaluate', request }, { onMessage });
    const live: Live = { run, cancel: () => worker.cancel() };
    this.#live.add(live);
    const ended = worker.result
      .then(
        () => {
          run.state = 'complete';
        },
        (error: unknown) => {
          run.state = RobustnessError.is(error, 'worker/cancelled') ? 'cancelled' : 'failed';
          run.error = toErrorData(error);
          refuse(error);
        },
      )
      .then(() => {
        this.#live.delete(live);
        this.#changed.fire(run);
        return run;
      });
    this.#changed.fire(run);
    return { run, opened, ended };
  }

  /** Ends a run at once; its journal stays, to resume from. */
  cancel(run: Run): void {
    for (const live of this.#live) if (live.run === run) live.cancel();
  }

  /** A job other than an evaluation (inspect, infer, export) that ends with `token`. */
  async job(
    job: WorkerJob,
    token: vscode.CancellationToken,
    onMessage: (message: WorkerMessage) => void = () => {},
  ): Promise<unknown> {
    const worker = startWorker(this.#workerPath, job, { onMessage });
    const listener = token.onCancellationRequested(() => worker.cancel());
    try {
      return await worker.result;
    } finally {
      listener.dispose();
    }
  }
}
