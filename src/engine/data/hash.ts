import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256 over the bytes of the files, one after the other: of a single file, what `sha256sum` prints. */
export async function hashFiles(paths: readonly string[], signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 })) {
      signal?.throwIfAborted();
      hash.update(chunk as Uint8Array);
    }
  }
  return hash.digest('hex');
}
