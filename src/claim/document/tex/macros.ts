/** Depth of the section that a macro opens. */
export const sections: Readonly<Record<string, number>> = {
  part: 1,
  chapter: 1,
  section: 2,
  subsection: 3,
  subsubsection: 4,
  paragraph: 5,
  subparagraph: 6,
};

const set = (names: string): ReadonlySet<string> => new Set(names.split(' '));

/** Macros whose arguments say nothing to the reader. */
export const silent = set(
  'label ref eqref cref Cref autoref nameref pageref vref cite citep citet citealp citealt citeauthor citeyear citeyearpar parencite textcite footcite autocite supercite nocite bibliography bibliographystyle addbibresource printbibliography includegraphics input include subfile includeonly usepackage RequirePackage documentclass newcommand renewcommand providecommand newenvironment renewenvironment newtheorem DeclareMathOperator def let setlength addtolength setcounter addtocounter vspace hspace pagestyle thispagestyle index footnote footnotetext thanks todo author title date affiliation institute email maketitle hypersetup definecolor color pgfplotsset usetikzlibrary graphicspath captionsetup geometry cmidrule cline rule phantom vphantom hphantom lstset newacronym glsaddall resizebox scalebox rotatebox fontsize selectfont linespread acknowledgments',
);

/** Macros that only set type or space, or draw. */
export const plainMacros = set(
  'centering raggedright raggedleft noindent indent par newline linebreak pagebreak newpage clearpage cleardoublepage tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge bfseries itshape rmfamily sffamily ttfamily scshape upshape mdseries bf it rm sf tt sc em smallskip medskip bigskip hfill vfill hline toprule midrule bottomrule appendix tableofcontents listoffigures listoftables frontmatter mainmatter backmatter protect relax leavevmode null makeatletter makeatother begingroup endgroup bgroup egroup sloppy fussy limits nolimits displaystyle textstyle left right quad qquad enspace thinspace xspace',
);

/** The last argument of these is read; those before it set how. */
export const settings: Readonly<Record<string, number>> = {
  textcolor: 1,
  colorbox: 1,
  fcolorbox: 2,
  parbox: 1,
  raisebox: 1,
  makebox: 0,
  multirow: 2,
  multicolumn: 2,
  href: 1,
};

/** Text in the type of programs: seen, but not the author's words. */
export const codes = set('texttt code lstinline mintinline path nolinkurl');

/** Environments that hold no prose. */
export const skipped = set(
  'verbatim Verbatim lstlisting minted alltt comment filecontents tikzpicture pgfpicture algorithm algorithmic algorithm2e thebibliography equation align gather multline eqnarray displaymath math alignat flalign quote quotation verse CCSXML forest lstcode pythoncode python titlepage',
);

export const tabulars: Readonly<Record<string, number>> = {
  tabular: 1,
  tabularx: 2,
  'tabular*': 2,
  tabulary: 2,
  longtable: 1,
  tblr: 1,
  longtblr: 1,
};

/** Symbols that stand for a character in text. */
export const symbols: Readonly<Record<string, string>> = {
  textbackslash: '\\',
  textpercent: '%',
  percent: '%',
  ldots: '…',
  dots: '…',
  textellipsis: '…',
  textendash: '–',
  textemdash: '—',
  texttimes: '×',
  textpm: '±',
  textdegree: '°',
  textless: '<',
  textgreater: '>',
  textasciitilde: '~',
  ss: 'ß',
  ae: 'æ',
  o: 'ø',
  LaTeX: 'LaTeX',
  TeX: 'TeX',
  eg: 'e.g.',
  ie: 'i.e.',
  etal: 'et al.',
};

/** Accents before a letter, as combining characters. */
export const accents: Readonly<Record<string, string>> = {
  "'": '\u0301',
  '`': '\u0300',
  '^': '\u0302',
  '"': '\u0308',
  '~': '\u0303',
  '=': '\u0304',
  '.': '\u0307',
};
