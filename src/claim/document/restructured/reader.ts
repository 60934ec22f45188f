import { boldDepth, type ProseBuilder } from '../builder';
import { Run } from '../run';
import type { Place } from '../types';
import { readRstInline } from './inline';
import type { RstLine } from './lines';
import { csvTable, gridTable, isGridBorder, isSimpleBorder, type RstTable, simpleTable } from './table';

/** Directives whose content is prose; the content of others is code, pictures, or made by a program. */
const prose: ReadonlySet<string> = new Set(
  'note warning tip important hint caution attention danger error admonition topic sidebar container only abstract versionadded versionchanged deprecated table tab tabs tab-set tab-item grid grid-item grid-item-card card dropdown collapse details compound rubric-content highlights'.split(
    ' ',
  ),
);
/** Of these, the first line is a title or an option. */
const titled: ReadonlySet<string> = new Set(
  'admonition topic sidebar container only table tab tab-item grid grid-item-card grid-item card dropdown collapse details versionadded versionchanged deprecated'.split(
    ' ',
  ),
);

const directive = /^\.\.[ \t]+(?:\|[^|]*\|[ \t]+)?([A-Za-z][\w:+.-]*)::(?:[ \t]+|$)/;
const target = /^\.\.[ \t]+_(`[^`]+`|[^:]+):(?:[ \t]+(\S.*))?$/;
const bullet = /^[-*+•‣⁃](?:[ \t]+|$)/;
const enumerator = /^(?:\(?(?:\d{1,4}|#|[a-zA-Z]|[ivxIVX]{2,6})[.)])[ \t]+/;
const field = /^:(?!:)((?:[^:\\\n]|\\.){1,80}):(?=\s|$)/;
const adornment = /^([!-/:-@[-`{-~])\1{2,}$/;
/** Fields that hold prose of the authors. */
const spokenField = /^(?:abstract|summary|description|note)$/i;

/** Parts of a docstring that describe an interface, in the styles of Google and NumPy. */
const interfacePart =
  /^(?:(?:other |keyword )?(?:args|arguments|param(?:eter)?s)|returns?|yields?|raises|warns|attributes|methods|shapes?|inputs?|outputs?|examples?|see also|references|usage)\s*:?$/i;

/** Deeper nesting is never prose, and recursion has a limit. */
const deepest = 40;

/**
 * Reads blocks of reStructuredText line by line, as its specification defines them: by indentation and by the first characters.
 *
 * Source: https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html
 */
export class RstReader {
  readonly #styles: string[] = [];
  readonly #targets = new Map<string, string>();

  constructor(
    readonly source: string,
    readonly builder: ProseBuilder,
    /** Whether this is a docstring, whose lists of parameters are no prose. */
    readonly docstring = false,
  ) {}

  read(lines: readonly RstLine[]): void {
    for (const line of lines) {
      const match = this.source.startsWith('.. _', line.start) ? target.exec(this.#text(line)) : null;
      if (match?.[2]) this.#targets.set(match[1]!.replace(/`/g, '').trim().toLowerCase(), match[2]);
    }
    this.#blocks(lines, 'paragraph', '', 0);
  }

  #text(line: RstLine): string {
    return this.source.slice(line.start, line.end);
  }

  #blocks(lines: readonly RstLine[], place: Place, lead: string, depth: number): void {
    if (depth > deepest) return;
    const base = lines.find((line) => !line.blank)?.indent ?? 0;
    for (let i = 0; i < lines.length; ) {
      const line = lines[i]!;
      if (line.blank) i++;
      // A quotation: somebody else speaks.
      else if (line.indent > base) i = this.#indented(lines, i, base);
      else i = this.#block(lines, i, place, lead, depth);
    }
  }

  /** The first line after `i` that is not blank and not indented beyond a column. */
  #indented(lines: readonly RstLine[], i: number, column: number): number {
    let end = i;
    while (end < lines.length && (lines[end]!.blank || lines[end]!.indent > column)) end++;
    return end;
  }

  /** @returns the index of the first line after the block that begins at `i` */
  #block(lines: readonly RstLine[], i: number, place: Place, lead: string, depth: number): number {
    const line = lines[i]!;
    const text = this.#text(line);
    const next = lines[i + 1];
    if (text.startsWith('..') && (text.length === 2 || /\s/.test(text[2]!))) return this.#explicit(lines, i, depth);
    if (text.startsWith('__ ') || text === '::') return this.#indented(lines, i + 1, line.indent);
    if (text.startsWith('>>>')) return this.#untilBlank(lines, i);
    if (isGridBorder(text)) return this.#grid(lines, i);
    if (isSimpleBorder(text)) return this.#simple(lines, i);
    const title = this.#title(lines, i);
    if (title > i) return title;
    if (adornment.test(text) && (next === undefined || next.blank)) return i + 1;
    const mark = bullet.exec(text) ?? enumerator.exec(text);
    if (mark) return this.#item(lines, i, mark[0], lead, depth);
    const name = field.exec(text);
    if (name) {
      const end = this.#indented(lines, i + 1, line.indent);
      if (spokenField.test(name[1]!)) this.#nested(lines, i, end, name[0].length, 'paragraph', '', depth);
      return end;
    }
    if (/^(?:--?|\/)\w[\w-]*(?:[ =]\S+)?(?: {2,}\S|$)/.test(text)) return this.#indented(lines, i + 1, line.indent);
    if (text.startsWith('| ')) return this.#lineBlock(lines, i, place, lead);
    return this.#paragraph(lines, i, place, lead, depth);
  }

  #untilBlank(lines: readonly RstLine[], i: number): number {
    let end = i;
    while (end < lines.length && !lines[end]!.blank) end++;
    return end;
  }

  /** What follows `skip` characters on line `i`, with the lines up to `end`, as blocks of their own. */
  #nested(
    lines: readonly RstLine[],
    i: number,
    end: number,
    skip: number,
    place: Place,
    lead: string,
    depth: number,
  ): void {
    const line = lines[i]!;
    const start = Math.min(line.end, line.start + skip);
    const body = lines.slice(i + 1, end);
    const column = body.find((one) => !one.blank)?.indent ?? line.indent + skip;
    const first: RstLine = { start, end: line.end, indent: column, blank: start === line.end };
    this.#blocks([first, ...body], place, lead, depth + 1);
  }

  #item(lines: readonly RstLine[], i: number, mark: string, lead: string, depth: number): number {
    const { last } = this.builder;
    const introduction = /[:：]\s*$/.test(last) ? last : lead;
    const column = lines[i]!.indent;
    let k = i;
    while (k < lines.length && lines[k]!.indent === column && !lines[k]!.blank) {
      const own = k === i ? mark : (bullet.exec(this.#text(lines[k]!)) ?? enumerator.exec(this.#text(lines[k]!)))?.[0];
      if (own === undefined) break;
      const end = this.#indented(lines, k + 1, column);
      this.#nested(lines, k, end, own.length, 'item', introduction, depth);
      k = end;
    }
    return k;
  }

  /** A title with a line of punctuation below it, and perhaps above. */
  #title(lines: readonly RstLine[], i: number): number {
    const text = this.#text(lines[i]!);
    const over = adornment.test(text);
    const title = over ? lines[i + 1] : lines[i];
    const under = lines[over ? i + 2 : i + 1];
    if (!title || title.blank || !under || under.blank) return i;
    const rule = this.#text(under);
    const words = this.#text(title);
    if (!adornment.test(rule) || under.indent !== lines[i]!.indent || (over && rule !== text)) return i;
    // Three marks below a long line are no rule.
    if (rule.length < Math.min(4, words.length) || (!over && title.indent !== under.indent)) return i;
    const style = `${rule[0]}${over}`;
    if (!this.#styles.includes(style)) this.#styles.push(style);
    const run = this.#inline(title.start, title.end);
    this.builder.heading(Math.min(boldDepth - 1, this.#styles.indexOf(style) + 1), run.plain);
    const body = i + (over ? 3 : 2);
    return this.docstring && interfacePart.test(run.plain.trim()) ? this.#nextTitle(lines, body) : body;
  }

  #nextTitle(lines: readonly RstLine[], i: number): number {
    let k = i;
    while (k < lines.length && !(k > i && adornment.test(this.#text(lines[k]!)) && !lines[k - 1]!.blank)) k++;
    return k < lines.length ? k - 1 : k;
  }

  #explicit(lines: readonly RstLine[], i: number, depth: number): number {
    const line = lines[i]!;
    const text = this.#text(line);
    const end = this.#indented(lines, i + 1, line.indent);
    const name = directive.exec(text);
    if (name) this.#directive(lines, i, end, name, depth);
    else if (!target.test(text) && !/^\.\.[ \t]+(?:\[|\||__)/.test(text)) {
      let last = i;
      for (let k = i + 1; k < end; k++) if (!lines[k]!.blank) last = k;
      const stop = lines[last]!.end;
      this.builder.comment(line.start, stop, this.source.slice(line.start + 2, stop));
    }
    return end;
  }

  #directive(lines: readonly RstLine[], i: number, end: number, match: RegExpExecArray, depth: number): void {
    const name = match[1]!.toLowerCase();
    const line = lines[i]!;
    let k = i + 1;
    const options = new Map<string, string>();
    // Options stand right below; a first line of the content cannot be one.
    while (k < end && !lines[k]!.blank) {
      const option = field.exec(this.#text(lines[k]!));
      if (!option) break;
      options.set(option[1]!.toLowerCase(), this.#text(lines[k]!).slice(option[0].length).trim());
      k++;
    }
    const body = lines.slice(k, end);
    if (name === 'list-table') this.#listTable(body, Number(options.get('header-rows') ?? 0));
    else if (name === 'csv-table') {
      const head =
        options
          .get('header')
          ?.split(',')
          .map((cell) => cell.trim().replace(/^"|"$/g, '')) ?? [];
      this.#rows(csvTable(this.source, body, head, this.#piece));
    } else if (prose.has(name)) {
      const start = line.start + match[0].length;
      const column = body.find((one) => !one.blank)?.indent ?? line.indent + 3;
      const first: RstLine = { start, end: line.end, indent: column, blank: start >= line.end };
      this.#blocks(titled.has(name) ? body : [first, ...body], 'paragraph', '', depth + 1);
    }
    this.builder.last = '';
  }

  /** Items of items: rows of cells. */
  #listTable(lines: readonly RstLine[], headers: number): void {
    const rows: Run[][] = [];
    const outer = lines.find((line) => !line.blank)?.indent ?? 0;
    for (const line of lines) {
      if (line.blank) continue;
      const text = this.#text(line);
      const opens = line.indent === outer ? /^[-*+][ \t]+/.exec(text) : null;
      if (opens) rows.push([]);
      const rest = line.start + (opens?.[0].length ?? 0);
      const inner = /^[-*+](?:[ \t]+|$)/.exec(this.source.slice(rest, line.end));
      const row = rows.at(-1);
      if (!row) continue;
      if (inner) row.push(new Run());
      const cell = row.at(-1);
      const end = cell?.end;
      if (end !== undefined) cell!.space(end - 1);
      if (cell) this.#piece(rest + (inner?.[0].length ?? 0), line.end, cell);
    }
    const header = headers > 0 ? (rows.shift() ?? []).map((cell) => cell.plain.trim()) : [];
    this.#rows({ header, rows: rows.slice(Math.max(0, headers - 1)) });
  }

  #grid(lines: readonly RstLine[], i: number): number {
    let end = i;
    while (end < lines.length && /^[+|]/.test(this.#text(lines[end]!))) end++;
    this.#rows(gridTable(this.source, lines.slice(i, end), this.#piece));
    return end;
  }

  #simple(lines: readonly RstLine[], i: number): number {
    let end = i + 1;
    let borders = 1;
    // The last border is the one before a blank line, or the third.
    for (; end < lines.length && borders < 3; end++) {
      if (!isSimpleBorder(this.#text(lines[end]!))) continue;
      borders++;
      if (lines[end + 1]?.blank ?? true) {
        end++;
        break;
      }
    }
    if (borders === 1) return i + 1;
    this.#rows(simpleTable(this.source, lines.slice(i, end), this.#piece));
    return end;
  }

  #rows({ header, rows }: RstTable): void {
    for (const row of rows) this.builder.row(row, header);
  }

  #lineBlock(lines: readonly RstLine[], i: number, place: Place, lead: string): number {
    const run = new Run();
    let end = i;
    for (; end < lines.length && this.#text(lines[end]!).startsWith('|'); end++) {
      const last = run.end;
      if (last !== undefined) run.space(last - 1);
      this.#piece(lines[end]!.start + 1, lines[end]!.end, run);
    }
    this.builder.paragraph(run, place, lead);
    return end;
  }

  #paragraph(lines: readonly RstLine[], i: number, place: Place, lead: string, depth: number): number {
    const first = lines[i]!;
    let end = i + 1;
    while (end < lines.length && !lines[end]!.blank && lines[end]!.indent === first.indent) end++;
    const after = lines[end];
    const last = lines[end - 1]!;
    const literal = this.source.startsWith('::', last.end - 2);
    if (after && !after.blank && after.indent > first.indent && !literal) {
      if (end === i + 1) {
        // A term and its definition.
        const stop = this.#indented(lines, end, first.indent);
        if (this.docstring && interfacePart.test(this.#text(first))) return stop;
        this.#blocks(lines.slice(end, stop), place, this.#text(first), depth + 1);
        return stop;
      }
      while (end < lines.length && !lines[end]!.blank) end++;
    }
    const to = lines[end - 1]!.end - (literal ? 1 : 0);
    const run = this.#inline(first.start, to);
    const strong = /^\*\*[^*]{1,80}\*\*$/.test(this.source.slice(first.start, to));
    if (strong && place === 'paragraph' && run.plain.split(' ').length <= 8) this.builder.heading(boldDepth, run.plain);
    else this.builder.paragraph(run, place, lead);
    return literal ? this.#literal(lines, end, first.indent) : end;
  }

  /** The block that `::` announces: indented, or each line behind the same mark. */
  #literal(lines: readonly RstLine[], i: number, column: number): number {
    let k = i;
    while (k < lines.length && lines[k]!.blank) k++;
    const line = lines[k];
    if (!line || line.indent > column) return this.#indented(lines, i, column);
    const mark = this.source[line.start]!;
    if (!/[!-/:-@[-`{-~]/.test(mark)) return k;
    while (k < lines.length && this.source[lines[k]!.start] === mark && !lines[k]!.blank) k++;
    return k;
  }

  #inline(from: number, to: number): Run {
    const run = new Run();
    this.#piece(from, to, run);
    return run;
  }

  readonly #piece = (from: number, to: number, run: Run): void =>
    readRstInline(this.source, from, to, run, this.#targets);
}
