import { RobustnessError } from '../error';
import type { DataSource } from '../spec/schema';
import {
  codePointCount,
  encodeText,
  largestCharacters,
  mostCharacters,
  wellFormed,
  widthFor,
} from '../text/codePoints';
import { inferDelimiter } from './csvRows';
import { LabelMap } from './labels';
import type { ExampleSource } from './source';
import type { AnswerKind } from './targets';
import { jsonLines, type Quotes, textRows } from './textRows';
import type { Dataset } from './types';

/** Names that columns of text commonly have, the likeliest first. */
const textNames =
  'text sentence review content comment tweet message body document utterance question query title description input'.split(
    ' ',
  );
const labelNames = [
  'label',
  'labels',
  'class',
  'target',
  'category',
  'sentiment',
  'intent',
  'topic',
  'y',
  'classid',
  'class_id',
];

export interface TextOptions {
  readonly classes: readonly string[] | null;
  readonly answers: AnswerKind;
  /** Names of the classes in the order of the model, where its own files say them. */
  readonly names?: readonly string[] | undefined;
  /** Code points in an example, where other data say: shifts and training data have the width of the test data. */
  readonly width?: number | undefined;
}

/** More different labels than a column of labels has. */
const mostLabels = 10_000;

/** A row as both formats give it. */
interface Row {
  readonly text: string;
  readonly label: string | null;
  readonly line: number;
}

/** A file of texts, opened: what its rows hold, and how often they can be read. */
interface Table {
  readonly inferred: readonly string[];
  rows(signal?: AbortSignal): AsyncIterable<Row>;
}

/**
 * Texts with a label each, of a table (csv, tsv) or of JSON objects a line. Opening reads the file once, to number the classes and to find
 * the longest text; an example is the vector of its code points, padded with 0.
 * @throws RobustnessError `data/…`
 */
export async function openText(path: string, source: DataSource, options: TextOptions): Promise<ExampleSource> {
  const { answers, width: given } = options;
  if (answers === 'targets') {
    throw new RobustnessError(
      'data/no-targets',
      `${path} holds texts, and models that predict numbers of texts are not evaluated.`,
      'Leave `task` out to evaluate a classifier of texts.',
    );
  }
  const jsonl = /\.(jsonl|ndjson)$/i.test(path) || source.format === 'jsonl';
  const table = jsonl ? jsonTable(path, source, answers) : await cellTable(path, source, answers);
  const most = Math.min(source.characters ?? mostCharacters, largestCharacters);
  /** Line of the first text with a label. */
  const seen = new Map<string, number>();
  let available = 0;
  let longest = 0;
  let cut = 0;
  for await (const { text, label, line } of table.rows()) {
    if (label !== null && !seen.has(label) && seen.size <= mostLabels) seen.set(label, line);
    const length = codePointCount(text);
    if (length > most) cut++;
    longest = Math.max(longest, Math.min(length, most));
    available++;
  }
  if (available === 0) {
    throw new RobustnessError('data/empty', `${path} has no texts.`, 'Give one text a line, with its label.');
  }
  const named = namesFor([...seen.keys()], options);
  const labels = new LabelMap(named.classes);
  for (const [label, line] of seen) labels.see(named.spelt(label), `line ${line}`);
  const settled = answers === 'none' ? { classes: null, inferred: [] } : labels.settle();
  const width = given ?? widthFor(Math.max(1, longest));
  const room = given === undefined ? most : Math.min(most, given);
  return {
    path,
    files: [path],
    available,
    kind: 'text',
    shape: [width],
    depth: 'number',
    classes: settled.classes,
    features: null,
    inferred: [
      ...table.inferred,
      ...(cut > 0 ? [`${cut} of ${available} texts are longer than ${most} characters and were cut there`] : []),
      ...named.inferred,
      ...settled.inferred,
    ],
    async *examples(start, end, signal) {
      const values = new Float32Array(width);
      let index = 0;
      for await (const { text, label } of table.rows(signal)) {
        if (index >= end) return;
        if (index++ < start) continue;
        encodeText(text, values, room);
        yield { values, label: label === null ? 0 : labels.of(named.spelt(label)) };
      }
    },
  };
}

/** Classes as stated, or as the model's own files name them, if the labels are those names (in any case) or numbers. */
function namesFor(
  labels: readonly string[],
  { classes, names }: TextOptions,
): { classes: readonly string[] | null; spelt(label: string): string; inferred: readonly string[] } {
  const asIs = { classes, spelt: (label: string) => label, inferred: [] };
  if (classes !== null || !names) return asIs;
  const lower = new Map(names.map((name) => [name.toLowerCase(), name]));
  if (lower.size < names.length) return asIs;
  const numbers = labels.every((label) => /^\d+$/.test(label) && Number(label) < names.length);
  if (!numbers && !labels.every((label) => lower.has(label.toLowerCase()))) return asIs;
  const spelt = (label: string) => (numbers ? label : (lower.get(label.toLowerCase()) ?? label));
  return { classes: names, spelt, inferred: ['the names of the classes are those of config.json beside the model'] };
}

async function cellTable(path: string, source: DataSource, answers: AnswerKind): Promise<Table> {
  const delimiter = source.delimiter ?? (/\.tsv$/i.test(path) ? '\t' : await inferDelimiter(path));
  const inferred: string[] = [];
  let quotes: Quotes = 'around';
  const head = await firstRows(path, delimiter, quotes).catch(async (error: unknown) => {
    // Corpora between tabs seldom quote: there, a quote is a character.
    if (delimiter !== '\t' || !RobustnessError.is(error, 'data/csv-syntax')) throw error;
    quotes = 'literal';
    return firstRows(path, delimiter, quotes);
  });
  if (delimiter === '\t' && quotes === 'around' && !(await parses(path, delimiter))) quotes = 'literal';
  if (quotes === 'literal') inferred.push('quotes are characters of the texts, not around cells');
  const [first] = head;
  if (first === undefined) {
    throw new RobustnessError('data/empty', `${path} is empty.`, 'Give one text a line, with its label.');
  }
  const headed = source.header ?? looksLikeHeader(first, source);
  const names = headed ? first : null;
  const body = headed ? head.slice(1) : head;
  const label =
    answers === 'none' && source.labels === undefined
      ? -1
      : columnOf(names, first.length, source.labels, 'labels', () => labelColumn(names, body, first.length, source));
  const text = columnOf(names, first.length, source.text, 'text', () => textColumn(names, body, first.length, label));
  if (text === label) throw sameColumn(path);
  const nameOf = (column: number) => (names ? `“${names[column]}”` : `${column + 1}`);
  if (source.text === undefined) inferred.push(`the texts are in column ${nameOf(text)}`);
  if (source.labels === undefined && label >= 0) inferred.push(`the labels are in column ${nameOf(label)}`);
  return {
    inferred,
    async *rows(signal) {
      let skip = headed;
      for await (const { cells, line } of textRows(path, delimiter, quotes, signal)) {
        if (!skip) yield { text: wellFormed(cells[text]!), label: label < 0 ? null : cells[label]!.trim(), line };
        skip = false;
      }
    },
  };
}

async function firstRows(path: string, delimiter: string, quotes: Quotes): Promise<(readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  for await (const { cells } of textRows(path, delimiter, quotes)) {
    rows.push(cells);
    if (rows.length === 20) break;
  }
  return rows;
}

async function parses(path: string, delimiter: string): Promise<boolean> {
  try {
    for await (const { line } of textRows(path, delimiter, 'around')) void line;
    return true;
  } catch (error) {
    if (RobustnessError.is(error, 'data/csv-syntax') || RobustnessError.is(error, 'data/csv-ragged')) return false;
    throw error;
  }
}

/** A header names its columns: one of its cells is a usual name, or what the spec asks for. */
function looksLikeHeader(first: readonly string[], { text, labels }: DataSource): boolean {
  const usual = [...textNames, ...labelNames];
  return first.some((cell) => cell === text || cell === labels || usual.includes(cell.trim().toLowerCase()));
}

function columnOf(
  names: readonly string[] | null,
  columns: number,
  stated: string | number | undefined,
  setting: 'text' | 'labels',
  infer: () => number,
): number {
  if (stated === undefined) return infer();
  const at = typeof stated === 'number' ? (stated < 0 ? columns + stated : stated) : (names?.indexOf(stated) ?? -1);
  if (at >= 0 && at < columns) return at;
  throw new RobustnessError(
    'data/no-such-column',
    `The table has no column ${typeof stated === 'number' ? `at position ${stated}` : `with the name “${stated}”`}.`,
    names === null
      ? `It has ${columns} columns without names: give \`${setting}\` as a position from 0, or negative from the end.`
      : `Its columns are ${names.slice(0, 12).join(', ')}: correct \`${setting}\` in the spec.`,
  );
}

function labelColumn(
  names: readonly string[] | null,
  rows: readonly (readonly string[])[],
  columns: number,
  { text }: DataSource,
): number {
  const taken = typeof text === 'number' ? text : (names?.indexOf(text ?? '') ?? -1);
  const lower = names?.map((name) => name.trim().toLowerCase()) ?? [];
  const named = labelNames.map((name) => lower.indexOf(name)).find((column) => column >= 0 && column !== taken);
  if (named !== undefined) return named;
  // Labels are short where texts are long.
  const others = Array.from({ length: columns }, (_, column) => column).filter((column) => column !== taken);
  return others.sort((a, b) => meanLength(rows, a) - meanLength(rows, b) || b - a)[0] ?? -1;
}

function textColumn(
  names: readonly string[] | null,
  rows: readonly (readonly string[])[],
  columns: number,
  label: number,
): number {
  const lower = names?.map((name) => name.trim().toLowerCase()) ?? [];
  const named = textNames.map((name) => lower.indexOf(name)).find((column) => column >= 0 && column !== label);
  if (named !== undefined) return named;
  const others = Array.from({ length: columns }, (_, column) => column).filter((column) => column !== label);
  const longest = others.sort((a, b) => meanLength(rows, b) - meanLength(rows, a) || a - b)[0];
  if (longest !== undefined) return longest;
  throw new RobustnessError(
    'data/no-such-column',
    'The table has no column of texts besides the labels.',
    'Name it in the spec as `data.test.text`.',
  );
}

function meanLength(rows: readonly (readonly string[])[], column: number): number {
  return rows.reduce((sum, cells) => sum + (cells[column]?.length ?? 0), 0) / Math.max(1, rows.length);
}

function jsonTable(path: string, source: DataSource, answers: AnswerKind): Table {
  const inferred: string[] = [];
  let keys: { readonly text: string; readonly label: string | null } | null = null;
  const keysOf = (object: Readonly<Record<string, unknown>>) => {
    const all = Object.keys(object);
    const usual = (names: readonly string[], besides?: string) =>
      names
        .map((name) => all.find((key) => key.toLowerCase() === name && key !== besides))
        .find((key) => key !== undefined);
    const text =
      source.text === undefined
        ? (usual(textNames) ?? all.find((key) => typeof object[key] === 'string'))
        : String(source.text);
    if (text === undefined) throw noKey(path, 'a text', all);
    const label =
      answers === 'none'
        ? null
        : source.labels === undefined
          ? (usual(labelNames, text) ?? undefined)
          : String(source.labels);
    if (label === undefined) throw noKey(path, 'a label', all);
    if (label === text) throw sameColumn(path);
    if (source.text === undefined) inferred.push(`the texts are under “${text}”`);
    if (source.labels === undefined && label !== null) inferred.push(`the labels are under “${label}”`);
    return { text, label };
  };
  return {
    inferred,
    async *rows(signal) {
      for await (const { object, line } of jsonLines(path, signal)) {
        keys ??= keysOf(object);
        const text = Object.hasOwn(object, keys.text) ? object[keys.text] : undefined;
        if (typeof text !== 'string') throw notText(path, line, keys.text, text);
        yield {
          text: wellFormed(text),
          label: keys.label === null ? null : labelIn(object, keys.label, path, line),
          line,
        };
      }
    },
  };
}

/** A label as text: a name, a number, or true and false as 1 and 0. */
function labelIn(object: Readonly<Record<string, unknown>>, key: string, path: string, line: number): string {
  const label = Object.hasOwn(object, key) ? object[key] : undefined;
  if (typeof label === 'string') return label.trim();
  if (typeof label === 'boolean') return label ? '1' : '0';
  if (typeof label === 'number') return String(label);
  throw new RobustnessError(
    'data/label-missing',
    `Line ${line} of ${path} has no label under “${key}”.`,
    'Give every text a label: a name or a number.',
  );
}

function noKey(path: string, what: string, keys: readonly string[]): RobustnessError {
  return new RobustnessError(
    'data/no-such-column',
    `The objects in ${path} have no key for ${what}.`,
    `Name one of ${keys.slice(0, 12).join(', ')} in the spec as \`data.test.text\` or \`labels\`.`,
  );
}

function notText(path: string, line: number, key: string, value: unknown): RobustnessError {
  return new RobustnessError(
    'data/not-text',
    `Line ${line} of ${path} has ${value === undefined ? 'nothing' : `a ${typeof value}`} under “${key}”, where a text must be.`,
    'Give every object a text, or name the right key in the spec as `data.test.text`.',
  );
}

function sameColumn(path: string): RobustnessError {
  return new RobustnessError(
    'data/no-such-column',
    `Texts and labels of ${path} are named as the same column.`,
    'Name two columns: `data.test.text` and `labels`.',
  );
}

/** What other texts than the test data take over of their source: they are read alike unless they say otherwise. */
export function textsLike(
  { text, characters }: DataSource,
  { kind }: Pick<Dataset, 'kind'>,
): Pick<DataSource, 'text' | 'characters'> {
  if (kind !== 'text') return {};
  return { ...(text === undefined ? {} : { text }), ...(characters === undefined ? {} : { characters }) };
}
