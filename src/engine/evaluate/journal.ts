import { type FileHandle, mkdir, open, readFile, truncate } from 'node:fs/promises';
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

interface Entry {
  readonly result: unknown;
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
  ) {}

  static async create(path: string): Promise<Journal> {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, 'ax');
    const journal = new Journal(handle, new Map());
    await journal.write({ journal: formatVersion });
    return journal;
  }

  /**
   * Opens what an interrupted run left. A torn last line is cut off; anything else that cannot be read is an error.
   * @throws RobustnessError `evaluate/no-such-run`, `evaluate/journal-damaged`
   */
  static async resume(path: string): Promise<Journal> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (cause) {
      throw new RobustnessError(
        'evaluate/no-such-run',
        `There is no journal of an earlier run at ${path}.`,
        'Check the name of the run (the folders in .robustness/runs), or start without --resume.',
        { cause },
      );
    }
    const { entries, validBytes, sawHeader } = parse(text, path);
    if (validBytes < Buffer.byteLength(text)) await truncate(path, validBytes);
    const journal = new Journal(await open(path, 'a'), entries);
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
    return this.entries.get(key)?.result;
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
    await this.write({ key, result, elapsed });
    this.entries.set(key, { result, elapsed });
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

  private async write(entry: unknown): Promise<void> {
    await this.handle.appendFile(`${encode(entry)}\n`);
    await this.handle.datasync();
  }
}

function parse(text: string, path: string): { entries: Map<string, Entry>; validBytes: number; sawHeader: boolean } {
  const entries = new Map<string, Entry>();
  let validBytes = 0;
  let sawHeader = false;
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    if (end === -1) break;
    line++;
    const raw = text.slice(start, end);
    const entry = readLine(raw);
    if (entry === null) {
      // The last line may be torn; one in the middle means that somebody else wrote to the file.
      if (text.indexOf('\n', end + 1) === -1 && end + 1 >= text.length) break;
      throw damaged(path, line);
    }
    if (!sawHeader) {
      if (entry.journal !== formatVersion) throw damaged(path, line);
      sawHeader = true;
    } else if (typeof entry.key === 'string' && 'result' in entry) {
      entries.set(entry.key, { result: entry.result, elapsed: Number(entry.elapsed) || 0 });
    } else throw damaged(path, line);
    validBytes += Buffer.byteLength(raw) + 1;
    start = end + 1;
  }
  return { entries, validBytes, sawHeader };
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
