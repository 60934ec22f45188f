import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Removes what a process that was killed left of a file that it was writing. */
export async function removeLeftovers(out: string): Promise<void> {
  const folder = dirname(out);
  const name = basename(out);
  const entries = await readdir(folder).catch(() => []);
  for (const entry of entries) {
    if (!entry.startsWith(`${name}.`) || !/^\.\d+\.[0-9a-f]{8}\.tmp$/.test(entry.slice(name.length))) continue;
    await rm(join(folder, entry), { force: true });
  }
}
