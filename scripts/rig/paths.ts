import { homedir } from 'node:os';
import { join } from 'node:path';

/** The repository's root. */
export const repositoryRoot = join(import.meta.dirname, '../..');

/** Where things too big for `node_modules` and shared by every checkout are kept. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'robustness-inspector');
}

/** Node 24 of the devDependency `node`: the VS Code server needs it, whatever Node the system has. */
export function nodeBinary(): string {
  return join(repositoryRoot, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
}
