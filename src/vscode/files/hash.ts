import { stat } from 'node:fs/promises';
import { hashFiles } from '../../engine/data/hash';

interface Entry {
  readonly key: string;
  readonly sha256: Promise<string>;
}

/** SHA-256 of files, streamed; taken again only when the modification time or the size changed. */
export class FileHashes {
  readonly #byPath = new Map<string, Entry>();

  /** Null if there is no such file. */
  async of(path: string): Promise<string | null> {
    const facts = await stat(path).catch(() => null);
    if (facts === null || !facts.isFile()) {
      this.#byPath.delete(path);
      return null;
    }
    const key = `${facts.mtimeMs}:${facts.size}`;
    const known = this.#byPath.get(path);
    if (known?.key === key) return known.sha256;
    const sha256 = hashFiles([path]);
    this.#byPath.set(path, { key, sha256 });
    // A failed read (the file vanished half-way) must not be remembered.
    sha256.catch(() => this.#byPath.delete(path));
    return sha256;
  }
}
