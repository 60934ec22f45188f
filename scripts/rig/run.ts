import { type SpawnOptions, spawn } from 'node:child_process';

/** Says what is being done, on standard error, so that standard output stays for results. */
export function say(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** Runs a program to its end. @throws Error with the end of its output, if it exits with anything but 0. */
export async function run(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output.slice(-4000)}`);
  return output;
}

/** npm as it was called, if a script of npm's called us; else the one on the PATH. */
export function npm(args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('.js')) return run(process.execPath, [cli, ...args], options);
  return run('npm', args, { shell: process.platform === 'win32', ...options });
}
