import { RobustnessError } from '../error';
import type { DataSource } from '../spec/schema';
import { csvRows, inferDelimiter } from './csvRows';
import { LabelMap } from './labels';
import { channelsFirst } from './layout';
import { layoutOf, numberedColumns, type SeriesInput, sampled } from './series';
import type { ExampleSource } from './source';
import { type AnswerKind, finiteTarget } from './targets';

const labelNames = ['label', 'class', 'target', 'species', 'y', 'labels', 'category', 'variety', 'classid', 'class_id'];
const rowNumberNames = /^(id|index|idx|row|#|unnamed: 0|)$/i;
const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * A table with one example a row and one column of labels, or of targets, streamed. Opening it reads it once, to number the classes and
 * to find the first cell that is no number.
 * @throws RobustnessError `data/csv-…`, `data/label-…`
 */
export async function openCsv(
  path: string,
  source: DataSource,
  classes: readonly string[] | null,
  answers: AnswerKind = 'labels',
  series?: SeriesInput,
): Promise<ExampleSource> {
  const delimiter = source.delimiter ?? (await inferDelimiter(path));
  const { header, columns, inferred } = await readHeader(path, delimiter, source.header);
  const label =
    answers === 'none'
      ? ignoredColumn(header, columns, source.labels)
      : labelColumn(header, columns, source.labels, inferred);
  // Who an example belongs to is no feature of it.
  const group = source.groups === undefined ? -1 : (header?.indexOf(source.groups) ?? -1);
  const nameOf = (column: number): string => (header?.[column] ? `“${header[column]}”` : `${column + 1}`);

  // A column that merely numbers the rows is no feature: the model was not trained on it.
  const firstName = header?.[0];
  let rowNumbers = firstName !== undefined && label !== 0 && columns > 2 && rowNumberNames.test(firstName);
  const labels = new LabelMap(classes);
  let available = 0;
  let previous: number | undefined;
  let pixels = true;
  for await (const { cells, line } of rows(path, delimiter, header !== null)) {
    for (const [column, cell] of cells.entries()) {
      if (column === group && column !== label) continue;
      if (column === label && answers === 'labels') labels.see(cell, `line ${line}`);
      else if (column === label && answers === 'none') continue;
      else if (!number.test(cell)) throw notNumber(path, line, nameOf(column), cell);
      else if (column === label) finiteTarget(Number(cell), `line ${line}`);
      else if (pixels && !(column === 0 && rowNumbers)) pixels = isByte(Number(cell));
    }
    const first = Number(cells[0]);
    if (rowNumbers && (!Number.isInteger(first) || (previous !== undefined && first !== previous + 1)))
      rowNumbers = false;
    previous = first;
    available++;
  }
  if (available === 0) {
    throw new RobustnessError('data/empty', `${path} has no examples.`, 'Give a CSV file with one example a line.');
  }
  const settled = labels.settle();
  const used = Array.from({ length: columns }, (_, column) => column).filter(
    (column) => column !== label && column !== group && !(column === 0 && rowNumbers),
  );
  if (used.length === 0) {
    throw new RobustnessError(
      'data/layout',
      `${path} has no column besides the labels.`,
      'Add the features as columns.',
    );
  }
  // Columns with names of their own are features, whatever the model does with them.
  const unnamed = header === null || numberedColumns(used.map((column) => header[column]!));
  const layout = layoutOf([used.length], source, unnamed ? series : undefined, pixels);
  const uint8 = layout.kind === 'image' && pixels;
  if (rowNumbers) inferred.push(`the column “${firstName}” numbers the rows and was left out`);
  inferred.push(...layout.inferred, ...settled.inferred);
  return {
    path,
    files: [path],
    available,
    kind: layout.kind,
    shape: layout.shape,
    depth: uint8 ? 'uint8' : 'number',
    classes: settled.classes,
    ...(answers === 'targets' ? { targets: 1 } : {}),
    ...sampled(layout.kind, source),
    features: header === null || layout.kind !== 'vector' ? null : used.map((column) => header[column]!),
    inferred,
    async *examples(start, end, signal) {
      const values = uint8 ? new Uint8Array(used.length) : new Float32Array(used.length);
      const turned = layout.channelsLast ? values.slice() : values;
      let index = 0;
      for await (const { cells } of rows(path, delimiter, header !== null, signal)) {
        if (index >= end) return;
        if (index++ < start) continue;
        for (const [i, column] of used.entries()) values[i] = Number(cells[column]);
        if (layout.channelsLast) channelsFirst(values, turned, layout.shape);
        const answer = cells[label] ?? '';
        if (answers === 'none') yield { values: turned, label: 0 };
        else if (answers === 'labels') yield { values: turned, label: labels.of(answer) };
        else yield { values: turned, label: 0, target: Float32Array.of(Number(answer)) };
      }
    },
  };
}

async function* rows(path: string, delimiter: string, header: boolean, signal?: AbortSignal) {
  let skip = header;
  for await (const row of csvRows(path, delimiter, signal)) {
    if (!skip) yield row;
    skip = false;
  }
}

async function readHeader(path: string, delimiter: string, stated: boolean | undefined) {
  const head: (readonly string[])[] = [];
  for await (const { cells } of csvRows(path, delimiter)) {
    head.push(cells);
    if (head.length === 2) break;
  }
  const [first, second] = head;
  if (first === undefined) {
    throw new RobustnessError('data/empty', `${path} is empty.`, 'Give a CSV file with one example a line.');
  }
  // A header is text above numbers; a table without one has text in the label column alone.
  const looksLikeHeader = second?.some((cell, i) => number.test(cell) && !number.test(first[i]!)) ?? false;
  const header = (stated ?? looksLikeHeader) ? first : null;
  const inferred: string[] = [];
  if (stated === undefined)
    inferred.push(header === null ? 'the table has no header line' : 'the first line names the columns');
  return { header, columns: first.length, inferred };
}

function labelColumn(
  header: readonly string[] | null,
  columns: number,
  stated: string | number | undefined,
  inferred: string[],
): number {
  if (typeof stated === 'number') {
    const column = stated < 0 ? columns + stated : stated;
    if (column >= 0 && column < columns) return column;
    throw noColumn(`position ${stated}`, header, columns);
  }
  if (stated !== undefined) {
    const column = header?.indexOf(stated) ?? -1;
    if (column >= 0) return column;
    throw noColumn(`the name “${stated}”`, header, columns);
  }
  const lower = header?.map((name) => name.toLowerCase()) ?? [];
  const named = labelNames.map((name) => lower.indexOf(name)).find((column) => column >= 0);
  const column = named ?? columns - 1;
  inferred.push(
    header === null ? `labels are in column ${column + 1}` : `labels are in the column “${header[column]}”`,
  );
  return column;
}

/** A column of labels that nobody asks for, where there is one; -1 where all columns are features. */
function ignoredColumn(header: readonly string[] | null, columns: number, stated: string | number | undefined): number {
  if (stated !== undefined) return labelColumn(header, columns, stated, []);
  const lower = header?.map((name) => name.toLowerCase()) ?? [];
  return labelNames.map((name) => lower.indexOf(name)).find((column) => column >= 0) ?? -1;
}

function noColumn(what: string, header: readonly string[] | null, columns: number): RobustnessError {
  return new RobustnessError(
    'data/no-such-column',
    `The table has no column with ${what}.`,
    header === null
      ? `It has ${columns} columns without names: give \`labels\` as a position from 0, or negative from the end.`
      : `Its columns are ${header.slice(0, 12).join(', ')}: correct \`labels\` in the spec.`,
  );
}

function notNumber(path: string, line: number, column: string, cell: string): RobustnessError {
  const shown = cell.length > 40 ? `${cell.slice(0, 40)}…` : cell;
  return new RobustnessError(
    'data/csv-not-a-number',
    `Line ${line} of ${path} has ${cell === '' ? 'nothing' : `“${shown}”`} in column ${column}, where a number must be.`,
    'Encode or remove that column or row, or name the label column in the spec as `labels`.',
  );
}

function isByte(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 255;
}
