import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip, createInflateRaw } from 'node:zlib';
import { RobustnessError } from '../error';

/** Bytes that can be streamed from any offset: a file, a gzip file, a member of a zip archive. */
export interface ByteSource {
  /** For messages. */
  readonly name: string;
  /** Number of (uncompressed) bytes as the file or archive declares it; null when only reading tells (gzip). */
  readonly size: number | null;
  /** True where a reading from an offset costs no more than what it reads. */
  readonly seekable?: boolean;
  /** The bytes from `offset` on, at most `length` of them; ends early, without an error, where the bytes end. */
  read(offset: number, length: number): AsyncIterable<Uint8Array>;
}

/** @throws RobustnessError `data/not-found` when there is no such file or it cannot be read. */
export async function fileSize(path: string): Promise<number> {
  try {
    const info = await stat(path);
    if (info.isFile()) return info.size;
  } catch (cause) {
    throw new RobustnessError(
      'data/not-found',
      `There is no readable file at ${path}.`,
      'Correct the path in the spec; paths are relative to the spec file.',
      { cause },
    );
  }
  throw new RobustnessError('data/not-found', `${path} is not a file.`, 'Give the path of a data file.');
}

/** The `length` bytes of the file from `start`: the whole file when not given. */
export async function fileBytes(path: string, start = 0, length?: number): Promise<ByteSource> {
  const available = await fileSize(path);
  const size = length ?? available - start;
  return {
    name: path,
    size,
    seekable: true,
    read: (offset, count) => {
      const bytes = Math.min(count, size - offset);
      return bytes <= 0 ? none() : fileChunks(path, start + offset, bytes);
    },
  };
}

/** A gzip file, which must not inflate to more than `size` bytes when the size is known from what lies inside. */
export function gzipBytes(path: string, size: number | null = null): ByteSource {
  return compressed(path, size, () => inflated(path, createReadStream(path), createGunzip()));
}

/** `length` raw-deflated bytes of the file from `start`, which inflate to `size`. */
export function deflatedBytes(path: string, name: string, start: number, length: number, size: number): ByteSource {
  return compressed(name, size, () =>
    inflated(
      name,
      length === 0 ? Readable.from([]) : createReadStream(path, { start, end: start + length - 1 }),
      createInflateRaw(),
    ),
  );
}

/**
 * Exactly `length` bytes from `offset`.
 * @throws RobustnessError `data/truncated` when the source ends before.
 */
export async function readExactly(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  let filled = 0;
  for await (const chunk of source.read(offset, length)) {
    target.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled < length) throw truncated(source.name);
  return target;
}

export function truncated(name: string): RobustnessError {
  return new RobustnessError(
    'data/truncated',
    `${name} ends before the data that its header declares.`,
    'The file is incomplete or its header is wrong: download or export it again.',
  );
}

async function* none(): AsyncGenerator<Uint8Array> {}

async function* fileChunks(path: string, start: number, length: number): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { start, end: start + length - 1, highWaterMark: 2 ** 18 })) {
    yield chunk as Uint8Array;
  }
}

async function* inflated(name: string, bytes: Readable, inflate: Transform): AsyncGenerator<Uint8Array> {
  // The consumer sees a failure of either stream through `inflate`; the callback only keeps it from being unhandled.
  pipeline(bytes, inflate, () => {});
  try {
    for await (const chunk of inflate) yield chunk as Uint8Array;
  } catch (cause) {
    throw new RobustnessError(
      'data/corrupt',
      `${name} cannot be decompressed.`,
      'The file is damaged or not what its name says: download or export it again.',
      { cause },
    );
  } finally {
    bytes.destroy();
    inflate.destroy();
  }
}

/** Skips to an offset by inflating what lies before it. */
function compressed(name: string, size: number | null, open: () => AsyncIterable<Uint8Array>): ByteSource {
  return {
    name,
    size,
    async *read(offset, length) {
      let position = 0;
      const end = offset + length;
      for await (const chunk of open()) {
        if (size !== null && position + chunk.length > size) throw bomb(name);
        const from = Math.max(0, offset - position);
        const to = Math.min(chunk.length, end - position);
        if (from < to) yield chunk.subarray(from, to);
        position += chunk.length;
        // A reading to the declared end goes on, to notice when there is more than was declared.
        if (position >= end && end !== size) return;
      }
    },
  };
}

function bomb(name: string): RobustnessError {
  return new RobustnessError(
    'data/corrupt',
    `${name} inflates to more bytes than it declares.`,
    'The archive is damaged or hostile: do not use it.',
  );
}
