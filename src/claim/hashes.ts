import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../engine/cacheFolder';

/** Smaller files are hashed faster than a remembered hash is worth. */
const rememberedBytes = 4 * 2 ** 20;
/** Nobody waits for more than this to be read; it counts as not comparable. */
const mostBytes = 16 * 2 ** 30;
const mostRemembered = 2000;
/** A file that was written this recently may be written again without its time moving. */
const settledMs = 2000;

interface Stamp {
  /** Size, times of content and of entry, and number of the file: any write moves one of them. */
  readonly key: string;
  readonly sha256: string;
}

/** SHA-256 of files, valid while size, times and inode stand; those of large files outlive the process. */
export class FileHashes {
  readonly #file: string;
  readonly #known = new Map<string, Stamp>();
  #stored: Promise<void> | null = null;
  #changed = false;

  /** @param folder where hashes of large files are kept */
  constructor(folder: string = cacheFolder()) {
    this.#file = join(folder, 'hashes.json');
  }

  /** Over the bytes of the files, one after the other, as hex; null when one of them cannot be read or they are too large. */
  async of(paths: readonly string[]): Promise<string | null> {
    const infos = await Promise.all(paths.map((path) => stat(path).catch(() => null)));
    let bytes = 0;
    let newest = 0;
    const parts: string[] = [];
    for (const info of infos) {
      if (!info?.isFile()) return null;
      bytes += info.size;
      newest = Math.max(newest, info.mtimeMs, info.ctimeMs);
      parts.push(`${info.size}:${info.mtimeMs}:${info.ctimeMs}:${info.ino}`);
    }
    const large = bytes >= rememberedBytes;
    if (large) {
      this.#stored ??= this.#load();
      await this.#stored;
    }
    const name = paths.join('\n');
    const key = parts.join(' ');
    const known = this.#known.get(name);
    if (known?.key === key) return known.sha256;
    if (bytes > mostBytes) return null;
    const sha256 = await hash(paths);
    if (sha256 === null) return null;
    if (Date.now() - newest > settledMs) {
      this.#known.delete(name);
      this.#known.set(name, { key, sha256 });
      this.#changed ||= large;
    }
    return sha256;
  }

  /** Keeps the hashes of large files for other processes; where nothing can be written, they are taken again. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    const large = [...this.#known].filter(([, { key }]) => sizeOf(key) >= rememberedBytes).slice(-mostRemembered);
    const fresh = `${this.#file}.${randomUUID()}`;
    try {
      await mkdir(dirname(this.#file), { recursive: true });
      await writeFile(fresh, JSON.stringify(Object.fromEntries(large)));
      await rename(fresh, this.#file);
    } catch {
      await rm(fresh, { force: true }).catch(() => {});
    }
  }

  async #load(): Promise<void> {
    let stored: unknown;
    try {
      stored = JSON.parse(await readFile(this.#file, 'utf8'));
    } catch {
      return;
    }
    for (const [path, stamp] of Object.entries(stored ?? {})) {
      if (!isStamp(stamp) || this.#known.has(path)) continue;
      this.#known.set(path, { key: stamp.key, sha256: stamp.sha256 });
    }
  }
}

function isStamp(value: unknown): value is Stamp {
  const { key, sha256 } = (value ?? {}) as Partial<Stamp>;
  return typeof key === 'string' && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
}

function sizeOf(key: string): number {
  return key.split(' ').reduce((sum, part) => sum + Number(part.split(':')[0]), 0);
}

async function hash(paths: readonly string[]): Promise<string | null> {
  const all = createHash('sha256');
  try {
    for (const path of paths) {
      for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 })) all.update(chunk as Uint8Array);
    }
  } catch {
    return null;
  }
  return all.digest('hex');
}
