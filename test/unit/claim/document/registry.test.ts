import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentFormats, formatOf, formatOfLanguage } from '../../../../src/claim/document/registry';
import { cpuTime } from '../cpu';
import { expectExactRanges } from './ranges';

describe('documentFormats', () => {
  it.each([
    ['README.md', 'markdown', true],
    ['docs\\Guide.MARKDOWN', 'markdown', true],
    ['page.mdx', 'mdx', true],
    ['index.rst', 'restructuredtext', true],
    ['demo.ipynb', 'notebook', true],
    ['paper/main.tex', 'latex', true],
    ['CITATION.cff', 'citation', true],
    ['.eval_results/hle.yaml', 'eval-results', true],
    ['README.txt', 'readme', true],
    ['README', 'readme', true],
    ['MODEL_CARD.txt', 'readme', true],
    ['requirements.txt', 'text', false],
    ['train.py', 'python', false],
  ])('%s is read as %s', (path, name, byDefault) => {
    expect(formatOf(path)).toMatchObject({ name, byDefault });
  });

  it.each(['config.yaml', 'eval_results/a.yaml', 'a.ts', 'md', ''])('%j is not read', (path) => {
    expect(formatOf(path)).toBeNull();
  });

  it.each([
    ['markdown', 'Untitled-1', 'markdown'],
    ['markdown', 'demo.ipynb', 'markdown'],
    ['latex', 'a', 'latex'],
    ['plaintext', 'README.txt', 'readme'],
    ['plaintext', 'notes', 'text'],
    ['yaml', 'CITATION.cff', 'citation'],
    ['typescript', 'a.ts', undefined],
  ])('language %s of %s is read as %s', (language, path, name) => {
    expect(formatOfLanguage(language, path)?.name).toBe(name);
  });
});

/** Pieces that mean something in one format or another, and hostile ones. */
const pieces = [
  'It is robust. ',
  'word ',
  '\n',
  '\r\n',
  '\r',
  '\n\n',
  '\t',
  '    ',
  '\u00a0',
  '\ufeff',
  '\0',
  '🦾',
  '\ud83e',
  '\udd7e',
  '日本語',
  '# ',
  '- ',
  '1. ',
  '> ',
  '| a | b |\n|---|---|\n| c | 62 % |\n',
  '+---+---+\n| a | b |\n+===+===+\n| c | d |\n+---+---+\n',
  '===  ===\na    b\n===  ===\nc    d\n===  ===\n',
  '```',
  '````{note}\n',
  '~~~\n',
  ':::{tip}\n',
  '`code`',
  '``',
  '**',
  '*',
  '_',
  '[a](b)',
  '[a]: b\n',
  '[^1]: ',
  '](',
  '<p>',
  '</p>',
  '<table><tr><th>a</th></tr><tr><td>b',
  '</td></tr></table>',
  '<code>',
  '<a href="x">',
  '<!-- robustness-disable-line -- so -->',
  '<!--',
  '-->',
  '&epsilon;',
  '&#0;',
  '&#x110000;',
  '\\',
  '\\%',
  '$x$',
  '$$',
  '{',
  '}',
  '{/* robustness-disable-line */}',
  'import x from "y"\n',
  '.. note:: ',
  '.. list-table::\n   * - a\n     - b\n',
  '.. csv-table::\n\n   a, "b\n',
  '.. ',
  '::\n\n',
  '`a <b>`_',
  ':role:`x`',
  '=====\n',
  '\\begin{itemize}\\item ',
  '\\end{itemize}',
  '\\begin{tabular}{ll} a & b \\\\ \\midrule c & d',
  '\\end{tabular}',
  '\\multicolumn{99999999}{c}{x}',
  '\\section{',
  '\\verb|',
  '\\begin{verbatim}',
  '\\end{document}',
  '\\newcommand{\\x}{',
  '% robustness-disable-line -- so',
  '"""',
  "'",
  '"',
  'def f():\n    """Doc."""\n',
  '#: ',
  '{"cells": [{"cell_type": "markdown", "source": ["a \\n", "b"]}, ',
  '"\\u00e9\\ud83e',
  '---\n',
  'model-index:\n- name: x\n',
  'abstract: >\n  It holds.\n',
  '- dataset: {id: robust}\n  value: 1\n',
];

describe.each(documentFormats.map((format) => [format.name, format] as const))('%s', (_name, format) => {
  it('never throws, and its ranges are exact', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (parts) => {
        const text = parts.join('');
        // What is spelled otherwise is tested format by format.
        expectExactRanges(text, format.parse(text), /[\s\S]/);
      }),
      { numRuns: 60 },
    );
  });
});

/** Shapes on which a careless reader of the format takes quadratic time. */
const hostile: Readonly<Record<string, readonly string[]>> = {
  mdx: ['{', '{"', '<A ', '<A b={', '{/*', 'import a\n', '<a>', '`{'],
  restructuredtext: [
    '`',
    '``a',
    '*a ',
    '|a',
    ':a:`',
    '`a <',
    '.. ',
    '.. a::\n',
    '- ',
    '- a\n',
    'a\n  ',
    'a::\n\n',
    '+-+\n',
    '+-+-+\n|a|b|\n',
    '= =\n',
    '= =\na b\n',
    'a\n===\n',
    '\\',
    'http://',
    '.. list-table::\n   * - a\n',
    '\n',
    ' ',
  ],
  latex: [
    '{',
    '}',
    '\\a{',
    '\\label{',
    '\\href{a}{',
    '\\textcolor{',
    '\\begin{a}',
    '\\begin{verbatim}',
    '\\begin{tabular}{l}',
    '\\begin{tabular}{l}a&',
    '\\newcommand{',
    '\\section{',
    '\\caption{',
    '\\verb|',
    '\\[',
    '\\(',
    '$a',
    '$$a',
    '&',
    '\\\\',
    '``',
    '~',
    '%\n',
    '\\texttt{a}',
    '\n',
  ],
  notebook: ['{"cells":[', '"', '\\u00', '{', '[', '{"cells":[{"cell_type":"markdown","source":"a'],
  text: ['- ', '- a\n', '=\n', 'A\n===\n', '\n', '    a\n'],
  citation: ['}', '- ', '[', '"', 'a: ', '&a ', '- - - '],
};

describe.each(documentFormats.filter(({ name }) => name in hostile).map((format) => [format.name, format] as const))(
  '%s is quick on many',
  (name, format) => {
    it.each(hostile[name]!)('%j', (piece) => {
      const text = piece.repeat(Math.ceil(50_000 / piece.length));
      // The limit is wide for slow machines; anything quadratic takes minutes.
      expect(cpuTime(() => format.parse(text))).toBeLessThan(2500);
    });
  },
);
