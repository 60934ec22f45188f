import { createReadStream, readSync } from 'node:fs';
import { type FileHandle, mkdir, open, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RobustnessError } from '../error';
import { decode, encode } from './encode';

const formatVersion = 1;

/** What must be the same for a run to be resumed: journalled units are worth nothing for another model, data or spec. */
export interface JournalHeader {
  readonly tool: string;
  readonly seed: number;
  readonly modelSha256: string;
  readonly dataSha256: string;
  /** Hash of the resolved spec. */
  readonly specSha256: string;
}

/** Where the line of a finished unit lies in the file: results are as large as the data, and are read again when they are asked for. */
interface Entry {
  readonly offset: number;
  /** In bytes, without the line break. */
  readonly length: number;
  readonly elapsed: number;
}

/**
 * Append-only record of finished units: one line of JSON each, on disk (fsync) before the next unit starts. A worker
 * that is killed at any moment loses at most the unit that it was working on.
 */
export class Journal {
  private constructor(
    private readonly handle: FileHandle,
    private readonly entries: Map<string, Entry>,
    /** Bytes of the file. */
    private end: number,
  ) {}

  static async create(path: string): Promise<Journal> {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, 'ax+');
    const journal = new Journal(handle, new Map(), 0);
    await journal.write({ journal: formatVersion });
    return journal;
  }

  /**
   * Opens what an interrupted run left. A torn last line is cut off; anything else that cannot be read is an error.
   * @throws RobustnessError `evaluate/no-such-run`, `evaluate/journal-damaged`
   */
  static async resume(path: string): Promise<Journal> {
    let found: Scan;
    try {
      found = await scan(path);
    } catch (cause) {
      if (RobustnessError.is(cause)) throw cause;
      throw new RobustnessError(
        'evaluate/no-such-run',
        `There is no journal of an earlier run at ${path}.`,
        'Check the name of the run (the folders in .robustness/runs), or start without --resume.',
        { cause },
      );
    }
    const { entries, validBytes, allBytes, sawHeader } = found;
    if (validBytes < allBytes) await truncate(path, validBytes);
    const journal = new Journal(await open(path, 'a+'), entries, validBytes);
    if (!sawHeader) await journal.write({ journal: formatVersion });
    return journal;
  }

  /** Finished units. */
  get size(): number {
    return this.entries.size;
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  /** The result of a finished unit; undefined if it has not finished. */
  get(key: string): unknown {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    const line = Buffer.alloc(entry.length);
    for (let done = 0; done < line.length; ) {
      const count = readSync(this.handle.fd, line, done, line.length - done, entry.offset + done);
      if (count === 0) throw damaged('the journal', this.size);
      done += count;
    }
    return readLine(line.toString('utf8'))?.result;
  }

  /** Seconds that the units under `prefix` took, up to the last one that finished. */
  elapsed(prefix: string): number {
    let last = 0;
    for (const [key, entry] of this.entries) if (key.startsWith(prefix)) last = Math.max(last, entry.elapsed);
    return last;
  }

  /**
   * Returns once the result is on disk.
   * @param elapsed seconds since this model's evaluation began, interruptions left out
   */
  async append(key: string, result: unknown, elapsed = 0): Promise<void> {
    const [offset, length] = await this.write({ key, result, elapsed });
    this.entries.set(key, { offset, length, elapsed });
  }

  /**
   * Writes the header of one model's part of the run, or holds it against the one that is there.
   * @throws RobustnessError `evaluate/journal-mismatch`
   */
  async confirmHeader(key: string, header: JournalHeader): Promise<void> {
    const before = this.get(key) as JournalHeader | undefined;
    if (before === undefined) return this.append(key, header);
    const names = {
      tool: 'version of the tool',
      seed: 'seed',
      modelSha256: 'model',
      dataSha256: 'data',
      specSha256: 'spec',
    };
    const changed = (Object.keys(names) as (keyof JournalHeader)[]).filter((name) => before[name] !== header[name]);
    if (changed.length === 0) return;
    throw new RobustnessError(
      'evaluate/journal-mismatch',
      `The run cannot be resumed: since it began, the ${changed.map((name) => names[name]).join(', the ')} changed.`,
      'Start a new run without --resume; its figures would otherwise mix two evaluations.',
    );
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  /** @returns offset and length of the line */
  private async write(entry: unknown): Promise<[number, number]> {
    const line = Buffer.from(`${encode(entry)}\n`);
    const offset = this.end;
    await this.handle.appendFile(line);
    await this.handle.datasync();
    this.end += line.length;
    return [offset, line.length - 1];
  }
}

interface Scan {
  readonly entries: Map<string, Entry>;
  /** Up to the last line that can be read. */
  readonly validBytes: number;
  readonly allBytes: number;
  readonly sawHeader: boolean;
}

/** Reads a journal line by line. A last line that is torn is left out; any other that cannot be read is an error. */
async function scan(path: string): Promise<Scan> {
  const entries = new Map<string, Entry>();
  let [validBytes, allBytes, line] = [0, 0, 0];
  let sawHeader = false;
  let unreadable = false;
  let parts: Buffer[] = [];
  const take = (raw: Buffer): void => {
    // The last line may be torn; one in the middle means that somebody else wrote to the file.
    if (unreadable) throw damaged(path, line);
    line++;
    const entry = readLine(raw.toString('utf8'));
    if (entry === null) {
      unreadable = true;
      return;
    }
    if (!sawHeader) {
      if (entry.journal !== formatVersion) throw damaged(path, line);
      sawHeader = true;
    } else if (typeof entry.key === 'string' && 'result' in entry) {
      entries.set(entry.key, { offset: validBytes, length: raw.length, elapsed: Number(entry.elapsed) || 0 });
    } else throw damaged(path, line);
    validBytes += raw.length + 1;
  };
  for await (const data of createReadStream(path, { highWaterMark: 2 ** 18 })) {
    const chunk = data as Buffer;
    allBytes += chunk.length;
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      take(Buffer.concat([...parts, chunk.subarray(start, end)]));
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  // What follows an unreadable line makes it one of the middle, be it torn itself.
  if (unreadable && parts.length > 0) throw damaged(path, line);
  return { entries, validBytes, allBytes, sawHeader };
}

function readLine(raw: string): Record<string, unknown> | null {
  try {
    const value = decode(raw);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function damaged(path: string, line: number): RobustnessError {
  return new RobustnessError(
    'evaluate/journal-damaged',
    `The journal of the run is damaged at line ${line} (${path}).`,
    'Start a new run without --resume.',
  );
}
