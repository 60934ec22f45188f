import { describe, expect, it } from 'vitest';
import { parseLatex } from '../../../../src/claim/document/latex';
import { expectExactRanges } from './ranges';

const lines = (...text: string[]) => text.join('\n');
const plain = (text: string) => parseLatex(text).sentences.map((sentence) => sentence.plain);
const source = (text: string) => parseLatex(text).sentences.map(({ start, end }) => text.slice(start, end));

describe('parseLatex', () => {
  it('reads the abstract, sections, paragraphs, items and captions', () => {
    const text = lines(
      '\\documentclass{article}',
      '\\newcommand{\\ours}{A robust net}',
      '\\title{A robust title}',
      '\\begin{document}',
      '\\maketitle',
      '\\begin{abstract}',
      '\\ours{} holds~\\cite{a,b}. It keeps \\textbf{62\\%}.',
      '\\end{abstract}',
      '\\section[short]{On \\emph{results}}\\label{sec:robust}',
      'It follows that:',
      '\\begin{enumerate}',
      '\\item one, see \\href{models/net.onnx}{the model};',
      '\\item[b)] two \\texttt{robust\\_net}.',
      '\\end{enumerate}',
      '',
      'A paragraph',
      'over lines.',
      '',
      '\\begin{figure}\\includegraphics[width=1em]{robust.png}\\caption{What holds.}\\end{figure}',
      '\\subsection*{Details} Here\\footnote{A robust note.} too.',
      '\\end{document}',
      'Robust text after the end.',
    );
    const { sentences } = parseLatex(text);
    expect(sentences.map(({ plain, headings, place }) => [plain, headings.join('/'), place])).toEqual([
      ['ours holds.', 'Abstract', 'paragraph'],
      ['It keeps 62%.', 'Abstract', 'paragraph'],
      ['It follows that:', 'On results', 'paragraph'],
      ['one, see the model;', 'On results', 'item'],
      ['two robust_net.', 'On results', 'item'],
      ['A paragraph over lines.', 'On results', 'paragraph'],
      ['What holds.', 'On results', 'paragraph'],
      ['Here too.', 'On results/Details', 'paragraph'],
    ]);
    expect(sentences[3]).toMatchObject({ lead: 'It follows that:', links: ['models/net.onnx'] });
    // Names of macros and code are seen, but are not the author's words.
    expect(sentences[0]!.prose).toBe('§§§§ holds.');
    expect(sentences[4]!.prose).toBe('two §§§§§§§§§§.');
    expectExactRanges(text, parseLatex(text), /[\s|_%“”]/);
  });

  it('leaves out formulas that stand apart, code, quotations, bibliography and comments', () => {
    const text = lines(
      'Before.',
      '\\[ robust \\]',
      '$$ robust $$',
      '\\begin{equation} robust \\end{equation}',
      '\\begin{lstlisting}[language=Python]',
      'robust()',
      '\\end{lstlisting}',
      '\\begin{verbatim}robust\\end{verbatim}',
      '\\begin{quote}A robust quotation.\\end{quote}',
      '% a robust comment',
      '\\begin{thebibliography}{9}\\bibitem{a} A. Author. Robust nets. 2020.\\end{thebibliography}',
      '',
      'After.',
    );
    expect(plain(text)).toEqual(['Before.', 'After.']);
  });

  it('keeps formulas within a line, escapes, quotation marks and accents', () => {
    expect(
      plain("At $\\epsilon = 8/255$ and \\(\\ell_2\\) 5\\,\\% \\& ``more'' na\\\"{\\i}ve caf\\'e --- \\LaTeX."),
    ).toEqual(['At $\\epsilon = 8/255$ and \\(\\ell_2\\) 5 % & “more” naïve café --- LaTeX.']);
  });

  it('widens ranges to whole groups', () => {
    expect(source('\\textbf{We hold.} \\emph{It} works. It \\textcolor{red}{does.}')).toEqual([
      'We hold.',
      '\\emph{It} works.',
      'It \\textcolor{red}{does.}',
    ]);
  });

  it('reads rows of tables under their header', () => {
    const text = lines(
      '\\begin{table}\\begin{tabular}{@{}lcc@{}}',
      '\\toprule',
      ' & \\multicolumn{2}{c}{Accuracy} \\\\',
      'Model & Clean & Robust \\\\ \\midrule',
      'Net & 90.1 & \\textbf{62.0} \\\\[2pt]',
      '\\multirow{2}{*}{Plain} & \\multicolumn{2}{c}{0.0} \\\\ \\cmidrule(lr){2-3}',
      '\\bottomrule',
      '\\end{tabular}\\end{table}',
    );
    expect(parseLatex(text).sentences.map((sentence) => sentence.table)).toEqual([
      { header: ['Model', 'Accuracy Clean', 'Robust'], cells: ['Net', '90.1', '62.0'] },
      { header: ['Model', 'Accuracy Clean', 'Robust'], cells: ['Plain', '0.0', ''] },
    ]);
  });

  it('gives comments for suppressions, and knows an escaped percent sign', () => {
    const text = '62\\% holds. % robustness-disable-line -- measured\r\nNext.';
    const { comments, sentences } = parseLatex(text);
    expect(comments.map(({ start, end, body }) => [text.slice(start, end), body])).toEqual([
      ['% robustness-disable-line -- measured', ' robustness-disable-line -- measured'],
    ]);
    expect(sentences.map((sentence) => sentence.plain)).toEqual(['62% holds.', 'Next.']);
  });

  it('keeps ranges with emoji, CRLF and tabs', () => {
    const text = '\ufeff\\section{🦾}\r\nOne 🛡️\tis \\emph{fine}.\r\nSo is 日本語 {\\bf two}.\r\n\r\nThree.';
    expectExactRanges(text, parseLatex(text));
    expect(source(text)).toEqual(['One 🛡️\tis \\emph{fine}.', 'So is 日本語 {\\bf two}.', 'Three.']);
  });
});
