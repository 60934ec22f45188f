import { ProseBuilder } from './builder';
import { readYamlComments } from './metadata/frontMatter';
import { readEvalResults } from './metadata/modelIndex';
import { readYaml } from './metadata/yaml';
import { type DocumentFormat, emptyDocument, type ProseDocument } from './types';

/** Results in the folder `.eval_results` of a repository of Hugging Face: no prose, figures only. Never throws. */
export function parseEvalResults(source: string): ProseDocument {
  try {
    const builder = new ProseBuilder(source);
    readYamlComments(source, 0, builder);
    readEvalResults(readYaml(source)?.contents, source, builder);
    return builder.build();
  } catch {
    return emptyDocument;
  }
}

export const evalResults: DocumentFormat = {
  name: 'eval-results',
  endings: ['.yaml', '.yml'],
  folder: '.eval_results',
  languages: [],
  byDefault: true,
  parse: parseEvalResults,
};
