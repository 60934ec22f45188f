import { Tokenizer } from 'htmlparser2';
import { boldDepth, type ProseBuilder } from '../builder';
import { decodeEntity } from '../entity';
import { Run } from '../run';
import { isCitation } from './link';

/** Elements whose content is not prose; inline code is visible text but not this author's words. */
export const hiddenTags: ReadonlySet<string> = new Set(['code', 'kbd', 'samp', 'var', 'tt']);
const skippedTags: ReadonlySet<string> = new Set(
  'pre script style svg math textarea template iframe object video audio canvas select button form head title blockquote del s strike'.split(
    ' ',
  ),
);
const blockTags: ReadonlySet<string> = new Set(
  'p div section article main header footer nav aside center ul ol li dl dt dd details figure figcaption hr table thead tbody tfoot tr body html address'.split(
    ' ',
  ),
);

/** Name of a tag as written, in small letters; empty for none. */
export const tagNameOf = (tag: string): string => /^<\/?([a-z][\w:-]*)/i.exec(tag)?.[1]?.toLowerCase() ?? '';

/** Value of an attribute of a tag as written; empty where it is absent. */
export function attributeOf(tag: string, name: string): string {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(tag);
  return match?.[1] ?? match?.[2] ?? match?.[3] ?? '';
}

/** Comments of HTML in a piece of the source, by hand: a pattern would look for an end from each of many that have none. */
export function readComments(source: string, from: number, to: number, builder: ProseBuilder): void {
  for (let start = source.indexOf('<!--', from); start >= 0 && start < to; ) {
    const end = source.indexOf('-->', start + 4);
    if (end < 0 || end + 3 > to) return;
    builder.comment(start, end + 3, source.slice(start + 4, end));
    start = source.indexOf('<!--', end + 3);
  }
}

const entities = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]\w{1,20});/gi;

/**
 * Reads blocks of HTML in a document: paragraphs, items, headings and tables of results; no code, no pictures, no scripts.
 *
 * A table may go on over several blocks, for a blank line ends a block of HTML in Markdown.
 */
export class HtmlReader {
  #run = new Run();
  #open = '';
  #attribute = '';
  #href = '';
  #skipped = 0;
  #code = 0;
  #links: { at: number; url: string }[] = [];
  #inTable = 0;
  #rowHasHead = false;
  #header: string[] | null = null;
  #cells: Run[] = [];

  constructor(
    readonly source: string,
    readonly builder: ProseBuilder,
  ) {}

  /** Whether nothing of the blocks before has a part in how the next one is read. */
  get settled(): boolean {
    return this.#inTable === 0 && this.#cells.length === 0 && this.#links.length === 0 && this.#run.plain === '';
  }

  read(from: number, to: number): void {
    const at = (offset: number) => from + offset;
    const { source } = this;
    this.#skipped = 0;
    this.#code = 0;
    const tokenizer = new Tokenizer(
      { decodeEntities: false, xmlMode: false },
      {
        onattribdata: (start, end) => {
          if (this.#attribute === 'href') this.#href += source.slice(at(start), at(end));
        },
        onattribentity: () => {},
        onattribend: () => {},
        onattribname: (start, end) => {
          this.#attribute = source.slice(at(start), at(end)).toLowerCase();
        },
        oncdata: () => {},
        onclosetag: (start, end) => this.#closeTag(source.slice(at(start), at(end)).toLowerCase()),
        oncomment: (start, end, offset) => {
          // One that is never closed has no end to point at.
          if (at(end) < to && source[at(end)] === '>')
            this.builder.comment(at(start) - 4, at(end) + 1, source.slice(at(start), at(end) - offset));
        },
        ondeclaration: () => {},
        onend: () => {},
        onopentagend: () => this.#openTag(this.#open, false),
        onopentagname: (start, end) => {
          this.#open = source.slice(at(start), at(end)).toLowerCase();
          this.#href = '';
          this.#attribute = '';
        },
        onprocessinginstruction: () => {},
        onselfclosingtag: () => this.#openTag(this.#open, true),
        ontext: (start, end) => this.#text(at(start), at(end)),
        ontextentity: () => {},
      },
    );
    tokenizer.write(source.slice(from, to));
    tokenizer.end();
    if (this.#cells.length === 0 || this.#inTable === 0) this.#flush();
  }

  #text(from: number, to: number): void {
    if (this.#skipped > 0) return;
    const hidden = this.#code > 0;
    const text = this.source.slice(from, to);
    let at = from;
    if (text.includes('&')) {
      for (const match of text.matchAll(entities)) {
        const decoded = decodeEntity(match[0]);
        if (decoded === null) continue;
        const start = from + match.index;
        this.#run.add(this.source, at, start, hidden);
        at = start + match[0].length;
        this.#run.put(decoded, start, at, hidden);
      }
    }
    this.#run.add(this.source, at, to, hidden);
  }

  #openTag(name: string, closed: boolean): void {
    if (skippedTags.has(name)) {
      if (!closed) this.#skipped++;
      return;
    }
    if (hiddenTags.has(name)) {
      if (!closed) this.#code++;
    } else if (name === 'a') {
      this.#links.push({ at: this.#run.plain.length, url: this.#href });
      this.#run.link(this.#href);
    } else if (name === 'br') this.#break();
    else if (name === 'table') {
      this.#flush();
      if (this.#inTable++ === 0) this.#header = null;
    } else if (this.#inTable > 0 && (name === 'tr' || name === 'td' || name === 'th')) {
      if (name === 'tr') this.#endRow();
      else this.#startCell(name === 'th');
    } else if (this.#inTable > 0 && this.#cells.length > 0) this.#break();
    else if (blockTags.has(name) || name === 'summary' || /^h[1-6]$/.test(name)) this.#flush();
    if (closed && name === 'a') this.#closeTag('a');
  }

  #closeTag(name: string): void {
    if (skippedTags.has(name)) this.#skipped = Math.max(0, this.#skipped - 1);
    else if (hiddenTags.has(name)) this.#code = Math.max(0, this.#code - 1);
    else if (name === 'a') {
      const link = this.#links.pop();
      if (link && link.at <= this.#run.plain.length && isCitation(this.#run.plain.slice(link.at), link.url))
        this.#run.hide(link.at);
    } else if (name === 'table') {
      if (this.#inTable > 0) {
        this.#endRow();
        this.#inTable--;
      }
    } else if (this.#inTable > 0 && name === 'tr') this.#endRow();
    else if (this.#inTable > 0 && this.#cells.length > 0) this.#break();
    else if (/^h[1-6]$/.test(name)) this.#heading(Number(name[1]));
    else if (name === 'summary') this.#heading(boldDepth);
    else if (name === 'li') this.#flush('item');
    else if (name === 'details') {
      this.#flush();
      // Its summary is the title of what it holds, and of no more.
      this.builder.close(boldDepth);
    } else if (blockTags.has(name)) this.#flush();
  }

  /** Lines within a paragraph are kept apart. */
  #break(): void {
    const end = this.#run.end;
    if (end !== undefined) this.#run.space(end - 1);
  }

  #heading(depth: number): void {
    const { plain } = this.#run;
    if (plain.trim() !== '') this.builder.heading(depth, plain);
    this.#reset();
  }

  #flush(place: 'paragraph' | 'item' = 'paragraph'): void {
    if (this.#run.plain.trim() !== '') this.builder.paragraph(this.#run, place, '');
    this.#reset();
  }

  #reset(): void {
    this.#run = new Run();
    this.#links = [];
  }

  #startCell(head: boolean): void {
    if (this.#cells.length === 0) this.#flush();
    this.#reset();
    this.#rowHasHead = head && (this.#cells.length === 0 || this.#rowHasHead);
    this.#cells.push(this.#run);
  }

  /** The first row is the header, and so is every row of `<th>` alone. */
  #endRow(): void {
    const cells = this.#cells;
    this.#cells = [];
    if (cells.length === 0) {
      this.#flush();
      return;
    }
    this.#reset();
    if (this.#header === null || this.#rowHasHead) this.#header = cells.map((cell) => cell.plain.trim());
    else this.builder.row(cells, this.#header);
  }
}
