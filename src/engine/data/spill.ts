import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../cacheFolder';

/** Where the system's temporary folder may be memory (tmpfs), that of caches is on disk. */
const folder = () => (process.platform === 'win32' ? tmpdir() : cacheFolder());

/**
 * A file for what would fill memory, of records of equal length that are appended and read again. It has no name as soon as it is open, where the
 * system allows that, so that nothing is left of it however the process ends.
 */
export class Spill {
  private readonly file: number;
  /** Of the file, where it could not be removed while it is open. */
  private readonly path: string | null;
  private written = 0;

  private constructor(file: number, path: string | null) {
    this.file = file;
    this.path = path;
  }

  /** Null where no file can be made: whoever asks has to do without. */
  static open(): Spill | null {
    const path = join(folder(), `${process.pid}-${randomBytes(8).toString('hex')}.spill`);
    try {
      mkdirSync(folder(), { recursive: true });
      const file = openSync(path, 'wx+', 0o600);
      try {
        rmSync(path);
        return new Spill(file, null);
      } catch {
        return new Spill(file, path);
      }
    } catch {
      return null;
    }
  }

  /** Whether the bytes are there; false where the disk is full. */
  append(bytes: Uint8Array): boolean {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.file, bytes, done, bytes.length - done, this.written + done);
      }
    } catch {
      return false;
    }
    this.written += bytes.length;
    return true;
  }

  /** Fills `into` from `offset` on, all of which was appended before. */
  read(offset: number, into: Uint8Array): void {
    for (let done = 0; done < into.length; ) {
      const count = readSync(this.file, into, done, into.length - done, offset + done);
      if (count === 0) throw new RangeError(`${offset + done} is beyond what was written (${this.written})`);
      done += count;
    }
  }

  close(): void {
    closeSync(this.file);
    if (this.path !== null) rmSync(this.path, { force: true });
  }
}
