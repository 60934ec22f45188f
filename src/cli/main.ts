import { runCli } from './run';

process.exitCode = 2;
// A reader that has seen enough (`| head`) closes the pipe; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

void runCli(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  columns: process.stderr.columns ?? 80,
}).then((code) => {
  process.exitCode = code;
  // An editor stops reading a task's output for problems 100 ms after the process has ended, read or not: the extension's
  // own task asks the process to stay a little once all is written.
  const stay = Number(process.env.ROBUSTNESS_STAY_MS ?? 0);
  if (stay > 0) setTimeout(() => {}, Math.min(stay, 10_000));
});
