import type { BlockContext, InlineContext, Line, MarkdownConfig } from '@lezer/markdown';

/** Longer tags and expressions are programs that were left open. */
const longest = 4000;

const isNameStart = (char: number): boolean =>
  (char >= 65 && char <= 90) || (char >= 97 && char <= 122) || char === 95 || char === 36;

/**
 * The end of a balanced `{…}` that begins at `from`; strings, template literals and comments in it may hold braces.
 *
 * @returns the offset after the closing brace; -1 where there is none before `end`
 */
function endOfExpression(at: (i: number) => number, from: number, end: number): number {
  let depth = 0;
  for (let i = from; i < end; i++) {
    const char = at(i);
    if (char === 123) depth++;
    else if (char === 125) {
      if (--depth === 0) return i + 1;
    } else if (char === 34 || char === 39 || char === 96) {
      const close = endOfString(at, i, end);
      // An apostrophe in JSX text is no string.
      if (close > 0) i = close - 1;
    } else if (char === 47 && at(i + 1) === 42) {
      i += 2;
      while (i < end && !(at(i) === 42 && at(i + 1) === 47)) i++;
      i++;
    }
  }
  return -1;
}

function endOfString(at: (i: number) => number, from: number, end: number): number {
  const quote = at(from);
  for (let i = from + 1; i < end; i++) {
    const char = at(i);
    if (char === 92) i++;
    else if (char === quote) return i + 1;
    else if (char === 10 && quote !== 96) return -1;
  }
  return -1;
}

/** The end of a JSX tag, `<Name attr={…} …>`, `</Name>`, `<>`; -1 where there is none. */
function endOfTag(at: (i: number) => number, from: number, end: number): number {
  let i = from + 1;
  if (at(i) === 47) i++;
  if (at(i) === 62) return i + 1;
  if (!isNameStart(at(i))) return -1;
  for (; i < end; i++) {
    const char = at(i);
    if (char === 62) return i + 1;
    if (char === 60) return -1;
    if (char === 123 || char === 34 || char === 39) {
      const close = char === 123 ? endOfExpression(at, i, end) : endOfString(at, i, end);
      if (close < 0) return -1;
      i = close - 1;
    }
  }
  return -1;
}

const inline = (cx: InlineContext) => ({
  at: (i: number) => cx.char(i),
  end: (pos: number) => Math.min(cx.end, pos + longest),
});

const esm = /^(?:import|export)\b(?!:)[\s{*'"]/;

/** Lines of a module, or of an expression that stands alone, up to the blank line or the closing brace. */
function skipLines(cx: BlockContext, line: Line, done: (text: string) => boolean, node: string): boolean {
  const from = cx.lineStart + line.pos;
  let to = cx.lineStart + line.text.length;
  let text = line.text;
  for (let i = 0; i < 200; i++) {
    if (done(text)) break;
    if (!cx.nextLine()) break;
    text = line.text;
    if (node === 'Module' && text.trim() === '') break;
    to = cx.lineStart + line.text.length;
  }
  if (done(text)) cx.nextLine();
  cx.addElement(cx.elt(node, from, to));
  return true;
}

/**
 * MDX as far as prose is concerned: modules and expressions are taken out, tags are no blocks, and indented lines are prose.
 * Broken JSX is text; nothing throws.
 */
export const mdx: MarkdownConfig = {
  defineNodes: [{ name: 'Module', block: true }, 'Expression'],
  remove: ['IndentedCode', 'HTMLBlock', 'Autolink'],
  parseBlock: [
    {
      name: 'Module',
      before: 'LinkReference',
      parse: (cx, line) =>
        cx.depth === 1 && line.pos === 0 && esm.test(line.text) && skipLines(cx, line, () => false, 'Module'),
    },
  ],
  parseInline: [
    {
      name: 'JsxTag',
      before: 'HTMLTag',
      parse(cx, next, pos) {
        if (next !== 60) return -1;
        const { at, end } = inline(cx);
        const to = endOfTag(at, pos, end(pos));
        return to < 0 ? -1 : cx.addElement(cx.elt('HTMLTag', pos, to));
      },
    },
    {
      name: 'Expression',
      before: 'Emphasis',
      parse(cx, next, pos) {
        if (next !== 123) return -1;
        const { at, end } = inline(cx);
        const to = endOfExpression(at, pos, end(pos));
        return to < 0 ? -1 : cx.addElement(cx.elt('Expression', pos, to));
      },
    },
  ],
};
