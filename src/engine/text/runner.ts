import { RobustnessError } from '../error';
import { numbers } from '../onnx/batch';
import type { Session } from '../runtime';
import type { TextModel } from './describe';
import { feedOf } from './feed';
import { fixedTexts, fixedTokens } from './inputs';
import type { Tokens } from './tokenizer';

/**
 * How texts may share a run: `padded` to about one length; only those of `equal` length, where padding changes scores (no mask); `single`,
 * where the company of others changes them (activations quantised over the whole batch).
 */
export type Sharing = 'padded' | 'equal' | 'single';

/** Runs tokenised texts through a session and gives raw rows of one output. */
export interface TextRunner {
  readonly sharing: Sharing;
  /** [texts, width] */
  run(texts: readonly Tokens[]): Promise<Float32Array>;
  /** Numbers of one text. */
  readonly width: number;
}

/** Texts of unlike lengths that show whether company and padding change what a model says. */
const probes = [
  'no',
  'A short one.',
  'The quick brown fox jumps over the lazy dog, and then it sleeps for seven hours.',
];
/** More texts than this at a time gain nothing. */
const mostTexts = 64;
/** Texts are padded to a multiple of so many tokens. */
const step = 8;

/**
 * @param tolerance relative to the largest score, up to which two runs agree
 * @throws `model/tokenizer-mismatch` where the model refuses the ids of its own tokenizer; `model/no-scores`
 */
export async function createRunner(
  session: Session,
  output: string,
  { inputs, tokenizer, maxTokens }: Pick<TextModel, 'inputs' | 'tokenizer' | 'maxTokens'>,
  encode: (text: string) => Tokens,
  size: number,
  tolerance: number,
): Promise<TextRunner> {
  const exactTokens = fixedTokens(inputs);
  const exactTexts = fixedTexts(inputs);
  /**
   * Tokens that a text is padded to. By the text alone, not by those it shares a run with: sums over more zeros are rounded in
   * another order, and the last bit of a score would depend on its company.
   */
  const lengthOf = ({ ids: { length } }: Tokens): number => {
    if (sharing === 'padded' && exactTokens !== null) return exactTokens;
    if (sharing !== 'padded' || maxTokens === null || length >= maxTokens) return Math.max(1, length);
    return Math.min(maxTokens, Math.max(1, Math.ceil(length / step)) * step);
  };
  /** One run of the session: rows of the texts that were given, whatever else had to be fed with them. */
  const together = async (texts: readonly Tokens[]): Promise<Float32Array> => {
    const count = exactTexts ?? Math.max(texts.length, leastTexts);
    const filled = Array.from({ length: count }, (_, i) => texts[i % texts.length]!);
    // A text without any token is one of padding.
    const longest = filled.reduce((most, text) => Math.max(most, lengthOf(text)), 1);
    const feeds = feedOf(inputs, filled, exactTokens ?? longest, tokenizer);
    const values = await session.run(feeds, [output]);
    const all = Float32Array.from(numbers(values[output]!));
    return all.subarray(0, (all.length / filled.length) * texts.length);
  };
  let sharing: Sharing = 'equal';
  let leastTexts = 1;
  const trial = probes.map(encode);
  const alone: Float32Array[] = [];
  try {
    for (const text of trial) alone.push((await together([text])).slice());
  } catch (cause) {
    if (!RobustnessError.is(cause, 'model/run-failed')) throw cause;
    const largest = trial.reduce((most, { ids }) => Math.max(most, ...ids), 0);
    throw new RobustnessError(
      'model/tokenizer-mismatch',
      `The model refuses what ${tokenizer.path} makes of a text (ids up to ${largest}): ${cause.message}`,
      'Check that the tokenizer belongs to this model.',
      { cause },
    );
  }
  const width = alone[0]!.length;
  if (width === 0 || alone.some((row) => row.length !== width)) {
    throw new RobustnessError(
      'model/no-scores',
      `The output "${output}" has ${alone.map(({ length }) => length).join(', ')} numbers for three texts: it holds no scores of a text.`,
      'Export a classifier of whole texts, with one score a class.',
    );
  }
  const agree = (rows: Float32Array) => {
    const expected = alone.flatMap((row) => [...row]);
    const scale = Math.max(1e-6, ...expected.map(Math.abs));
    return expected.every((value, i) => Math.abs(value - rows[i]!) <= tolerance * scale);
  };
  sharing = exactTexts === null ? await sharingOf() : exactTexts === 1 ? 'single' : 'equal';
  // Sums over the tokens of one text and of several are different code: a text that is alone is given twice.
  if (sharing !== 'single') leastTexts = 2;
  const most = sharing === 'single' ? 1 : (exactTexts ?? Math.min(size, mostTexts));
  return {
    width,
    sharing,
    async run(texts) {
      const rows = new Float32Array(texts.length * width);
      // Texts of about one length share a run.
      const order = [...texts.keys()].sort((a, b) => lengthOf(texts[a]!) - lengthOf(texts[b]!) || a - b);
      for (let at = 0; at < order.length; ) {
        let end = at + 1;
        const length = lengthOf(texts[order[at]!]!);
        while (end < order.length && end - at < most && lengthOf(texts[order[end]!]!) === length) end++;
        const some = order.slice(at, end);
        const part = await together(some.map((i) => texts[i]!));
        some.forEach((i, k) => {
          rows.set(part.subarray(k * width, (k + 1) * width), i * width);
        });
        at = end;
      }
      return rows;
    },
  };

  async function sharingOf(): Promise<Sharing> {
    const tried = async (texts: readonly Tokens[]) => {
      try {
        return await together(texts);
      } catch (error) {
        // A graph that takes one text at a time, whatever it declares.
        if (RobustnessError.is(error, 'model/run-failed')) return null;
        throw error;
      }
    };
    const padded = await tried(trial);
    if (padded !== null && agree(padded)) return 'padded';
    for (const [i, text] of trial.entries()) {
      const twice = await tried([text, text, text]);
      const scale = Math.max(1e-6, ...alone[i]!.map(Math.abs));
      const same = twice?.every((value, k) => Math.abs(value - alone[i]![k % width]!) <= tolerance * scale);
      if (!same) return 'single';
    }
    // Equal texts say nothing of activations that are scaled over the batch: other texts of the same length do.
    const [first, second] = ['good', 'none'].map(encode);
    if (first!.ids.length !== second!.ids.length) return 'single';
    const [own, other] = [await together([first!]), await tried([first!, second!])];
    const scale = Math.max(1e-6, ...own.map(Math.abs));
    const same = other !== null && own.every((value, k) => Math.abs(value - other[k]!) <= tolerance * scale);
    return same ? 'equal' : 'single';
  }
}
