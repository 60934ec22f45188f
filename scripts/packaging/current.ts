import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { nodeBinary, repositoryRoot } from '../rig/paths';
import { run, say } from '../rig/run';
import { newest } from '../setup.mjs';
import { thisMachine } from './targets';

const inputs = [
  'src',
  'webview',
  'media',
  'docs/rules',
  'schemas',
  'scripts/packaging',
  '.vscodeignore',
  'esbuild.mjs',
];
const documents = ['package.json', 'package.nls.json', 'package-lock.json', 'README.md', 'CHANGELOG.md', 'NOTICE'];

/** The VSIX for this machine, packaged anew if anything that goes into it is newer. @returns its path */
export async function currentVsix(): Promise<string> {
  const path = join(repositoryRoot, 'out', `robustness-inspector-${thisMachine()}.vsix`);
  const changed = Math.max(...[...inputs, ...documents].map((input) => newest(join(repositoryRoot, input))));
  if (existsSync(path) && statSync(path).mtimeMs > changed) return path;
  say('Packaging the extension …');
  // In a process of its own, since vsce talks at length; what it says is shown if it fails.
  await run(nodeBinary(), ['--import', 'tsx', 'scripts/package.ts'], { cwd: repositoryRoot });
  say(`Packaged ${path}, ${(statSync(path).size / 1e6).toFixed(1)} MB`);
  return path;
}
