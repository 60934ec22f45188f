import { basename } from 'node:path/posix';

/** How a format of documents writes what a generated sentence or table is made of. */
export interface Syntax {
  readonly name: 'markdown' | 'mdx' | 'rst' | 'latex' | 'plain';
  /** Running text, so that nothing in it becomes mark-up. */
  text(plain: string): string;
  /** A file's name, set as code. */
  code(plain: string): string;
  readonly percent: string;
  /** `linf` … as the format's readers know it. */
  norm(norm: string): string;
  /** A size, as mathematics where the format has such. */
  equation(name: 'ε' | 'n', value: string): string;
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

const escapeMarkdown = (text: string) => oneLine(text).replace(/[\\`*_[\]<>#|~$]/g, '\\$&');

/** A code span whose fence is longer than any run of ticks within. */
function codeSpan(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${oneLine(text)}${pad}${fence}`;
}

const markdown: Syntax = {
  name: 'markdown',
  text: escapeMarkdown,
  code: codeSpan,
  percent: '%',
  norm: (norm) => norm,
  equation: (name, value) => `${name} = ${escapeMarkdown(value)}`,
};

const mdx: Syntax = { ...markdown, name: 'mdx', text: (text) => escapeMarkdown(text).replace(/[{}]/g, '\\$&') };

const escapeRst = (text: string) => oneLine(text).replace(/[\\`*_|]/g, '\\$&');

const rst: Syntax = {
  ...markdown,
  name: 'rst',
  text: escapeRst,
  equation: (name, value) => `${name} = ${escapeRst(value)}`,
  // An inline literal knows no escape: a name with ticks is running text.
  code: (text) => (text.includes('`') ? escapeRst(text) : `\`\`${oneLine(text)}\`\``),
};

const latexSpecial: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '≤': '$\\leq$',
  '≥': '$\\geq$',
  ε: '$\\varepsilon$',
  σ: '$\\sigma$',
  '–': '--',
  '×': '$\\times$',
};
const escapeLatex = (text: string) =>
  oneLine(text).replace(/[\\~^<>|≤≥εσ–×&%$#_{}]/g, (char) => latexSpecial[char] ?? `\\${char}`);
const latexNorms: Readonly<Record<string, string>> = {
  linf: '$\\ell_\\infty$',
  l2: '$\\ell_2$',
  l1: '$\\ell_1$',
  l0: '$\\ell_0$',
};

const latex: Syntax = {
  name: 'latex',
  text: escapeLatex,
  code: (text) => `\\texttt{${escapeLatex(text)}}`,
  percent: '\\%',
  norm: (norm) => latexNorms[norm] ?? norm,
  equation: (name, value) =>
    /^[\d./]+$/.test(value)
      ? `$${name === 'ε' ? '\\varepsilon' : name} = ${value}$`
      : `${escapeLatex(name)} = ${escapeLatex(value)}`,
};

const plain: Syntax = {
  ...markdown,
  name: 'plain',
  text: oneLine,
  code: oneLine,
  equation: (name, value) => `${name} = ${oneLine(value)}`,
};

const byEnding: readonly (readonly [RegExp, Syntax])[] = [
  [/\.(?:md|markdown|ipynb|rmd|qmd)$/, markdown],
  [/\.mdx$/, mdx],
  [/\.(?:rst|rest)$/, rst],
  [/\.(?:tex|ltx|latex|sty)$/, latex],
];

/** The syntax of a document by its name; plain text where the name says nothing of mark-up. */
export function syntaxOf(path: string): Syntax {
  const name = basename(path.replaceAll('\\', '/')).toLowerCase();
  return byEnding.find(([ending]) => ending.test(name))?.[1] ?? plain;
}
