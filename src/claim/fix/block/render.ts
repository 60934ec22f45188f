import type { Syntax } from '../syntax';
import type { BlockContent, Piece } from './content';

function pieces(line: readonly Piece[], syntax: Syntax): string {
  return line
    .map((piece) => {
      if (typeof piece === 'string') {
        // Escaping trims; the blanks at the ends part one piece from the next.
        const [, before, text, after] = /^(\s*)([\s\S]*?)(\s*)$/.exec(piece)!;
        return `${before}${syntax.text(text!)}${after}`;
      }
      return 'code' in piece ? syntax.code(piece.code) : link(piece.link, piece.to, syntax);
    })
    .join('');
}

function link(text: string, to: string, syntax: Syntax): string {
  const url = encodeURI(to).replace(/[()]/g, (char) => (char === '(' ? '%28' : '%29'));
  switch (syntax.name) {
    case 'markdown':
    case 'mdx':
      return `[${syntax.text(text)}](${url})`;
    case 'rst':
      return `\`${syntax.text(text)} <${url}>\`__`;
    default:
      return `${syntax.text(text)} ${syntax.code(to)}`;
  }
}

function markdownBlock({ columns, rows, notes }: BlockContent, syntax: Syntax): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  // A bar ends a cell even within code.
  const cell = (content: readonly Piece[]) => pieces(content, syntax).replace(/(?<!\\)\|/g, '\\|');
  const right = (column: string) => (column === 'n' ? '---:' : '---');
  return [
    line(columns.map((column) => syntax.text(column))),
    line(columns.map(right)),
    ...rows.map((row) => line(row.map(cell))),
    '',
    ...notes.map((note) => `- ${pieces(note, syntax)}`),
  ].join('\n');
}

function rstBlock({ columns, rows, notes }: BlockContent, syntax: Syntax): string {
  const row = (cells: readonly string[]) => cells.map((cell, i) => `   ${i === 0 ? '* -' : '  -'} ${cell}`);
  return [
    '.. list-table::',
    '   :header-rows: 1',
    '',
    ...row(columns.map((column) => syntax.text(column))),
    ...rows.flatMap((cells) => row(cells.map((cell) => pieces(cell, syntax)))),
    '',
    ...notes.map((note) => `- ${pieces(note, syntax)}`),
  ].join('\n');
}

function latexBlock({ columns, rows, notes }: BlockContent, syntax: Syntax): string {
  const line = (cells: readonly string[]) => `  ${cells.join(' & ')} \\\\`;
  return [
    `\\begin{tabular}{${columns.map((column) => (column === 'n' ? 'r' : 'l')).join('')}}`,
    '  \\hline',
    line(columns.map((column) => syntax.text(column))),
    '  \\hline',
    ...rows.map((row) => line(row.map((cell) => pieces(cell, syntax)))),
    '  \\hline',
    '\\end{tabular}',
    '',
    '\\begin{itemize}',
    ...notes.map((note) => `  \\item ${pieces(note, syntax)}`),
    '\\end{itemize}',
  ].join('\n');
}

/** A block's content in the syntax of a document, without its markers; lines end in `\n`. */
export function renderContent(content: BlockContent, syntax: Syntax): string {
  switch (syntax.name) {
    case 'rst':
      return rstBlock(content, syntax);
    case 'latex':
      return latexBlock(content, syntax);
    default:
      return markdownBlock(content, syntax);
  }
}
