import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { repositoryRoot } from '../rig/paths';
import { stage } from './stage';
import type { Target } from './targets';

/** Packages the extension for one platform. @returns the VSIX's path, and its size in bytes */
export async function packageVsix(target: Target): Promise<{ readonly path: string; readonly bytes: number }> {
  const folder = await stage(target);
  const path = join(repositoryRoot, 'out', `robustness-inspector-${target}.vsix`);
  await mkdir(join(repositoryRoot, 'out'), { recursive: true });
  await createVSIX({
    cwd: folder,
    packagePath: path,
    target,
    dependencies: false,
    // The repository has no public address yet, so relative links have nothing to be rewritten to.
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  return { path, bytes: (await stat(path)).size };
}
