import { fork } from 'node:child_process';
import { RobustnessError } from '../engine/error';
import { lean } from './lean';
import type { WorkerJob, WorkerMessage } from './protocol';

export interface WorkerHandlers {
  /** Called for each message, the last `result` or `error` included. */
  onMessage(message: WorkerMessage): void;
}

export interface RunningWorker {
  /**
   * Settles once: with the job's result, or with a RobustnessError: the job's own, `worker/cancelled`, or `worker/died`.
   */
  readonly result: Promise<unknown>;
  readonly pid: number | undefined;
  /** Kills the process; `result` rejects at once, without waiting for it to go. */
  cancel(): void;
}

/** The worker's last words on standard error, for the message about its death. */
const keptStderr = 2000;

/**
 * Starts a process for one job. Works from plain Node and from VS Code's extension host, whose `process.execPath` is
 * Electron and is told to behave as Node.
 * @param workerPath the bundled `worker.cjs`
 */
export function startWorker(workerPath: string, job: WorkerJob, handlers: WorkerHandlers): RunningWorker {
  const child = fork(workerPath, [], {
    // Who sets the allocator's variables for the parent knows better.
    env: { ...lean.env, ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    // Flags of the parent, such as an inspector's port, are not for the child.
    execArgv: [...lean.execArgv],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-keptStderr);
  });

  let cancel = (): void => {};
  const result = new Promise<unknown>((resolve, reject) => {
    let settled = false;
    const settle = (action: () => void): void => {
      if (settled) return;
      settled = true;
      action();
    };
    cancel = () => {
      settle(() =>
        reject(
          new RobustnessError(
            'worker/cancelled',
            'The run was cancelled.',
            'Resume it to go on from the last finished step.',
          ),
        ),
      );
      child.kill('SIGKILL');
    };
    child.on('message', (message: WorkerMessage) => {
      if (settled) return;
      handlers.onMessage(message);
      if (message.type === 'result') settle(() => resolve(message.result));
      else if (message.type === 'error') settle(() => reject(RobustnessError.fromData(message.error)));
    });
    child.on('error', (cause) => settle(() => reject(died(`it could not be started (${cause.message})`, cause))));
    child.on('close', (code, signal) => {
      settle(() => reject(died(describeEnd(code, signal, stderr))));
    });
    child.send(job, (error) => {
      if (error) settle(() => reject(died(`it does not take jobs (${error.message})`, error)));
    });
  });
  // Whoever only listens to messages must not be hit by an unhandled rejection; `result` itself still rejects.
  result.catch(() => {});
  return { result, pid: child.pid, cancel: () => cancel() };
}

function died(how: string, cause?: unknown): RobustnessError {
  return new RobustnessError(
    'worker/died',
    `The worker process ended before its job was done: ${how}.`,
    'Resume the run: finished steps are kept. If it dies again, close other programs to free memory, or use fewer examples.',
    { cause },
  );
}

function describeEnd(code: number | null, signal: string | null, stderr: string): string {
  const end =
    signal === 'SIGKILL'
      ? 'it was killed (SIGKILL), as the system does when memory runs out'
      : signal
        ? `it was ended by ${signal}`
        : `exit code ${code}`;
  const last = stderr
    .trim()
    .split('\n')
    .findLast((line) => line.trim() !== '');
  return last ? `${end}; its last words: ${last.trim().slice(0, 300)}` : end;
}
