import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Whether the run is going on in another process of this machine, such as the command line in a terminal: its `run.json`
 * names the process. A report alone cannot tell: it says `running` for ever when its worker was killed.
 * @param base the folder that holds `.robustness`
 */
export async function runsElsewhere(base: string, run: string | null): Promise<boolean> {
  if (run === null || !/^[\w-]{1,64}$/.test(run)) return false;
  const text = await readFile(join(base, '.robustness', 'runs', run, 'run.json'), 'utf8').catch(() => null);
  if (text === null) return false;
  const { state, pid } = parse(text);
  return state === 'running' && typeof pid === 'number' && Number.isInteger(pid) && pid > 0 && isAlive(pid);
}

function parse(text: string): { readonly state?: unknown; readonly pid?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Signal 0 asks without telling; EPERM means that there is such a process, of another user. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
