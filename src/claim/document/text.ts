import { ProseBuilder } from './builder';
import { Run } from './run';
import { type DocumentFormat, emptyDocument, type ProseDocument } from './types';

const bullet = /^[ \t]*(?:[-*+•‣◦–]|\(?\d{1,3}[.)]|\(?[a-z][.)])[ \t]+/;
const underline = /^[ \t]*([=\-~*#_^"+])\1{2,}[ \t]*$/;

interface Line {
  readonly from: number;
  /** Without the end of the line. */
  readonly to: number;
  readonly text: string;
}

function linesOf(source: string): Line[] {
  const lines: Line[] = [];
  const end = /\r\n|\r|\n|$/g;
  let from = source.startsWith('\ufeff') ? 1 : 0;
  for (const match of source.matchAll(end)) {
    if (match.index < from) continue;
    lines.push({ from, to: match.index, text: source.slice(from, match.index) });
    from = match.index + match[0].length;
  }
  return lines;
}

/** A short line in capitals, or one with a rule below it. */
function isHeading(line: Line, next: Line | undefined): boolean {
  const text = line.text.trim();
  if (text === '' || text.length > 80) return false;
  if (next && underline.test(next.text)) return true;
  return /^[\p{Lu}\d\s:&/,.-]{4,60}$/u.test(text) && /\p{Lu}{3}/u.test(text);
}

/** A line of a program, a listing or a table drawn with characters. */
const isCode = (line: Line): boolean => /^(?: {4,}|\t)\S/.test(line.text) || /^[ \t]*(?:\$|>>>|#!|\|)/.test(line.text);

/**
 * Text without mark-up: paragraphs between blank lines, items by their marks, headings by a rule below or by capitals. Indented
 * lines after a blank one are listings. Never throws.
 */
export function parseText(source: string): ProseDocument {
  try {
    return readText(source);
  } catch {
    return emptyDocument;
  }
}

function readText(source: string): ProseDocument {
  const builder = new ProseBuilder(source);
  const lines = linesOf(source);
  let run = new Run();
  let place: 'paragraph' | 'item' = 'paragraph';
  let lead = '';
  let fresh = true;
  let listing = false;
  const flush = () => {
    const introduces = place === 'paragraph';
    builder.paragraph(run, place, place === 'item' ? lead : '');
    if (introduces && run.plain !== '') lead = /[:：]\s*$/.test(run.plain) ? run.plain : '';
    run = new Run();
    place = 'paragraph';
  };
  for (const [i, line] of lines.entries()) {
    const blank = line.text.trim() === '';
    const item = bullet.exec(line.text);
    if (blank) {
      flush();
      listing = false;
    } else if (underline.test(line.text)) flush();
    else if (fresh && isHeading(line, lines[i + 1])) {
      flush();
      builder.heading(/=/.test(lines[i + 1]?.text ?? '') ? 1 : 2, line.text);
      lead = '';
    } else if (item) {
      flush();
      place = 'item';
      run.add(source, line.from + item[0].length, line.to, false);
      listing = false;
    } else if (listing || (fresh && isCode(line))) listing = true;
    else {
      run.space(line.from);
      run.add(source, line.from, line.to, false);
    }
    fresh = blank || underline.test(line.text);
  }
  flush();
  return builder.build();
}

/** What a project says of itself first, where it is plain text. */
export const readme: DocumentFormat = {
  name: 'readme',
  endings: [
    'readme.txt',
    'readme',
    'model_card.txt',
    'model-card.txt',
    'modelcard.txt',
    'abstract.txt',
    'description.txt',
  ],
  languages: ['plaintext'],
  byDefault: true,
  parse: parseText,
};

/** Any other plain text: lists of requirements and logs for the most part, hence only on request. */
export const text: DocumentFormat = {
  name: 'text',
  endings: ['.txt', '.text'],
  languages: ['plaintext'],
  byDefault: false,
  parse: parseText,
};
