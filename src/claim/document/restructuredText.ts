import { ProseBuilder } from './builder';
import { rstLines } from './restructured/lines';
import { RstReader } from './restructured/reader';
import { type DocumentFormat, emptyDocument, type ProseDocument } from './types';

/**
 * The sentences of a reStructuredText document: paragraphs, items, definitions, admonitions and tables, without literal blocks, code,
 * formulas, pictures, fields, targets, footnotes and quotations. Never throws.
 */
export function parseRestructuredText(source: string): ProseDocument {
  try {
    const builder = new ProseBuilder(source);
    new RstReader(source, builder).read(rstLines(source));
    return builder.build();
  } catch {
    return emptyDocument;
  }
}

export const restructuredText: DocumentFormat = {
  name: 'restructuredtext',
  endings: ['.rst', '.rest'],
  languages: ['restructuredtext'],
  byDefault: true,
  parse: parseRestructuredText,
};
