import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { repositoryRoot } from './paths';

export interface Workspace {
  readonly folder: string;
  remove(): Promise<void>;
}

/** A copy of a sample workspace, so that a test starts without reports and leaves the repository as it was. */
export async function copySample(name = 'digits'): Promise<Workspace> {
  const parent = await mkdtemp(join(tmpdir(), 'robustness-sample-'));
  const folder = join(parent, name);
  await cp(join(repositoryRoot, 'samples', name), folder, {
    recursive: true,
    filter: (source) => basename(source) !== '.robustness',
  });
  return { folder, remove: () => rm(parent, { recursive: true, force: true }) };
}
