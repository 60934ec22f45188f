import type { ProseBuilder } from '../builder';
import { isCitation } from '../commonmark/link';
import { Run } from '../run';
import type { Place } from '../types';
import { accents, codes, plainMacros, sections, settings, silent, skipped, symbols, tabulars } from './macros';

/** Nobody writes longer arguments, and the search for a closing brace must have an end. */
const longestArgument = 20_000;

const control = /\\(?:([A-Za-z@]+\*?)|([\s\S]))/y;

/** Reads the text of LaTeX: it knows comments, groups, formulas, environments and the usual macros, and expands nothing. */
export class LatexReader {
  #run = new Run();
  #place: Place = 'paragraph';
  #lead = '';
  #leads: string[] = [];
  /** Rows of the table that is being read; its cells are runs. */
  #table: { rows: Run[][]; heads: number } | null = null;
  /** Searches for a closing brace that found none. */
  #unclosed = 0;

  constructor(
    readonly source: string,
    readonly builder: ProseBuilder,
  ) {}

  read(from: number, to: number): void {
    this.#text(from, to, 0);
    this.#flush();
  }

  #flush(): void {
    const { plain } = this.#run;
    const introduces = this.#place === 'paragraph' && /[:：]\s*$/.test(plain);
    if (plain.trim() !== '') {
      this.builder.paragraph(this.#run, this.#place, this.#place === 'item' ? this.#lead : '');
      if (this.#place === 'paragraph') this.#lead = introduces ? plain.trim() : '';
    }
    this.#run = new Run();
  }

  #text(from: number, to: number, depth: number): void {
    const { source } = this;
    let plain = from;
    for (let i = from; i < to; ) {
      const char = source[i]!;
      if (!"\\%$~{}&`'\n".includes(char)) {
        i++;
        continue;
      }
      this.#run.add(source, plain, i, false);
      i = this.#special(char, i, to, depth);
      plain = i;
    }
    this.#run.add(source, Math.min(plain, to), to, false);
  }

  /** @returns where to go on after a character that means something */
  #special(char: string, i: number, to: number, depth: number): number {
    const { source } = this;
    switch (char) {
      case '\\':
        return this.#control(i, to, depth);
      case '%': {
        let end = i;
        while (end < to && source[end] !== '\n' && source[end] !== '\r') end++;
        this.builder.comment(i, end, source.slice(i + 1, end).replace(/^%+/, ''));
        // A comment swallows the end of its line, but not an empty line after it.
        return end;
      }
      case '$':
        return this.#formula(i, to, source[i + 1] === '$' ? '$$' : '$');
      case '~':
        // A citation leaves nothing behind, nor the space before it.
        if (!/^~\\(?:[a-z]*cite|footnote|label)/i.test(source.slice(i, i + 20))) this.#run.space(i);
        return i + 1;
      case '&':
        if (this.#table) this.#cell();
        else this.#run.space(i);
        return i + 1;
      case '`':
      case "'":
        if (source[i + 1] !== char) this.#run.add(source, i, i + 1, false);
        else this.#run.put(char === '`' ? '“' : '”', i, i + 2, false);
        return source[i + 1] === char ? i + 2 : i + 1;
      case '\n': {
        let end = i + 1;
        while (end < to && (source[end] === ' ' || source[end] === '\t' || source[end] === '\r')) end++;
        if (end < to && source[end] === '\n' && !this.#table && depth === 0) this.#flush();
        else this.#run.space(i);
        return end;
      }
      default:
        return i + 1;
    }
  }

  #formula(i: number, to: number, mark: string): number {
    const { source } = this;
    const limit = Math.min(to, i + (mark === '$' ? 1000 : 4000));
    for (let k = i + mark.length; k < limit; k++) {
      if (source[k] === '\\') k++;
      else if (source[k] === '$' && source.startsWith(mark, k)) {
        const end = k + mark.length;
        if (mark === '$') this.#run.add(source, i, end, false);
        else this.#run.space(i, end);
        return end;
      }
    }
    return i + mark.length;
  }

  #control(i: number, to: number, depth: number): number {
    const { source } = this;
    control.lastIndex = i;
    const match = control.exec(source);
    if (!match || match.index + match[0].length > to) return i + 1;
    const end = i + match[0].length;
    const name = match[1]?.replace(/\*$/, '');
    return name === undefined ? this.#symbol(match[2]!, i, end, to) : this.#macro(name, i, end, to, depth);
  }

  #symbol(char: string, i: number, end: number, to: number): number {
    const { source } = this;
    if ('%&$#_{}'.includes(char)) this.#run.put(char, i, end, false);
    else if (char === '\\') {
      const option = /^\*?[ \t]*\[[^\]\n]{0,40}\]/.exec(source.slice(end, Math.min(to, end + 50)))?.[0].length ?? 0;
      if (this.#table) this.#endRow();
      else this.#run.space(i, end);
      return end + option;
    } else if (char === '[' || char === '(') {
      const length = source.slice(end, Math.min(to, end + 2000)).indexOf(char === '[' ? '\\]' : '\\)');
      if (length < 0) return end;
      const close = end + length;
      if (char === '(') this.#run.add(source, i, close + 2, false);
      else this.#run.space(i, close + 2);
      return close + 2;
    } else if (accents[char] !== undefined) {
      const letter = /^\{?\\?([A-Za-z])\}?/.exec(source.slice(end, Math.min(to, end + 4)));
      if (!letter) return end;
      this.#run.put(`${letter[1]}${accents[char]}`.normalize('NFC'), i, end + letter[0].length, false);
      return end + letter[0].length;
    } else if (/[\s,;:!/]/.test(char)) this.#run.space(i, end);
    return end;
  }

  /** The range within `{…}` or `[…]` that begins at `i`, which may follow white space; null where there is none. */
  #argument(i: number, to: number, open = '{', close = '}'): readonly [number, number] | null {
    const { source } = this;
    let k = i;
    while (k < to && (source[k] === ' ' || source[k] === '\n' || source[k] === '\t' || source[k] === '\r')) k++;
    if (source[k] !== open) return null;
    const from = k + 1;
    // Many braces that are never closed must not each cost a long search.
    const limit = Math.min(to, from + (this.#unclosed > 50 ? 200 : longestArgument));
    let depth = 0;
    for (; k < limit; k++) {
      const char = source[k];
      if (char === '\\') k++;
      else if (char === open) depth++;
      else if (char === close && --depth === 0) return [from, k];
    }
    this.#unclosed++;
    return null;
  }

  /** Skips optional arguments, and mandatory ones up to a number. */
  #skip(i: number, to: number, most: number): number {
    let at = i;
    for (let k = 0; k < 4; k++) {
      const option = this.#source(at) === '[' ? this.#argument(at, to, '[', ']') : null;
      if (!option) break;
      at = option[1] + 1;
    }
    for (let k = 0; k < most; k++) {
      const argument = this.#argument(at, to);
      if (!argument) break;
      at = argument[1] + 1;
      while (this.#source(at) === '[') {
        const option = this.#argument(at, to, '[', ']');
        if (!option) break;
        at = option[1] + 1;
      }
    }
    return at;
  }

  #source(i: number): string {
    return this.source[i] ?? '';
  }

  #macro(name: string, i: number, end: number, to: number, depth: number): number {
    const { source } = this;
    if (name === 'begin') return this.#begin(end, to);
    if (name === 'end') return this.#end(end, to);
    if (name === 'item') {
      this.#flush();
      this.#place = 'item';
      return this.#skip(end, to, 0);
    }
    const section = sections[name];
    if (section !== undefined && depth === 0) return this.#section(section, end, to);
    if (name === 'verb') {
      const close = source.indexOf(source[end] ?? '\n', end + 1);
      if (close < 0 || close > Math.min(to, end + 300)) return end;
      this.#run.add(source, end + 1, close, true);
      return close + 1;
    }
    if (name === 'url' || codes.has(name)) return this.#code(name, end, to);
    if (name === 'caption') return this.#caption(end, to, depth);
    if (silent.has(name)) {
      // The name that is defined may stand without braces.
      const defined = /^(?:def|let)$/.test(name)
        ? (/^\s*\\\w+(?:#\d)*/.exec(source.slice(end, end + 80))?.[0].length ?? 0)
        : 0;
      const span = name === 'cmidrule' ? (/^\([^()]{0,8}\)/.exec(source.slice(end, end + 10))?.[0].length ?? 0) : 0;
      return this.#skip(
        end + defined + span,
        to,
        /command|environment|^new|^set|^add|^def|color|^fontsize|^resize/.test(name) ? 4 : 1,
      );
    }
    if (name === 'midrule' || name === 'hline') {
      if (this.#table && this.#table.heads === 0 && this.#table.rows.length > 0 && this.#run.plain.trim() === '')
        this.#table.heads = this.#table.rows.length - 1;
      return end;
    }
    if (plainMacros.has(name)) {
      this.#run.space(i, end);
      return end;
    }
    const symbol = symbols[name];
    if (symbol !== undefined) {
      this.#run.put(symbol, i, end, false);
      return this.#emptyGroup(end);
    }
    const skip = settings[name];
    if (skip !== undefined) return this.#setting(name, skip, end, to, depth);
    const next = source[end];
    // An own macro: with an argument, the argument is text; without one, it stands for a name.
    if (next === '{' && source[end + 1] !== '}') return end;
    if (next === '[') return this.#skip(end, to, 0);
    this.#run.put(name[0]!, i, i + 2, true);
    this.#run.add(source, i + 2, i + 1 + name.length, true);
    if (source[end] === ' ' && !/^(?:xspace)$/.test(name)) this.#run.space(end);
    return this.#emptyGroup(end);
  }

  #emptyGroup(end: number): number {
    return this.source.startsWith('{}', end) ? end + 2 : end;
  }

  #code(name: string, end: number, to: number): number {
    const argument = this.#argument(this.#skip(end, to, 0), to);
    if (!argument) return end;
    if (name === 'url') this.#run.link(this.source.slice(...argument));
    let at = argument[0];
    for (const match of this.source.slice(...argument).matchAll(/\\([%&$#_{}])/g)) {
      const mark = argument[0] + match.index;
      this.#run.add(this.source, at, mark, true);
      at = mark + 2;
      this.#run.put(match[1]!, mark, at, true);
    }
    this.#run.add(this.source, at, argument[1], true);
    return argument[1] + 1;
  }

  #setting(name: string, skip: number, end: number, to: number, depth: number): number {
    const first = this.#argument(this.#skip(end, to, 0), to);
    const argument = this.#argument(this.#skip(end, to, skip), to);
    if (!first || !argument || depth > 20) return end;
    const before = this.#run.plain.length;
    const url = name === 'href' ? this.source.slice(...first) : '';
    this.#run.link(url);
    this.#text(argument[0], argument[1], depth + 1);
    if (url !== '' && isCitation(this.#run.plain.slice(before), url)) this.#run.hide(before);
    if (name === 'multicolumn' && this.#table) {
      const columns = Math.min(50, Number(this.source.slice(...first)) || 1);
      for (let k = 1; k < columns; k++) this.#cell();
    }
    return argument[1] + 1;
  }

  #section(depth: number, end: number, to: number): number {
    const argument = this.#argument(this.#skip(end, to, 0), to);
    if (!argument) return end;
    this.#flush();
    this.#place = 'paragraph';
    this.builder.heading(depth, this.#apart(argument, 1).plain);
    this.#lead = '';
    return argument[1] + 1;
  }

  #caption(end: number, to: number, depth: number): number {
    const argument = this.#argument(this.#skip(end, to, 0), to);
    if (!argument || depth > 0) return argument ? argument[1] + 1 : end;
    this.builder.paragraph(this.#apart(argument, 1), 'paragraph', '');
    return argument[1] + 1;
  }

  /** Reads a range into a run of its own. */
  #apart(range: readonly [number, number], depth: number): Run {
    const [run, table] = [this.#run, this.#table];
    this.#run = new Run();
    this.#table = null;
    this.#text(range[0], range[1], depth);
    const read = this.#run;
    this.#run = run;
    this.#table = table;
    return read;
  }

  #begin(end: number, to: number): number {
    const argument = this.#argument(end, to);
    if (!argument) return end;
    const name = this.source.slice(...argument);
    const body = argument[1] + 1;
    const bare = name.replace(/\*$/, '');
    if (skipped.has(bare)) {
      const close = this.source.indexOf(`\\end{${name}}`, body);
      this.#run.space(end);
      // Without an end, all that follows belongs to it.
      return close < 0 || close > to ? to : close + name.length + 6;
    }
    const arguments_ = tabulars[name] ?? tabulars[bare];
    if (arguments_ !== undefined) {
      this.#flush();
      this.#table = { rows: [[this.#run]], heads: 0 };
      return this.#skip(body, to, arguments_);
    }
    if (this.#table) return body;
    this.#flush();
    if (/^(?:itemize|enumerate|description|compactitem|compactenum|inparaenum)$/.test(bare))
      this.#leads.push(this.#lead);
    else if (bare === 'abstract') this.builder.heading(2, 'Abstract');
    this.#place = 'paragraph';
    return this.#skip(body, to, /^(?:minipage|wrapfigure|wraptable|adjustbox|subfigure|multicols)$/.test(bare) ? 2 : 0);
  }

  #end(end: number, to: number): number {
    const argument = this.#argument(end, to);
    if (!argument) return end;
    const bare = this.source.slice(...argument).replace(/\*$/, '');
    if (this.#table) {
      if (tabulars[bare] !== undefined) this.#endTable();
    } else {
      this.#flush();
      if (/^(?:itemize|enumerate|description|compactitem|compactenum|inparaenum)$/.test(bare))
        this.#lead = this.#leads.pop() ?? '';
      if (bare === 'abstract') this.builder.close(2);
      this.#place = this.#leads.length > 0 ? 'item' : 'paragraph';
    }
    return argument[1] + 1;
  }

  #cell(): void {
    this.#run = new Run();
    this.#table?.rows.at(-1)?.push(this.#run);
  }

  #endRow(): void {
    this.#run = new Run();
    this.#table?.rows.push([this.#run]);
  }

  #endTable(): void {
    const table = this.#table!;
    this.#table = null;
    this.#run = new Run();
    const rows = table.rows.filter((row) => row.some((cell) => cell.plain.trim() !== ''));
    const heads = Math.min(rows.length, table.heads >= 1 && table.heads <= 3 ? table.heads : 1);
    const header: string[] = [];
    for (const row of rows.slice(0, heads))
      for (const [k, cell] of row.entries()) header[k] = `${header[k] ?? ''} ${cell.plain.trim()}`.trim();
    for (const row of rows.slice(heads))
      this.builder.row(
        row,
        Array.from(header, (cell) => cell ?? ''),
      );
  }
}
