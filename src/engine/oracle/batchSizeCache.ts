import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from '../cacheFolder';
import { runtimeVersion } from '../runtime';

/** What a measured batch size depends on, besides the machine. */
export interface BatchKey {
  readonly modelSha256: string;
  /** Shape of one example in data space. */
  readonly exampleShape: readonly number[];
  readonly provider: string;
  /** Null for ONNX Runtime's own choice. */
  readonly threads: number | null;
  /** Whether gradients were measured, or forward passes alone. */
  readonly gradient: boolean;
}

const storedSchema = z.object({ batchSize: z.number().int().min(1).max(4096) });

function fileOf(key: BatchKey, folder: string): string {
  const machine = [process.platform, process.arch, cpus()[0]?.model ?? '', cpus().length, runtimeVersion()];
  const hash = createHash('sha256')
    .update(JSON.stringify([key, machine]))
    .digest('hex');
  return join(folder, 'batch-size', `${hash}.json`);
}

/** The size that was measured before on this machine; undefined where there is none, or what is there makes no sense. */
export async function rememberedBatchSize(key: BatchKey, folder = cacheFolder()): Promise<number | undefined> {
  try {
    return storedSchema.parse(JSON.parse(await readFile(fileOf(key, folder), 'utf8'))).batchSize;
  } catch {
    return undefined;
  }
}

/** Keeps a measured size, so that a second run does the same as the first; where nothing can be written, it is measured again. */
export async function rememberBatchSize(key: BatchKey, batchSize: number, folder = cacheFolder()): Promise<void> {
  const path = fileOf(key, folder);
  const fresh = `${path}.${randomUUID()}`;
  try {
    await mkdir(join(folder, 'batch-size'), { recursive: true });
    await writeFile(fresh, JSON.stringify({ batchSize }));
    await rename(fresh, path);
  } catch {
    await rm(fresh, { force: true }).catch(() => {});
  }
}
