import { Run } from '../run';
import type { RstLine } from './lines';

/** Reads a piece of a cell, from an offset to another. */
type ReadPiece = (from: number, to: number, into: Run) => void;

export interface RstTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly Run[])[];
}

const simpleBorder = /^=+(?:[ \t]+=+)+$/;

export const isSimpleBorder = (text: string): boolean => simpleBorder.test(text);
export const isGridBorder = (text: string): boolean => /^\+(?:[-=]+\+)+$/.test(text);

const plainOf = (cells: readonly Run[]): string[] => cells.map((cell) => cell.plain.trim());

/** Adds the piece to a cell, apart from what stands there. */
function extend(cell: Run, from: number, to: number, read: ReadPiece): void {
  if (to <= from) return;
  const end = cell.end;
  if (end !== undefined) cell.space(end - 1);
  read(from, to, cell);
}

/** A table drawn with `+---+---+` and `|`. Cells that span columns are read in the first of them. */
export function gridTable(source: string, lines: readonly RstLine[], read: ReadPiece): RstTable {
  const textOf = (line: RstLine) => source.slice(line.start, line.end);
  const border = textOf(lines[0]!);
  const columns: number[] = [];
  for (let i = 0; i < border.length; i++) if (border[i] === '+') columns.push(i);
  const rows: Run[][] = [];
  let header: string[] = [];
  let row: Run[] | null = null;
  for (const line of lines) {
    const text = textOf(line);
    if (/^\+[-=+]+\+?$/.test(text)) {
      if (row?.some((cell) => cell.plain !== '')) {
        if (text.includes('=') && header.length === 0) header = plainOf(row);
        else rows.push(row);
      }
      row = null;
      continue;
    }
    row ??= columns.slice(1).map(() => new Run());
    let open = 0;
    for (let k = 1; k < columns.length; k++) {
      const last = k === columns.length - 1;
      const close = last ? text.lastIndexOf('|') : columns[k]!;
      if (!last && text[close] !== '|') continue;
      extend(row[open]!, line.start + columns[open]! + 1, line.start + Math.max(close, columns[open]! + 1), read);
      open = k;
    }
  }
  return { header: header.length === 0 && rows.length > 0 ? plainOf(rows.shift()!) : header, rows };
}

/** A table between lines of `====  ====`. A line without a first cell goes on with the row above. */
export function simpleTable(source: string, lines: readonly RstLine[], read: ReadPiece): RstTable {
  const first = lines[0]!;
  const columns = [...source.slice(first.start, first.end).matchAll(/=+/g)].map((match) => match.index);
  const rows: Run[][] = [];
  let header: string[] = [];
  let borders = 0;
  for (const line of lines) {
    const text = source.slice(line.start, line.end);
    if (simpleBorder.test(text)) {
      borders++;
      if (borders === 2 && line !== lines.at(-1)) header = mergeHeader(rows.splice(0));
      continue;
    }
    if (line.blank || /^-+(?:[ \t]+-+)*$/.test(text)) continue;
    const shift = line.indent - first.indent;
    const base = line.start - shift;
    const continued = shift >= (columns[1] ?? Number.POSITIVE_INFINITY);
    let row = rows.at(-1);
    if (!row || !continued) {
      row = columns.map(() => new Run());
      rows.push(row);
    }
    for (const [k, column] of columns.entries()) {
      const from = Math.max(line.start, base + column);
      const to = Math.min(line.end, k + 1 < columns.length ? base + columns[k + 1]! : line.end);
      extend(row[k]!, from, to, read);
    }
  }
  return { header, rows };
}

function mergeHeader(rows: readonly Run[][]): string[] {
  const header: string[] = [];
  for (const row of rows)
    for (const [k, text] of plainOf(row).entries()) header[k] = `${header[k] ?? ''} ${text}`.trim();
  return header;
}

/** Lines of comma-separated values; a cell in quotation marks may hold commas. */
export function csvTable(
  source: string,
  lines: readonly RstLine[],
  head: readonly string[],
  read: ReadPiece,
): RstTable {
  const rows = lines
    .filter((line) => !line.blank)
    .map((line) => {
      const cells: Run[] = [];
      for (const match of source.slice(line.start, line.end).matchAll(/(?:^|,)[ \t]*(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
        const cell = new Run();
        const text = match[1] ?? match[2] ?? '';
        const to = line.start + match.index + match[0].length - (match[1] === undefined ? 0 : 1);
        read(to - text.length, to, cell);
        cells.push(cell);
      }
      return cells;
    });
  return { header: head.length === 0 && rows.length > 0 ? plainOf(rows.shift()!) : head, rows };
}
