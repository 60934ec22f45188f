import { ProseBuilder } from './builder';
import { readYamlComments } from './metadata/frontMatter';
import { childOf, rangeOf, readYaml, scalarOf, textOf } from './metadata/yaml';
import { Run } from './run';
import { type DocumentFormat, emptyDocument, type ProseDocument } from './types';

/**
 * The abstract of a `CITATION.cff`: the authors speak there. Its title, its keywords and its references are no claims.
 *
 * Source: https://github.com/citation-file-format/citation-file-format/blob/main/schema-guide.md
 */
export function parseCitation(source: string): ProseDocument {
  try {
    const builder = new ProseBuilder(source);
    readYamlComments(source, 0, builder);
    const abstract = scalarOf(childOf(readYaml(source)?.contents, 'abstract'));
    const range = abstract && rangeOf(abstract, source);
    if (!abstract || !range || typeof abstract.value !== 'string') return builder.build();
    const run = new Run();
    const folded = abstract.type === 'BLOCK_FOLDED' || abstract.type === 'BLOCK_LITERAL';
    // The mark of a block scalar stands on its first line.
    const from = folded ? source.indexOf('\n', range[0]) + 1 : range[0];
    readScalar(source, from, range[1], abstract.type === 'QUOTE_DOUBLE', run);
    builder.heading(1, 'Abstract');
    builder.paragraph(run, 'paragraph', '');
    return builder.build();
  } catch {
    return emptyDocument;
  }
}

/** A scalar as it is written; white space collapses, and escapes of double quotation marks are read. */
function readScalar(source: string, from: number, to: number, escapes: boolean, run: Run): void {
  if (!escapes) {
    run.add(source, from, to, false);
    return;
  }
  let at = from;
  for (const match of source.slice(from, to).matchAll(/\\(?:x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8}|\r?\n|[\s\S])/gi)) {
    const start = from + match.index;
    const end = start + match[0].length;
    run.add(source, at, start, false);
    run.put(textOf(readYaml(`"${match[0]}"`)?.contents) || ' ', start, end, false);
    at = end;
  }
  run.add(source, at, to, false);
}

export const citation: DocumentFormat = {
  name: 'citation',
  endings: ['citation.cff'],
  languages: [],
  byDefault: true,
  parse: parseCitation,
};
