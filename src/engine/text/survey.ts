import type { Dataset } from '../data/types';
import type { TextReport } from '../report/text';
import { decodeText, textLength } from './codePoints';
import type { TextModel } from './describe';
import { createTokenizer } from './tokenizer';

/** Texts that are cut up to see how they fare; of more so many, evenly spread. */
const mostTexts = 2000;
const readSize = 64;

/** What becomes of the texts of a data set: how long they are, how much is cut off, how much is in no vocabulary. */
export async function surveyTexts(
  dataset: Dataset,
  text: TextModel,
  signal?: AbortSignal,
): Promise<Omit<TextReport, 'tokenizer'> & { readonly vocabulary: number }> {
  const tokenizer = createTokenizer(text.tokenizer, text.maxTokens);
  const width = dataset.shape[0] ?? 1;
  const wanted = Math.min(dataset.count, mostTexts);
  const characters: number[] = [];
  const tokens: number[] = [];
  let truncated = 0;
  let unknown = 0;
  let pieces = 0;
  let empty = 0;
  for await (const { start, count, x } of dataset.batches(readSize, signal ? { signal } : {})) {
    for (let i = 0; i < count; i++) {
      if (Math.floor((characters.length * dataset.count) / wanted) !== start + i) continue;
      const example = x.subarray(i * width, (i + 1) * width);
      const encoded = tokenizer.encode(decodeText(example));
      characters.push(textLength(example));
      tokens.push(encoded.ids.length);
      pieces += encoded.ids.length;
      if (encoded.truncated) truncated++;
      if (characters.at(-1) === 0) empty++;
      for (const id of encoded.ids) if (id === tokenizer.unknownId) unknown++;
    }
  }
  return {
    vocabulary: tokenizer.vocabulary,
    maxTokens: text.maxTokens,
    maxTokensFrom: text.maxTokensFrom,
    texts: characters.length,
    characters: spreadOf(characters),
    tokens: spreadOf(tokens),
    truncated,
    empty,
    unknown: pieces === 0 ? 0 : unknown / pieces,
  };
}

function spreadOf(values: readonly number[]): { readonly median: number; readonly longest: number } {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, longest: sorted.at(-1) ?? 0 };
}
