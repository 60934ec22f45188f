import type { Dataset } from '../data/types';
import { textLength } from './codePoints';
import { wordsOf } from './words';

/** What of a text can be counted without knowing what it says. */
export const textTraits = [
  'characters',
  'words',
  'characters a word',
  'share of capitals',
  'share of punctuation',
  'share of digits',
  'share beyond ASCII',
] as const;

const capital = /\p{Lu}/u;
const mark = /\p{P}/u;
const digit = /\p{N}/u;

/** The traits of a text, in the order of {@link textTraits}. @param x code points, padded with 0 */
export function traitsOf(x: Float32Array): Float32Array {
  const length = textLength(x);
  const words = wordsOf(x);
  let [capitals, marks, digits, beyond, letters] = [0, 0, 0, 0, 0];
  for (let i = 0; i < length; i++) {
    const point = x[i]!;
    if (point > 0x7f) beyond++;
    const character = String.fromCodePoint(point);
    if (capital.test(character)) capitals++;
    else if (mark.test(character)) marks++;
    else if (digit.test(character)) digits++;
  }
  for (const { start, end } of words) letters += end - start;
  const share = (count: number) => (length === 0 ? 0 : count / length);
  return Float32Array.of(
    length,
    words.length,
    words.length === 0 ? 0 : letters / words.length,
    share(capitals),
    share(marks),
    share(digits),
    share(beyond),
  );
}

/** Texts as a table of their traits: what makes two sets of texts comparable column by column. */
export function asTraits(dataset: Dataset): Dataset {
  const width = dataset.shape[0] ?? 1;
  const count = textTraits.length;
  return {
    ...dataset,
    kind: 'vector',
    shape: [count],
    features: textTraits,
    async *batches(size, options) {
      for await (const { x, ...batch } of dataset.batches(size, options)) {
        const traits = new Float32Array(batch.count * count);
        for (let i = 0; i < batch.count; i++) traits.set(traitsOf(x.subarray(i * width, (i + 1) * width)), i * count);
        yield { ...batch, x: traits };
      }
    },
  };
}
