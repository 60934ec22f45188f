import { numbers } from '../onnx/batch';
import type { OriginalModel } from '../original';
import type { Session } from '../runtime';
import type { TextModel } from './describe';
import { feedOf } from './feed';
import { fixedTexts, fixedTokens } from './inputs';
import { classRows, type TextScores } from './oracle';
import { createTokenizer } from './tokenizer';

/**
 * The untouched model file as the verifier asks it: texts are put together of code points and cut up here, apart from the oracle, and
 * each goes through the model alone, without padding where the file allows it.
 */
export function createTextOriginal(
  session: Session,
  { inputs, tokenizer: file, maxTokens }: TextModel,
  output: string,
  shape: { readonly width: number; readonly classes: number; readonly scores: TextScores; readonly sigmoid: boolean },
): OriginalModel {
  const tokenizer = createTokenizer(file, maxTokens);
  const texts = fixedTexts(inputs) ?? 1;
  const { width, classes, scores, sigmoid } = shape;
  return {
    classes,
    async predict(x) {
      const n = x.length / width;
      const rows: Float32Array[] = [];
      for (let i = 0; i < n; i++) {
        const text = tokenizer.encode(textOf(x, i * width, width));
        const length = fixedTokens(inputs) ?? Math.max(1, text.ids.length);
        const feeds = feedOf(
          inputs,
          Array.from({ length: texts }, () => text),
          length,
          file,
        );
        const values = Float32Array.from(numbers((await session.run(feeds, [output]))[output]!));
        rows.push(values.subarray(0, values.length / texts));
      }
      const raw = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
      let at = 0;
      for (const row of rows) {
        raw.set(row, at);
        at += row.length;
      }
      return classRows(raw, n, classes, scores, sigmoid ? 'complement' : 0);
    },
  };
}

/** The characters from `from` on, as far as there are any: 0 ends a text. */
function textOf(x: Float32Array, from: number, width: number): string {
  const characters: string[] = [];
  for (let k = from; k < from + width; k++) {
    const point = x[k]!;
    if (point === 0) break;
    const valid = Number.isInteger(point) && point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
    characters.push(valid ? String.fromCodePoint(point) : '\ufffd');
  }
  return characters.join('');
}
