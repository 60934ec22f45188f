// Runs before any dependency is there: Node 20 and its built-in modules only.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const bin = join(root, 'node_modules/.bin');

/** Says what is being done, on standard error, so that standard output stays for results. */
export function say(message) {
  process.stderr.write(`\n▸ ${message}\n`);
}

/** The project's own programs, its Node 24 among them, come first. */
function environment() {
  return { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` };
}

/**
 * Runs a program in the repository and shows its output.
 * @returns its exit code; 130 if a signal ended it
 */
export function run(command, args, options = {}) {
  const shell = process.platform === 'win32';
  const child = spawn(command, args, { cwd: root, env: environment(), stdio: 'inherit', shell, ...options });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 130));
  });
}

/** As {@link run}, and keeps what it shows. */
export async function runAndRead(command, args) {
  const shell = process.platform === 'win32';
  const child = spawn(command, args, { cwd: root, env: environment(), stdio: ['ignore', 'pipe', 'pipe'], shell });
  let output = '';
  for (const [stream, shown] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ]) {
    stream.on('data', (chunk) => {
      output += chunk;
      shown.write(chunk);
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 130));
  });
  return { code, output };
}

async function must(command, args) {
  const code = await run(command, args);
  if (code !== 0) {
    process.stderr.write(`\n${command} ${args.join(' ')} ended with ${code}. What it said is above.\n`);
    process.exit(code);
  }
}

/** Installs the dependencies if they are missing or older than the lock file. */
export async function ensureDependencies() {
  const stamp = join(root, 'node_modules/.robustness-installed');
  const lock = statSync(join(root, 'package-lock.json')).mtimeMs;
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= lock) return;
  // Somebody ran `npm install` by hand.
  const hidden = join(root, 'node_modules/.package-lock.json');
  if (existsSync(hidden) && statSync(hidden).mtimeMs >= lock) return;
  say('Installing dependencies (npm ci) …');
  // A CI that sets NODE_ENV=production still needs the tools.
  await must('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, '');
}

/** Bundles the extension, worker, command line and report page, if a source is newer than the bundles. */
export async function ensureBuild() {
  const built = ['extension.cjs', 'worker.cjs', 'claimWorker.cjs', 'cli.cjs', 'webview/report.js'].map((name) =>
    join(root, 'dist', name),
  );
  const sources = ['src', 'webview', 'package.json', 'package-lock.json', 'esbuild.mjs'].map((name) =>
    join(root, name),
  );
  const oldest = Math.min(...built.map((path) => (existsSync(path) ? statSync(path).mtimeMs : 0)));
  if (oldest > Math.max(...sources.map(newest))) return;
  say('Building …');
  await must('node', ['esbuild.mjs']);
  // esbuild leaves a bundle that did not change untouched.
  for (const path of built) if (existsSync(path)) utimesSync(path, new Date(), new Date());
}

/** Time of the newest file in a file or folder. */
export function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
