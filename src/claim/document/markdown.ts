import { ProseBuilder } from './builder';
import type { ReadingMemory } from './commonmark/memory';
import { MarkdownReader } from './commonmark/reader';
import { markdownParser } from './commonmark/syntax';
import { readFrontMatter } from './metadata/frontMatter';
import { type DocumentFormat, emptyDocument, type ProseDocument } from './types';

/**
 * The sentences of a Markdown document (CommonMark with GFM tables, formulas, containers, inline and block HTML), without what
 * is not this author's prose: code, pictures, headings, link targets, quotations of others, footnotes, definitions,
 * entries of lists of references. The front matter of a model card gives what the card is about and its results.
 *
 * Never throws; a document that the parser gives up on has no sentences.
 */
export function parseMarkdown(source: string, memory?: ReadingMemory): ProseDocument {
  try {
    const builder = new ProseBuilder(source);
    const body = readFrontMatter(source, builder);
    new MarkdownReader(source, body, builder, markdownParser).read(memory);
    return builder.build();
  } catch {
    // A hostile document may exhaust the stack. Nothing in it is prose.
    return emptyDocument;
  }
}

export const markdown: DocumentFormat = {
  name: 'markdown',
  endings: ['.md', '.markdown'],
  languages: ['markdown'],
  byDefault: true,
  parse: parseMarkdown,
};
