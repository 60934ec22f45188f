import { ProseBuilder } from './builder';
import type { ReadingMemory } from './commonmark/memory';
import { MarkdownReader } from './commonmark/reader';
import { mdxParser } from './commonmark/syntax';
import { readFrontMatter } from './metadata/frontMatter';
import { type DocumentFormat, emptyDocument, type ProseDocument } from './types';

/** Markdown with JSX: modules, tags and expressions are taken out, and what stands within tags is prose. Never throws. */
export function parseMdx(source: string, memory?: ReadingMemory): ProseDocument {
  try {
    const builder = new ProseBuilder(source);
    const body = readFrontMatter(source, builder);
    new MarkdownReader(source, body, builder, mdxParser).read(memory);
    return builder.build();
  } catch {
    return emptyDocument;
  }
}

export const mdx: DocumentFormat = {
  name: 'mdx',
  endings: ['.mdx'],
  languages: ['mdx'],
  byDefault: true,
  parse: parseMdx,
};
