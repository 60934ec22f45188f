import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

export interface Bundles {
  readonly folder: string;
  readonly worker: string;
  readonly cli: string;
  remove(): Promise<void>;
}

/**
 * The worker and the command line as they ship, bundled into a folder of their own within the repository, where the
 * native runtime is found.
 */
export async function bundles(): Promise<Bundles> {
  await mkdir('out', { recursive: true });
  const folder = await mkdtemp(join(resolve('out'), 'unit-'));
  await build({
    entryPoints: { worker: 'src/worker/main.ts', cli: 'src/cli/main.ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['onnxruntime-node'],
    outExtension: { '.js': '.cjs' },
    outdir: folder,
    logLevel: 'error',
  });
  return {
    folder,
    worker: join(folder, 'worker.cjs'),
    cli: join(folder, 'cli.cjs'),
    remove: () => rm(folder, { recursive: true }),
  };
}
