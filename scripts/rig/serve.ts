import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installServer } from './installServer';
import { nodeBinary } from './paths';
import { run } from './run';

export interface ServeOptions {
  /** 0 or absent: a free one. */
  readonly port?: number;
  /** Folder that the bare address opens. */
  readonly folder?: string;
  /** A packaged extension to install first. */
  readonly vsix?: string;
  /** User settings over the rig's own. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Folders are trusted without a question, unless trust itself is under test. */
  readonly askForTrust?: boolean;
  /** Kept between runs; absent: a temporary one, removed on close. */
  readonly dataFolder?: string;
  /** Environment of the server, and so of the extension host. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface WorkbenchServer {
  readonly port: number;
  /** `localhost:PORT`; the authority of remote resources is exactly this. */
  readonly host: string;
  /** Where the server's own output goes, for when something is wrong. */
  readonly logFile: string;
  close(): Promise<void>;
}

const defaultSettings = {
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
};

/** Starts a VS Code server of its own: its own port, settings and extensions. */
export async function serve(options: ServeOptions = {}): Promise<WorkbenchServer> {
  const server = await installServer();
  const main = join(server, 'out/server-main.js');
  const data = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'robustness-rig-')));
  const extensions = join(data, 'extensions');
  for (const scope of ['User', 'Machine']) {
    await mkdir(join(data, 'data', scope), { recursive: true });
    const settings = JSON.stringify({ ...defaultSettings, ...options.settings }, null, 2);
    await writeFile(join(data, 'data', scope, 'settings.json'), settings);
  }
  if (options.vsix) {
    const places = ['--extensions-dir', extensions, '--server-data-dir', data];
    await run(nodeBinary(), [main, '--install-extension', options.vsix, '--force', ...places]);
  }

  const port = options.port || (await freePort());
  const args = ['--host', '127.0.0.1', '--port', String(port), '--without-connection-token'];
  args.push('--accept-server-license-terms', '--disable-telemetry', '--enable-smoke-test-driver');
  args.push('--server-data-dir', data, '--extensions-dir', extensions);
  if (!options.askForTrust) args.push('--disable-workspace-trust');
  if (options.folder) args.push('--default-folder', options.folder);
  const env = { ...process.env, ...options.env };
  // A terminal of VS Code hands these to its children; they would turn the server into something else.
  for (const name of Object.keys(env)) if (/^(VSCODE_|ELECTRON_)/.test(name)) delete env[name];
  // On Windows a detached child gets a console window; a process group is needed on POSIX alone.
  const child = spawn(nodeBinary(), [main, ...args], { env, detached: process.platform !== 'win32' });
  // Its own process group outlives us unless told, whatever ended us short of a kill.
  const onExit = () => signalGroup(child, 'SIGTERM');
  process.once('exit', onExit);
  const logFile = join(data, 'server.log');
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const close = async () => {
    process.off('exit', onExit);
    await stop(child);
    log.end();
    if (!options.dataFolder) await rm(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    await answered(child, port);
  } catch (error) {
    await stop(child);
    throw new Error(`The VS Code server did not start: ${String(error)}. Its output is in ${logFile}.`);
  }
  return { port, host: `localhost:${port}`, logFile, close };
}

async function answered(child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it exited with ${child.exitCode}`);
    const response = await fetch(`http://127.0.0.1:${port}/version`).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('no answer within 60 s');
}

/** Ends the server and the extension hosts it started: they are one process group. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || !child.pid) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  signalGroup(child, 'SIGTERM');
  const hard = setTimeout(() => signalGroup(child, 'SIGKILL'), 5_000);
  await ended;
  clearTimeout(hard);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (process.platform === 'win32' || !child.pid) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
