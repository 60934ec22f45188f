import { ProseBuilder } from './builder';
import { LatexReader } from './tex/reader';
import { type DocumentFormat, emptyDocument, type ProseDocument } from './types';

/** A range that ends or begins within a group is widened to the group's braces and its macro. */
function widen(source: string, start: number, end: number): readonly [number, number] {
  let open = 0;
  let lacking = 0;
  for (let i = start; i < end; i++) {
    const char = source[i];
    if (char === '\\') i++;
    else if (char === '{') open++;
    else if (char === '}' && open-- === 0) {
      open = 0;
      lacking++;
    }
  }
  let [from, to] = [start, end];
  for (; open > 0 && source[to] === '}'; open--) to++;
  for (; lacking > 0; lacking--) {
    const macro = /(?:\\[A-Za-z]+\*?)?\{$/.exec(source.slice(Math.max(0, from - 40), from));
    if (!macro) break;
    from -= macro[0].length;
  }
  return [from, to];
}

/**
 * The sentences of a LaTeX document, or of a part of one: paragraphs, items, captions, abstract and rows of tables, without formulas
 * that stand apart, code, quotations, citations, bibliography and footnotes. Never throws.
 */
export function parseLatex(source: string): ProseDocument {
  try {
    const builder = new ProseBuilder(source, (start, end) => widen(source, start, end));
    const begin = /\\begin\s*\{document\}/.exec(source);
    const from = begin ? begin.index + begin[0].length : 0;
    const end = source.indexOf('\\end{document}', from);
    new LatexReader(source, builder).read(from, end < 0 ? source.length : end);
    return builder.build();
  } catch {
    return emptyDocument;
  }
}

export const latex: DocumentFormat = {
  name: 'latex',
  endings: ['.tex', '.ltx'],
  languages: ['latex', 'tex'],
  byDefault: true,
  parse: parseLatex,
};
