import type { SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/json';
import { ProseBuilder } from './builder';
import { MarkdownReader } from './commonmark/reader';
import { markdownParser } from './commonmark/syntax';
import { DerivedText } from './derived';
import { type DocumentFormat, emptyDocument, type ProseDocument } from './types';

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** A JSON string between its quotation marks, each unit with its place in the file. */
function readString(file: string, node: SyntaxNode, into: DerivedText): void {
  const end = node.to - 1;
  let at = node.from + 1;
  for (let i = at; i < end; i++) {
    if (file[i] !== '\\') continue;
    into.copy(file, at, i);
    const code = file[i + 1] === 'u' ? /^[\da-f]{4}$/i.exec(file.slice(i + 2, i + 6))?.[0] : undefined;
    const next = file[i + 1] ?? '';
    at = i + (code === undefined ? 2 : 6);
    into.put(code === undefined ? (escapes[next] ?? next) : String.fromCharCode(Number.parseInt(code, 16)), i, at);
    i = at - 1;
  }
  into.copy(file, at, end);
}

/** The value of a property of an object; null where it has none. */
function propertyOf(object: SyntaxNode, name: string, file: string): SyntaxNode | null {
  for (let child = object.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== 'Property') continue;
    const key = child.firstChild;
    if (key && file.slice(key.from, key.to) === `"${name}"`) return child.lastChild;
  }
  return null;
}

/**
 * The Markdown cells of a Jupyter notebook as one document: headings reach over cells. Source and outputs of code cells are no prose.
 *
 * Offsets lead through the escapes of JSON into the file. Never throws.
 *
 * Source: https://nbformat.readthedocs.io/en/latest/format_description.html
 */
export function parseNotebook(file: string): ProseDocument {
  try {
    return readNotebook(file);
  } catch {
    return emptyDocument;
  }
}

function readNotebook(file: string): ProseDocument {
  const builder = new ProseBuilder(file);
  const root = parser.parse(file).topNode.getChild('Object');
  const cells = root && propertyOf(root, 'cells', file);
  for (let cell = cells?.firstChild ?? null; cell !== null; cell = cell.nextSibling) {
    if (cell.name !== 'Object') continue;
    const type = propertyOf(cell, 'cell_type', file);
    const source = propertyOf(cell, 'source', file);
    if (!type || !source || file.slice(type.from, type.to) !== '"markdown"') continue;
    const text = new DerivedText();
    if (source.name === 'String') readString(file, source, text);
    else for (const line of source.getChildren('String')) readString(file, line, text);
    if (text.text.trim() === '') continue;
    builder.derive(text);
    new MarkdownReader(text.text, 0, builder, markdownParser).read();
    builder.last = '';
  }
  return builder.build();
}

export const notebook: DocumentFormat = {
  name: 'notebook',
  endings: ['.ipynb'],
  languages: [],
  byDefault: true,
  parse: parseNotebook,
};
