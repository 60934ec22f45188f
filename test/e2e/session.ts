import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { currentVsix } from '../../scripts/packaging/current';
import { type LaunchOptions, launch, type Workbench } from '../../scripts/rig/launch';
import { repositoryRoot } from '../../scripts/rig/paths';
import { copySample, type Workspace } from '../../scripts/rig/sample';

export interface Session extends Workbench {
  readonly folder: string;
}

/**
 * A real VS Code with the packaged extension on a copy of a sample.
 * @param prepare is given the workspace before VS Code opens it
 * @param sample folder of `samples/`
 */
export async function openSample(
  options: Partial<LaunchOptions> = {},
  prepare: (workspace: Workspace) => Promise<void> = async () => {},
  sample = 'digits',
): Promise<Session> {
  const vsix = await currentVsix();
  const workspace = await copySample(sample);
  await prepare(workspace);
  const workbench = await launch({ ...options, folder: workspace.folder, vsix });
  return {
    ...workbench,
    folder: workspace.folder,
    close: async () => {
      await workbench.close();
      await workspace.remove();
    },
  };
}

/** After a failed test, what the screen showed and what the consoles said is in `test-results/`. */
export function evidenceOnFailure(session: () => Session | undefined): void {
  afterEach(async ({ task }) => {
    const open = session();
    if (task.result?.state !== 'fail' || !open) return;
    const folder = join(repositoryRoot, 'test-results');
    await mkdir(folder, { recursive: true });
    const name = join(folder, task.name.replace(/\W+/g, '-'));
    await open.page.screenshot({ path: `${name}.png` });
    await writeFile(`${name}.log`, open.log.join('\n'));
  });
}
