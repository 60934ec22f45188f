/** A line of reStructuredText, or what is left of it within a list or a directive. */
export interface RstLine {
  /** Offset of the first character that is no white space; of the line's end where there is none. */
  readonly start: number;
  /** Offset after the last character that is no white space. */
  readonly end: number;
  /** Column of `start`, from 0; a tab goes to the next multiple of eight. */
  readonly indent: number;
  readonly blank: boolean;
}

const isSpace = (code: number): boolean => code === 32 || code === 9 || code === 11 || code === 12 || code === 0xa0;

/** Lines of a text, which `\n`, `\r\n` and `\r` end. */
export function rstLines(source: string): RstLine[] {
  const lines: RstLine[] = [];
  let from = source.startsWith('\ufeff') ? 1 : 0;
  while (from <= source.length) {
    let stop = from;
    let code = source.charCodeAt(stop);
    while (stop < source.length && code !== 10 && code !== 13) code = source.charCodeAt(++stop);
    let start = from;
    let indent = 0;
    while (start < stop && isSpace(source.charCodeAt(start))) {
      indent = source.charCodeAt(start) === 9 ? (indent & ~7) + 8 : indent + 1;
      start++;
    }
    let end = stop;
    while (end > start && isSpace(source.charCodeAt(end - 1))) end--;
    lines.push({ start, end, indent, blank: end === start });
    from = stop + (source.charCodeAt(stop) === 13 && source.charCodeAt(stop + 1) === 10 ? 2 : 1);
  }
  return lines;
}
