import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { RobustnessError } from '../error';
import { csvSyntaxError } from './csvSyntax';

/** A row of a table of texts, by column. */
export interface TextRow {
  readonly cells: readonly string[];
  /** From 1. */
  readonly line: number;
}

/** One record may hold so many characters: more is no text that a classifier reads, and a line without an end. */
const mostRecord = 2 ** 24;

/** How quotes are meant in a table: around cells (RFC 4180), or as characters, as tab-separated corpora often have them. */
export type Quotes = 'around' | 'literal';

/**
 * Streams the rows of a table whose cells may be prose: line breaks in quotes, empty cells and any script; a byte-order mark is
 * ignored, and so are empty lines.
 * @throws RobustnessError `data/csv-ragged`, `data/csv-syntax`, `data/text-encoding`
 */
export async function* textRows(
  path: string,
  delimiter: string,
  quotes: Quotes,
  signal?: AbortSignal,
): AsyncGenerator<TextRow> {
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    skip_empty_lines: true,
    max_record_size: mostRecord,
    ...(quotes === 'literal' ? { quote: null } : {}),
  });
  const feeding = feed();
  // Its fault is thrown below, where it is waited for.
  feeding.catch(() => {});
  try {
    for await (const item of parser) {
      signal?.throwIfAborted();
      const { record, info } = item as { record: string[]; info: { lines: number } };
      yield { cells: record, line: info.lines };
    }
    await feeding;
  } catch (error) {
    if (error instanceof CsvError) throw csvSyntaxError(path, error);
    throw error;
  } finally {
    parser.destroy();
  }

  async function feed(): Promise<void> {
    try {
      for await (const text of decoded(path)) {
        if (parser.destroyed) return;
        if (!parser.write(text)) await new Promise<void>((go) => void parser.once('drain', go).once('close', go));
      }
      parser.end();
    } catch (error) {
      parser.destroy(error as Error);
      throw error;
    }
  }
}

/**
 * Streams the lines of a file of JSON objects; empty lines are skipped.
 * @throws RobustnessError `data/jsonl-syntax`, `data/text-encoding`
 */
export async function* jsonLines(
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<{ readonly object: Readonly<Record<string, unknown>>; readonly line: number }> {
  let parts: string[] = [];
  let pending = 0;
  let line = 0;
  const parsed = (text: string) => {
    line++;
    if (text.trim() === '') return null;
    return { object: objectIn(path, line, text), line };
  };
  for await (const text of decoded(path)) {
    signal?.throwIfAborted();
    const lines = text.split('\n');
    const last = lines.pop()!;
    for (const each of lines) {
      const row = parsed(parts.join('') + each);
      parts = [];
      pending = 0;
      if (row) yield row;
    }
    parts.push(last);
    pending += last.length;
    if (pending > mostRecord) throw jsonSyntax(path, line + 1, `is longer than ${mostRecord} characters`);
  }
  const row = parsed(parts.join(''));
  if (row) yield row;
}

function objectIn(path: string, line: number, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw jsonSyntax(path, line, 'is no JSON', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw jsonSyntax(path, line, 'is no object with a text and a label');
  }
  return value as Record<string, unknown>;
}

async function* decoded(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const file = createReadStream(path, { highWaterMark: 2 ** 16 });
  try {
    for await (const chunk of file) yield decoder.decode(chunk as Uint8Array, { stream: true });
    const last = decoder.decode();
    if (last !== '') yield last;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new RobustnessError(
      'data/text-encoding',
      `${path} is not text in UTF-8.`,
      'Convert it: iconv -f LATIN1 -t UTF-8 (or whatever it is in).',
      { cause },
    );
  } finally {
    file.destroy();
  }
}

function jsonSyntax(path: string, line: number, what: string, cause?: unknown): RobustnessError {
  return new RobustnessError(
    'data/jsonl-syntax',
    `Line ${line} of ${path} ${what}.`,
    'Write one JSON object a line, such as {"text": "…", "label": "positive"}.',
    cause === undefined ? undefined : { cause },
  );
}
