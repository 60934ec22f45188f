import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse';
import { fileSize } from './bytes';
import { csvSyntaxError } from './csvSyntax';

export interface CsvRow {
  readonly cells: readonly string[];
  /** From 1. */
  readonly line: number;
}

/**
 * Streams the rows of a CSV file (RFC 4180); empty lines are skipped, a byte-order mark is ignored.
 * @throws RobustnessError `data/csv-ragged`, `data/csv-syntax`
 */
export async function* csvRows(path: string, delimiter: string, signal?: AbortSignal): AsyncGenerator<CsvRow> {
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: 2 ** 24,
  });
  const file = createReadStream(path);
  file.on('error', (error) => parser.destroy(error));
  file.pipe(parser);
  try {
    for await (const item of parser) {
      signal?.throwIfAborted();
      const { record, info } = item as { record: string[]; info: { lines: number } };
      yield { cells: record, line: info.lines };
    }
  } catch (error) {
    if (error instanceof CsvError) throw csvSyntaxError(path, error);
    throw error;
  } finally {
    file.destroy();
    parser.destroy();
  }
}

/** The separator that the first line has most of; a comma if it has none. */
export async function inferDelimiter(path: string): Promise<string> {
  await fileSize(path);
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(65_536), 0, 65_536, 0);
    const line = buffer.toString('utf8', 0, bytesRead).split('\n', 1)[0] ?? '';
    const counts = [',', ';', '\t', '|'].map((each) => ({ each, count: line.split(each).length }));
    return counts.reduce((best, next) => (next.count > best.count ? next : best)).each;
  } finally {
    await handle.close();
  }
}
