import { type MarkdownConfig, type MarkdownParser, parser, Strikethrough, Table, TaskList } from '@lezer/markdown';
import { openAdmonitions } from './admonition';
import { mdx } from './mdx';

const code = (char: string): number => char.charCodeAt(0);
const [dollar, space, newline, colon] = [code('$'), code(' '), code('\n'), code(':')];

/** Nobody writes longer formulas within a line, and the search for the closing mark must have an end. */
const longestFormula = 400;

/** `$…$` and `$$…$$` as Pandoc reads them: no white space within the marks, and no digit after the closing one. */
const math: MarkdownConfig = {
  defineNodes: ['Math', 'DisplayMath'],
  parseInline: [
    {
      name: 'Math',
      before: 'InlineCode',
      parse(cx, next, pos) {
        if (next !== dollar) return -1;
        const display = cx.char(pos + 1) === dollar;
        const open = pos + (display ? 2 : 1);
        const first = cx.char(open);
        if (!display && (first === space || first === newline || first === dollar)) return -1;
        const limit = Math.min(cx.end, open + (display ? 10 : 1) * longestFormula);
        for (let i = open + 1; i < limit; i++) {
          if (cx.char(i) !== dollar || cx.char(i - 1) === code('\\')) continue;
          if (display) {
            if (cx.char(i + 1) === dollar) return cx.addElement(cx.elt('DisplayMath', pos, i + 2));
            continue;
          }
          const before = cx.char(i - 1);
          const after = cx.char(i + 1);
          if (before === space || before === newline || (after >= 48 && after <= 57)) return -1;
          return cx.addElement(cx.elt('Math', pos, i + 1));
        }
        return -1;
      },
    },
  ],
};

/** In place of the parser's own, which looks for the end of the line from each of many spaces: a break is white space either way. */
const breaks: MarkdownConfig = {
  parseInline: [
    {
      name: 'HardBreak',
      parse: (cx, next, pos) =>
        next === code('\\') && cx.char(pos + 1) === newline ? cx.addElement(cx.elt('HardBreak', pos, pos + 2)) : -1,
    },
  ],
};

/** Units at which inline mark-up begins or ends: one flag for each unit of ASCII; no other is a mark. */
const marks = new Uint8Array(128);
for (const mark of '\\&`<*_[]!~${') marks[code(mark)] = 1;

/** Where the next mark stands at or after `from`; -1 for nowhere. */
function nextMark(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char < 128 && marks[char] === 1) return i;
  }
  return -1;
}

/** Goes from mark to mark, where the parser would ask each of its readers about each letter. */
const plainText: MarkdownConfig = {
  parseInline: [
    {
      name: 'PlainText',
      before: 'Escape',
      parse(cx, next, pos) {
        if (next < 128 && marks[next] === 1) return -1;
        const mark = nextMark(cx.text, pos - cx.offset + 1);
        return mark < 0 ? cx.end : cx.offset + mark;
      },
    },
  ],
};

/** The lines with colons about a container: `:::note`, `:::{warning} Title`, `:::`. What stands between them is Markdown. */
const containers: MarkdownConfig = {
  defineNodes: [{ name: 'ContainerMark', block: true }],
  parseBlock: [
    {
      name: 'ContainerMark',
      before: 'FencedCode',
      parse(cx, line) {
        if (line.next !== colon || !/^:{3,}/.test(line.text.slice(line.pos))) return false;
        const from = cx.lineStart + line.pos;
        const to = cx.lineStart + line.text.length;
        cx.nextLine();
        cx.addElement(cx.elt('ContainerMark', from, to));
        return true;
      },
      endLeaf: (_cx, line) => line.next === colon && /^:{3,}/.test(line.text.slice(line.pos)),
    },
  ],
};

/** More marks than a person writes into one paragraph. */
const mostMarks = 1000;

/**
 * Whether a stretch of inline content holds so many marks that matching them would take quadratic time.
 *
 * Nothing in such a stretch is prose.
 */
export function isOverloaded(text: string): boolean {
  if (text.length <= mostMarks) return false;
  let marks = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    // * [ ] _ ~ ! {
    if (char === 42 || char === 91 || char === 93 || char === 95 || char === 126 || char === 33 || char === 123)
      marks++;
  }
  return marks > mostMarks;
}

function bounded(inner: MarkdownParser): MarkdownParser {
  const parseInline = inner.parseInline.bind(inner);
  inner.parseInline = (text, offset) => (nextMark(text, 0) < 0 || isOverloaded(text) ? [] : parseInline(text, offset));
  return inner;
}

/** GFM without literal autolinks, whose addresses mean nothing to the linter. */
const extensions: MarkdownConfig[] = [
  Table as MarkdownConfig,
  TaskList,
  Strikethrough,
  math,
  containers,
  breaks,
  plainText,
];

export const markdownParser = bounded(parser.configure(extensions));
export const mdxParser = bounded(parser.configure([...extensions, mdx]));

/** Forty marks of lists and quotations at the beginning of one line. */
const deepLine = /^(?:[ \t]*(?:>|[-*+][ \t]|\d{1,9}[.)][ \t])){40,}.*$/gm;

/**
 * The text as the parser is to see it, unit by unit at the same offsets: lines end with a line feed, there is no byte order
 * mark, and the front matter, the fences of admonitions and lines that open absurdly many containers are blank.
 *
 * @param from where the document's body begins
 */
export function normalise(source: string, from: number): string {
  let text = from === 0 ? source : `${source.slice(0, from).replace(/[^\r\n]/g, ' ')}${source.slice(from)}`;
  if (text.includes('\r')) text = text.replace(/\r\n/g, ' \n').replace(/\r/g, '\n');
  if (text.startsWith('\ufeff')) text = ` ${text.slice(1)}`;
  return openAdmonitions(text.replace(deepLine, (line) => ' '.repeat(line.length)));
}
