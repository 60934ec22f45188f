import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where this system keeps what can be made again: `XDG_CACHE_HOME`, or the system's own place. */
export function cacheFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const own = 'robustness-inspector';
  if (environment.XDG_CACHE_HOME) return join(environment.XDG_CACHE_HOME, own);
  if (platform === 'win32') return join(environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), own, 'Cache');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', own);
  return join(homedir(), '.cache', own);
}
