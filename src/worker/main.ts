import { toErrorData } from '../engine/error';
import { runJob } from './job';
import { collectArrays } from './lean';
import type { WorkerJob, WorkerMessage } from './protocol';

/** Resolves once the message is on its way, so that the process may end. */
function send(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.send || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

if (!process.send) {
  process.stderr.write(
    'This is the worker process of Robustness Inspector; it is started by the extension or the command line.\n',
  );
  process.exitCode = 2;
} else {
  collectArrays();
  // Ctrl-C in a terminal reaches the whole group; whether to end is for the parent to say.
  process.on('SIGINT', () => {});
  // A parent that is gone wants no result; its journal keeps what was done.
  process.once('disconnect', () => process.exit(1));
  process.once('message', async (job: WorkerJob) => {
    try {
      await send({ type: 'result', result: await runJob(job, (message) => void send(message)) });
      process.exit(0);
    } catch (error) {
      await send({ type: 'error', error: toErrorData(error) });
      process.exit(1);
    }
  });
}
