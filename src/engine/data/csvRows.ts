import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse';
import { RobustnessError } from '../error';
import { fileSize } from './bytes';

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
    if (error instanceof CsvError) throw syntaxError(path, error);
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

function syntaxError(path: string, error: CsvError): RobustnessError {
  const line = (error as CsvError & { lines?: number }).lines ?? '?';
  if (error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') {
    return new RobustnessError(
      'data/csv-ragged',
      `Line ${line} of ${path} has another number of columns than the lines before it.`,
      'Give every line the same number of columns; quote cells that contain the separator.',
      { cause: error },
    );
  }
  return new RobustnessError(
    'data/csv-syntax',
    `${path} cannot be read as CSV at line ${line}.`,
    'Check the quotes there, and that the file is text in UTF-8.',
    { cause: error },
  );
}
