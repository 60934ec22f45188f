import type { SyntaxNode } from '@lezer/common';
import type { MarkdownParser } from '@lezer/markdown';
import { boldDepth, type ProseBuilder } from '../builder';
import { Run } from '../run';
import type { Place } from '../types';
import { HtmlReader, readComments } from './html';
import { InlineReader, labelKey, withoutAngles } from './inline';
import type { ReadingMemory } from './memory';
import { isOverloaded, normalise } from './syntax';

/** Deeper nesting is never prose, and recursion has a limit. */
const deepest = 60;

/** Walks over a tree of Markdown and gives its prose to a builder. */
export class MarkdownReader {
  readonly #source: string;
  readonly #html: HtmlReader;
  readonly #definitions = new Map<string, string>();

  /** @param from where the document's body begins: after the front matter */
  constructor(
    text: string,
    from: number,
    readonly builder: ProseBuilder,
    readonly parser: MarkdownParser,
  ) {
    this.#source = normalise(text, from);
    this.#html = new HtmlReader(this.#source, builder);
  }

  /** @param memory of an earlier reading: blocks that are the same, and stand where it makes no difference, are not read again */
  read(memory?: ReadingMemory): void {
    const tree = memory?.parse(this.#source, this.parser) ?? this.parser.parse(this.#source);
    const blocks: SyntaxNode[] = [];
    for (let node = tree.topNode.firstChild; node !== null; node = node.nextSibling) {
      blocks.push(node);
      this.#define(node);
    }
    memory?.begin(this.#definitions);
    for (const node of blocks) {
      const read = () => this.#block(node, 'paragraph', '', 0);
      if (memory === undefined) read();
      // A table of HTML may go on over several blocks.
      else if (this.#html.settled) memory.recall(node, this.builder, read, () => this.#html.settled);
      else read();
    }
    memory?.end();
  }

  #define(node: SyntaxNode): void {
    if (node.name !== 'LinkReference') return;
    const label = node.getChild('LinkLabel');
    const url = node.getChild('URL');
    if (!label || !url) return;
    const key = labelKey(this.#source.slice(label.from, label.to));
    if (!this.#definitions.has(key)) this.#definitions.set(key, withoutAngles(this.#source.slice(url.from, url.to)));
  }

  #children(node: SyntaxNode, place: Place, lead: string, depth: number): void {
    for (let child = node.firstChild; child !== null; child = child.nextSibling) this.#block(child, place, lead, depth);
  }

  #block(node: SyntaxNode, place: Place, lead: string, depth: number): void {
    if (depth > deepest) return;
    switch (node.name) {
      case 'ATXHeading1':
      case 'ATXHeading2':
      case 'ATXHeading3':
      case 'ATXHeading4':
      case 'ATXHeading5':
      case 'ATXHeading6':
      case 'SetextHeading1':
      case 'SetextHeading2':
        this.builder.heading(Number(node.name.at(-1)), this.#inline(node).plain.replace(/\s*\{#[\w:.-]+\}\s*$/, ''));
        break;
      case 'Task':
        // What is still to be done is a plan, whatever it says.
        this.#paragraph(node, place, /^\[\s\]/.test(this.#source.slice(node.from, node.from + 3)) ? 'Plan:' : lead);
        break;
      case 'Paragraph':
        this.#paragraph(node, place, lead);
        break;
      case 'BulletList':
      case 'OrderedList': {
        const introduction = /[:：]\s*$/.test(this.builder.last) ? this.builder.last : lead;
        for (let item = node.firstChild; item !== null; item = item.nextSibling)
          this.#children(item, 'item', introduction, depth + 1);
        break;
      }
      case 'Table':
        this.#table(node);
        break;
      case 'Blockquote':
        if (this.#ownQuote(node)) this.#children(node, place, lead, depth + 1);
        break;
      case 'HTMLBlock':
        this.#html.read(node.from, node.to);
        break;
      case 'CommentBlock':
        readComments(this.#source, node.from, node.to, this.builder);
        break;
      default:
    }
  }

  #inline(node: SyntaxNode): Run {
    const comment = (from: number, to: number) => this.#comment(from, to);
    const reader = new InlineReader(this.#source, this.#definitions, comment);
    reader.read(node, node.from, node.to);
    return reader.run;
  }

  #comment(from: number, to: number): void {
    const text = this.#source.slice(from, to);
    const body = /^<!--([\s\S]*)-->$/.exec(text)?.[1] ?? /^\{\s*\/\*([\s\S]*)\*\/\s*\}$/.exec(text)?.[1];
    if (body !== undefined) this.builder.comment(from, to, body);
  }

  #paragraph(node: SyntaxNode, place: Place, lead: string): void {
    const text = this.#source.slice(node.from, node.to);
    // A footnote's definition.
    if (/^\[\^[^\]]*\]:/.test(text) || isOverloaded(text)) return;
    const run = this.#inline(node);
    const { plain } = run;
    const only = node.firstChild;
    if (
      place === 'paragraph' &&
      only?.name === 'StrongEmphasis' &&
      only.from === node.from &&
      only.to === node.to &&
      plain.trim().split(' ').length <= 8
    ) {
      this.builder.heading(boldDepth, plain);
      return;
    }
    this.builder.paragraph(run, place, lead);
  }

  /** A quotation is somebody else speaking, unless it is a call-out, the tagline under the title, or an abstract. */
  #ownQuote(node: SyntaxNode): boolean {
    const text = this.#source.slice(node.from, Math.min(node.to, node.from + 300)).replace(/^[>\s]+/, '');
    if (/^\[!(?:note|tip|important|warning|caution|abstract|info|success)\]/i.test(text)) return true;
    if (/^(?:\*\*|__)(?:note|tip|important|warning|caution|nb)\b/i.test(text)) return true;
    const { headings } = this.builder;
    if (/abstract|tl;?dr|summary/i.test(headings.at(-1) ?? '')) return true;
    return this.builder.sectionIsEmpty && headings.length <= 1;
  }

  #table(node: SyntaxNode): void {
    const head = node.getChild('TableHeader');
    const header = head ? this.#cells(head).map((run) => run.plain.trim()) : [];
    for (const row of node.getChildren('TableRow')) {
      if (!isOverloaded(this.#source.slice(row.from, row.to))) this.builder.row(this.#cells(row), header);
    }
    this.builder.last = '';
  }

  /** One run a column; the tree leaves out cells without text. */
  #cells(row: SyntaxNode): Run[] {
    const cells: Run[] = [];
    let column = 0;
    for (let child = row.firstChild; child !== null; child = child.nextSibling) {
      if (child.name === 'TableDelimiter') {
        if (child.from > row.from) column++;
      } else if (child.name === 'TableCell') {
        while (cells.length < column) cells.push(new Run());
        cells.push(this.#inline(child));
      }
    }
    while (cells.length < column) cells.push(new Run());
    return cells;
  }
}
