import type { Node, Nodes, Parent, PhrasingContent, Root, Table } from 'mdast';
import remarkFrontmatter from 'remark-frontmatter';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { type Span, splitSentences } from './sentence';
import {
  type DocumentComment,
  type DocumentFormat,
  emptyDocument,
  type Place,
  type ProseDocument,
  type Sentence,
} from './types';

const processor = unified().use(remarkParse).use(remarkGfm).use(remarkFrontmatter, ['yaml', 'toml']);

/** Visible text of inline content, each UTF-16 unit with the offset that it stands for. */
class Run {
  readonly #plain: string[] = [];
  readonly #prose: string[] = [];
  readonly offsets: number[] = [];
  readonly links: { readonly at: number; readonly url: string }[] = [];

  add(text: string, offset: number, hidden: boolean): void {
    for (let i = 0; i < text.length; i++) {
      const char = text[i]!;
      if (char === '\n' || char === '\r' || char === '\t' || char === ' ' || char === '\u00a0') this.#space(offset + i);
      else this.#push(char, hidden ? '\u00a7' : char, offset + i);
    }
  }

  /** Appends another run as the next cell of a row. */
  append(cell: Run): void {
    const at = this.offsets.at(-1);
    if (at !== undefined) {
      this.#space(at);
      this.#push('|', '|', at);
      this.#space(at);
    }
    for (const link of cell.links) this.links.push({ at: this.offsets.length + link.at, url: link.url });
    for (const [i, offset] of cell.offsets.entries()) this.#push(cell.#plain[i]!, cell.#prose[i]!, offset);
  }

  get plain(): string {
    return this.#plain.join('');
  }

  get prose(): string {
    return maskQuotedTitles(this.#prose.join(''));
  }

  /** White space collapses, and none stands at the beginning. */
  #space(offset: number): void {
    if (this.#plain.length > 0 && this.#plain.at(-1) !== ' ') this.#push(' ', ' ', offset);
  }

  #push(plain: string, prose: string, offset: number): void {
    this.#plain.push(plain);
    this.#prose.push(prose);
    this.offsets.push(offset);
  }
}

const isTitle = (text: string): boolean => {
  const words = text.split(/\s+/).filter((word) => /^[\p{L}]{4,}/u.test(word));
  return words.length >= 3 && words.filter((word) => /^\p{Lu}/u.test(word)).length >= 0.7 * words.length;
};
const scholarly = /arxiv|doi\.org|openreview|aclanthology|ieeexplore|dl\.acm|springer|proceedings|\.pdf(?:$|[?#])|^#/i;

function plainOf(node: Nodes | Parent): string {
  if ('value' in node) return node.type === 'html' ? '' : String(node.value);
  return 'children' in node ? (node.children as Nodes[]).map(plainOf).join('') : '';
}

function offsetsOf(node: Node): Span {
  const { start, end } = node.position!;
  return [start.offset!, end.offset!];
}

function collect(nodes: readonly PhrasingContent[], source: string, run: Run, hidden: boolean): void {
  for (const node of nodes) {
    const [start, end] = offsetsOf(node);
    switch (node.type) {
      case 'text':
        // The source, not the value: escapes and entities stay as written, so that each character keeps its offset.
        run.add(
          source.slice(start, end).replace(/\n[ \t]*>[ \t>]*/g, (quote) => '\n'.padEnd(quote.length)),
          start,
          hidden,
        );
        break;
      case 'inlineCode':
        run.add(
          source.slice(start, end).replace(/^`+|`+$/g, (ticks) => ' '.repeat(ticks.length)),
          start,
          true,
        );
        break;
      case 'break':
        run.add('\n', start, false);
        break;
      case 'link':
      case 'linkReference': {
        const text = plainOf(node);
        const url = node.type === 'link' ? node.url : '';
        if (url !== '') run.links.push({ at: run.offsets.length, url });
        const words = text.trim().split(/\s+/).length;
        const cited = (words >= 3 && scholarly.test(url)) || isTitle(text) || text === url;
        collect(node.children, source, run, hidden || cited);
        break;
      }
      case 'image':
      case 'imageReference':
      case 'html':
      case 'footnoteReference':
        break;
      default:
        if ('children' in node) collect(node.children, source, run, hidden);
    }
  }
}

/** Titles in quotation marks are other people's words. */
const maskQuotedTitles = (prose: string): string =>
  prose.replace(/["“*_]([^"“”*_]{12,200})["”*_]/g, (whole, inner: string) =>
    isTitle(inner) ? whole.replace(/\S/g, '\u00a7') : whole,
  );

type Draft = Omit<Sentence, 'before' | 'after'> & { readonly section: number };

class Reader {
  readonly drafts: Draft[] = [];
  readonly comments: DocumentComment[] = [];
  #headings: { depth: number; text: string }[] = [];
  #section = 0;
  #last = '';

  constructor(readonly source: string) {}

  block(node: Nodes, place: Place, lead: string, depth: number): void {
    // Deeper nesting is never prose, and recursion has a limit.
    if (depth > 60) return;
    switch (node.type) {
      case 'heading':
        this.#open(node.depth, plainOf(node));
        break;
      case 'paragraph':
        this.#paragraph(node.children, place, lead);
        break;
      case 'list': {
        const introduction = /[:：]\s*$/.test(this.#last) ? this.#last : lead;
        for (const item of node.children)
          for (const child of item.children) this.block(child, 'item', introduction, depth + 1);
        break;
      }
      case 'table':
        this.#table(node);
        break;
      case 'blockquote':
        if (this.#ownQuote(node)) for (const child of node.children) this.block(child, place, lead, depth + 1);
        break;
      case 'html':
        this.#html(node);
        break;
      case 'root':
        for (const child of node.children) this.block(child, place, lead, depth + 1);
        break;
      default:
    }
  }

  #open(depth: number, text: string): void {
    this.#section++;
    this.#headings = [...this.#headings.filter((heading) => heading.depth < depth), { depth, text: text.trim() }];
    this.#last = '';
  }

  /** A quotation is somebody else speaking, unless it is a call-out, the tagline under the title, or an abstract. */
  #ownQuote(node: Parent): boolean {
    const text = plainOf(node).trimStart();
    if (/^\[!(?:note|tip|important|warning|caution)\]/i.test(text)) return true;
    const heading = this.#headings.at(-1);
    if (heading && /abstract|tl;?dr|summary/i.test(heading.text)) return true;
    return this.drafts.every((draft) => draft.section !== this.#section) && this.#headings.length <= 1;
  }

  #html(node: { value: string } & Node): void {
    const [start] = offsetsOf(node);
    // By hand: a pattern would look for an end from each of many comments that have none.
    for (let from = node.value.indexOf('<!--'); from >= 0; ) {
      const to = node.value.indexOf('-->', from + 4);
      if (to < 0) return;
      this.comments.push({ start: start + from, end: start + to + 3, body: node.value.slice(from + 4, to) });
      from = node.value.indexOf('<!--', to + 3);
    }
  }

  #paragraph(children: readonly PhrasingContent[], place: Place, lead: string): void {
    for (const child of children) if (child.type === 'html') this.#html(child);
    const run = this.#run(children);
    const { plain } = run;
    if (plain.trim() === '') return;
    const only = children.length === 1 ? children[0]! : null;
    if (only?.type === 'strong' && place === 'paragraph' && plain.split(' ').length <= 8) {
      // A line in bold alone is a heading by another name.
      this.#open(7, plain);
      return;
    }
    this.#push(run, splitSentences(plain), place, lead, null);
    this.#last = plain;
  }

  #run(children: readonly PhrasingContent[]): Run {
    const run = new Run();
    collect(children, this.source, run, false);
    return run;
  }

  #table(node: Table): void {
    const [head, ...body] = node.children;
    const header = (head?.children ?? []).map((cell) => this.#run(cell.children).plain.trim());
    for (const row of body) {
      const runs = row.children.map((cell) => this.#run(cell.children));
      const cells = runs.map((run) => run.plain.trim());
      const whole = new Run();
      for (const [i, run] of runs.entries()) if (cells[i] !== '') whole.append(run);
      const length = whole.plain.trimEnd().length;
      if (length > 0) this.#push(whole, [[0, length]], 'row', '', { header, cells });
    }
    this.#last = '';
  }

  #push(run: Run, spans: readonly Span[], place: Place, lead: string, table: Sentence['table']): void {
    const { plain, prose, offsets } = run;
    const headings = this.#headings.map((heading) => heading.text);
    for (const [from, to] of spans) {
      const first = offsets[from];
      const last = offsets[to - 1];
      if (first === undefined || last === undefined) continue;
      // Emphasis that opens before the first word or closes after the last belongs to the sentence.
      let start = first;
      let end = last + 1;
      while (start > 0 && /[*_`]/.test(this.source[start - 1]!)) start--;
      while (end < this.source.length && /[*_`]/.test(this.source[end]!)) end++;
      this.drafts.push({
        start,
        end,
        plain: plain.slice(from, to),
        prose: prose.slice(from, to),
        offsets: offsets.slice(from, to),
        place,
        headings,
        lead,
        table,
        links: run.links.filter(({ at }) => at >= from && at < to).map(({ url }) => url),
        section: this.#section,
      });
    }
  }
}

/**
 * The sentences of a Markdown document (CommonMark with GFM tables and front matter), without what is not this
 * author's prose: code, HTML, front matter, headings, link targets, quotations of others, footnotes, definitions.
 *
 * Never throws; a document that the parser gives up on has no sentences.
 */
export function parseMarkdown(source: string): ProseDocument {
  let root: Root;
  try {
    root = processor.parse(source);
  } catch {
    // The parser is recursive in places: a hostile document may exhaust the stack. Nothing in it is prose.
    return emptyDocument;
  }
  const reader = new Reader(source);
  reader.block(root, 'paragraph', '', 0);
  const { drafts } = reader;
  const sentences = drafts.map((draft, i): Sentence => {
    const { section, ...sentence } = draft;
    const previous = drafts[i - 1];
    const next = drafts[i + 1];
    return {
      ...sentence,
      before: previous?.section === section ? previous.plain : '',
      after: next?.section === section ? next.plain : '',
    };
  });
  return { sentences, comments: reader.comments, about: [], results: [] };
}

export const markdown: DocumentFormat = {
  name: 'markdown',
  endings: ['.md', '.markdown'],
  languages: ['markdown'],
  byDefault: true,
  parse: parseMarkdown,
};
