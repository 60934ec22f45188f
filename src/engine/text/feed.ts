import { RobustnessError } from '../error';
import type { Border } from '../onnx/inspect';
import type { Value } from '../runtime';
import type { TextInputs } from './inputs';
import type { Tokens } from './tokenizer';
import type { TokenizerFile } from './tokenizerFile';

/** How shorter texts of a batch are filled up. */
export type Padding = Pick<TokenizerFile, 'padId' | 'padType' | 'padLeft'>;

/**
 * Tokenised texts as the tensors that a model takes, [texts, length] each.
 * @param length to pad to: at least that of the longest
 */
export function feedOf(
  inputs: TextInputs,
  texts: readonly Tokens[],
  length: number,
  { padId, padType, padLeft }: Padding,
): Record<string, Value> {
  const size = texts.length * length;
  const ids = new Float64Array(size).fill(padId);
  const mask = new Float64Array(size);
  const types = new Float64Array(size).fill(padType);
  const positions = new Float64Array(size);
  texts.forEach((text, row) => {
    const start = row * length + (padLeft ? length - text.ids.length : 0);
    for (let k = 0; k < text.ids.length; k++) {
      ids[start + k] = text.ids[k]!;
      types[start + k] = text.types[k]!;
      mask[start + k] = 1;
      positions[start + k] = k;
    }
  });
  const feeds: Record<string, Value> = {};
  const dims = [texts.length, length];
  for (const [border, values] of [
    [inputs.ids, ids],
    [inputs.mask, mask],
    [inputs.types, types],
    [inputs.positions, positions],
  ] as const) {
    if (border) feeds[border.name] = integersOf(border, dims, values);
  }
  return feeds;
}

function integersOf({ name, type }: Border, dims: readonly number[], values: Float64Array): Value {
  if (type === 'int64') return { type, dims, data: BigInt64Array.from(values, BigInt) };
  if (type === 'int32') return { type, dims, data: Int32Array.from(values) };
  throw new RobustnessError(
    'model/text-inputs',
    `The model's input "${name}" is ${type}, and token ids are int64 or int32.`,
    'Export the classifier again with whole numbers as inputs.',
  );
}
