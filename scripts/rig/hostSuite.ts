import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { repositoryRoot } from './paths';

/** What the suite says when it has ended; see test/host/runner.ts. */
export interface HostResults {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const hostSuite = join(repositoryRoot, 'out/host.cjs');
export const hostResults = join(repositoryRoot, 'out/host-results.json');

/**
 * Bundles every `test/host/*.test.ts` with the runner into one module whose `run()` a VS Code calls.
 * The entry is written from the folder's listing: a hand-kept list is how a test comes to never run.
 * @param only part of the names of the files to take, while one of them is being written
 * @throws Error if no file has it
 */
export async function buildHostSuite(only = ''): Promise<string> {
  const folder = join(repositoryRoot, 'test/host');
  const tests = (await readdir(folder)).filter((name) => name.endsWith('.test.ts') && name.includes(only)).sort();
  if (tests.length === 0) throw new Error(`No test/host/*${only}*.test.ts.`);
  const loads = tests.map((name) => `() => import('./${name}')`).join(', ');
  await build({
    stdin: {
      contents: `import { runSuite } from './runner';\nexport const run = () => runSuite([${loads}]);`,
      resolveDir: folder,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha', 'onnxruntime-node'],
    outfile: hostSuite,
    logLevel: 'warning',
  });
  await rm(hostResults, { force: true });
  return hostSuite;
}

/**
 * A VS Code runs tests only for an extension in development. The one under test is installed from its VSIX, as a user's is, so
 * an empty one takes that place.
 */
export async function placeholderExtension(): Promise<string> {
  const folder = join(repositoryRoot, 'out/host-extension');
  await mkdir(folder, { recursive: true });
  const manifest = {
    name: 'host-tests',
    publisher: 'robustness-inspector',
    version: '0.0.0',
    engines: { vscode: '*' },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}

/** @throws Error if the suite did not get as far as to write any */
export async function readHostResults(): Promise<HostResults> {
  const text = await readFile(hostResults, 'utf8').catch(() => {
    throw new Error('The host tests ended without results: the extension host died, or never came up.');
  });
  return JSON.parse(text) as HostResults;
}
