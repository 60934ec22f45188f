import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { repositoryRoot } from '../rig/paths';
import { say } from '../rig/run';
import { newest } from '../setup.mjs';
import { thisMachine } from './targets';
import { packageVsix } from './vsix';

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
  const packaged = await packageVsix(thisMachine());
  say(`  ${relative(repositoryRoot, packaged.path)}, ${(packaged.bytes / 1e6).toFixed(1)} MB`);
  return packaged.path;
}
