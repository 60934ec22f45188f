import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/python';
import { ProseBuilder } from './builder';
import { MarkdownReader } from './commonmark/reader';
import { markdownParser } from './commonmark/syntax';
import { DerivedText } from './derived';
import { readRstInline } from './restructured/inline';
import { rstLines } from './restructured/lines';
import { RstReader } from './restructured/reader';
import { Run } from './run';
import { type DocumentFormat, emptyDocument, type ProseDocument } from './types';

/** A fence, a heading with a hash, a link or a table as Markdown writes them. */
const markdownMarks = /^[ \t]*(?:```|#{1,6} |\|.*\|)|\]\((?:https?:|\.|\w+\/)/m;

/** A directive, a role or a literal as reStructuredText writes them. */
const restructuredMarks = /^[ \t]*\.\. [\w|[_]|:\w+:`|``|::[ \t]*$/m;

/** A comment that is a program taken out, a directive to a tool, or a line drawn across. */
const noProse =
  /^(?:!|-\*-|type:|noqa|pylint|pragma|fmt:|isort|ruff|mypy|coding[:=]|%%|TODO|FIXME|XXX|HACK)|^(?:import|from|def|class|return|raise|assert|del|with|for|while|if|elif|else|try|except|print)\b.*(?:[:(=)]|import)|^[\w.[\]'", ]+\s*(?:[-+*/|&]?=)[^=]|^[\w.]+\(.*\)?,?$|^@\w|^[^\p{L}]*$/u;

/** Longer modules are made by programs; and text that is no Python costs the parser much time. */
const longest = 300_000;

/**
 * Docstrings of modules, classes and functions, as Markdown where they look it and else as reStructuredText, and comments of whole
 * lines. Never throws.
 */
export function parsePython(file: string): ProseDocument {
  if (file.length > longest) return emptyDocument;
  try {
    return new PythonReader(file).read();
  } catch {
    return emptyDocument;
  }
}

class PythonReader {
  readonly #builder: ProseBuilder;
  #comments: SyntaxNode[] = [];

  constructor(readonly file: string) {
    this.#builder = new ProseBuilder(file);
  }

  read(): ProseDocument {
    parser.parse(this.file).iterate({
      enter: ({ name, node }) => {
        if (name === 'Comment') this.#comment(node);
        else if (name === 'Script' || name === 'Body') this.#docstring(node);
      },
    });
    this.#flush();
    return this.#builder.build();
  }

  /** A string that is the first statement. */
  #docstring(body: SyntaxNode): void {
    let first = body.firstChild;
    while (first && (first.name === ':' || first.name === 'Comment')) first = first.nextSibling;
    let string = first?.name === 'ExpressionStatement' ? first.firstChild : null;
    if (string?.name === 'ContinuedString') string = string.firstChild;
    const quotes = string?.name === 'String' ? this.#quotes(string) : null;
    if (!string || !quotes) return;
    const text = this.#dedent(string.from + quotes.open, Math.max(string.from + quotes.open, string.to - quotes.close));
    this.#flush();
    this.#builder.derive(text);
    this.#builder.separate();
    const { text: written } = text;
    if (markdownMarks.test(written) && (written.includes('```') || !restructuredMarks.test(written)))
      new MarkdownReader(text.text, 0, this.#builder, markdownParser).read();
    else new RstReader(text.text, this.#builder, true).read(rstLines(text.text));
  }

  #quotes(string: SyntaxNode): { open: number; close: number } | null {
    const head = /^[rRuU]?("""|'''|"|')/.exec(this.file.slice(string.from, string.from + 5));
    if (!head) return null;
    const closed = this.file.slice(Math.max(string.from + head[0].length, string.to - head[1]!.length), string.to);
    return { open: head[0].length, close: closed === head[1] ? closed.length : 0 };
  }

  /** The text of a docstring without the indentation that its lines share; the first line has none. */
  #dedent(from: number, to: number): DerivedText {
    const text = new DerivedText();
    const lines = this.file.slice(from, to).split(/(?<=\n|\r(?!\n))/);
    let shared = Number.POSITIVE_INFINITY;
    for (const line of lines.slice(1)) {
      const indent = line.search(/\S/);
      if (indent >= 0 && indent < shared) shared = indent;
    }
    let at = from;
    for (const [i, line] of lines.entries()) {
      const blank = line.search(/\S/);
      const cut = i === 0 ? Math.max(0, blank) : Math.min(shared, Math.max(blank, 0));
      text.copy(this.file, at + cut, at + line.length);
      at += line.length;
    }
    return text;
  }

  #comment(node: SyntaxNode): void {
    const body = this.file.slice(node.from + 1, node.to);
    if (/^\s*robustness-/.test(body)) {
      this.#flush();
      this.#builder.derive(this.#whole(node.from, node.to));
      this.#builder.comment(0, node.to - node.from, body);
      return;
    }
    const previous = this.#comments.at(-1);
    // Only comments that stand alone, each on the next line, make up a paragraph.
    const lineStart = this.file.lastIndexOf('\n', node.from - 1) + 1;
    const alone = this.file.slice(lineStart, node.from).trim() === '';
    const follows =
      previous && /^[ \t]*\r?\n[ \t]*$/.test(this.file.slice(previous.to, Math.min(node.from, previous.to + 400)));
    if (!alone || !follows || noProse.test(body.trim())) this.#flush();
    if (alone && !noProse.test(body.replace(/^#+/, '').trim())) this.#comments.push(node);
  }

  #whole(from: number, to: number): DerivedText {
    const text = new DerivedText();
    text.copy(this.file, from, to);
    return text;
  }

  #flush(): void {
    const comments = this.#comments;
    this.#comments = [];
    if (comments.length === 0) return;
    const text = new DerivedText();
    for (const { from, to } of comments) {
      const open = from + (/^#+/.exec(this.file.slice(from, Math.min(to, from + 20)))?.[0].length ?? 1);
      text.copy(this.file, open, to);
      text.put('\n', to - 1, to);
    }
    this.#builder.derive(text);
    this.#builder.separate();
    const run = new Run();
    readRstInline(text.text, 0, text.text.length, run, new Map());
    this.#builder.paragraph(run, 'paragraph', '');
  }
}

export const python: DocumentFormat = {
  name: 'python',
  endings: ['.py', '.pyi'],
  languages: ['python'],
  byDefault: false,
  parse: parsePython,
};
