import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTokenizer } from '../../../src/engine/text/tokenizer';
import { findTokenizer, readTokenizerFile, type TokenizerFile } from '../../../src/engine/text/tokenizerFile';

const fixtures = join(import.meta.dirname, '../../fixtures/text');

interface Vectors {
  readonly ids: number[][];
  readonly types: number[][];
  readonly truncated: number[][];
  readonly truncatedLeft: number[][];
}
type Parity = { readonly texts: string[]; readonly limit: number } & Readonly<
  Record<'wordpiece' | 'bpe' | 'unigram', Vectors>
>;
let parity: Parity;
beforeAll(async () => {
  parity = JSON.parse(await readFile(join(fixtures, 'tokenizer-parity.json'), 'utf8')) as Parity;
});

describe.each(['wordpiece', 'bpe', 'unigram'] as const)("the ids of Python's tokenizers: %s", (kind) => {
  it('agree on 200 strings, whole and truncated at either end', async () => {
    const file = await readTokenizerFile(join(fixtures, kind, 'tokenizer.json'));
    const whole = createTokenizer(file, null);
    const short = createTokenizer(file, parity.limit);
    const left = createTokenizer({ ...file, truncateLeft: true }, parity.limit);
    expect(parity.texts).toHaveLength(200);
    const wrong: unknown[] = [];
    const ties: string[] = [];
    parity.texts.forEach((text, i) => {
      const { ids, types, truncated } = whole.encode(text);
      const expected = parity[kind];
      const same = (a: readonly number[], b: readonly number[] | undefined) => JSON.stringify(a) === JSON.stringify(b);
      if (isTie(file, ids, expected.ids[i]!)) {
        ties.push(text);
        return;
      }
      if (!same(ids, expected.ids[i]) || !same(types, expected.types[i]) || truncated)
        wrong.push([text, ids, expected.ids[i]]);
      const cut = short.encode(text);
      if (!same(cut.ids, expected.truncated[i])) wrong.push(['truncated', text, cut.ids, expected.truncated[i]]);
      if (cut.truncated !== ids.length > parity.limit) wrong.push(['said', text]);
      if (!same(left.encode(text).ids, expected.truncatedLeft[i])) wrong.push(['left', text]);
    });
    expect(wrong).toEqual([]);
    expect(ties.length).toBeLessThanOrEqual(kind === 'unigram' ? 2 : 0);
  });
});

/** Other pieces whose scores have the same sum, up to the rounding of the sum: which is the best of them is decided by its order. */
function isTie({ json }: TokenizerFile, a: readonly number[], b: readonly number[]): boolean {
  const { vocab } = json.model;
  if (!Array.isArray(vocab) || JSON.stringify(a) === JSON.stringify(b)) return false;
  const score = (ids: readonly number[]) => ids.reduce((sum, id) => sum + (vocab[id]?.[1] ?? 0), 0);
  const text = (ids: readonly number[]) => ids.map((id) => vocab[id]?.[0]).join('');
  return text(a) === text(b) && Math.abs(score(a) - score(b)) < 1e-12 * Math.abs(score(a));
}

describe('what lies beside a model', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenizer-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const minimal = (model: object, more: object = {}) => JSON.stringify({ added_tokens: [], model, ...more });
  const wordpiece = { type: 'WordPiece', unk_token: '[UNK]', vocab: { '[UNK]': 0, the: 1, cat: 2, '[PAD]': 3 } };
  const written = async (text: string, name = 'tokenizer.json') => {
    const own = await mkdtemp(join(folder, 'x-'));
    await writeFile(join(own, name), text);
    return join(own, name);
  };
  const failing = async (text: string) => {
    const path = await written(text);
    return readTokenizerFile(path)
      .then((file) => createTokenizer(file).encode('the cat'))
      .then(
        () => 'nothing',
        (error: unknown) => (error as { code?: string }).code ?? String(error),
      );
  };

  it('is found under the name of the model, in its folder, and above a folder of exports', async () => {
    const own = await mkdtemp(join(folder, 'find-'));
    await mkdir(join(own, 'onnx'));
    expect(await findTokenizer(join(own, 'onnx', 'model.onnx'))).toBeNull();
    await writeFile(join(own, 'tokenizer.json'), '{}');
    expect(await findTokenizer(join(own, 'onnx', 'model.onnx'))).toBe(join(own, 'tokenizer.json'));
    await writeFile(join(own, 'a.tokenizer.json'), '{}');
    expect(await findTokenizer(join(own, 'a.onnx'))).toBe(join(own, 'a.tokenizer.json'));
    expect(await findTokenizer(join(own, 'b.onnx'))).toBe(join(own, 'tokenizer.json'));
  });

  it('is refused by code where it is broken or of an unknown kind', async () => {
    expect(await failing('not json')).toBe('model/tokenizer-broken');
    expect(await failing('[]')).toBe('model/tokenizer-broken');
    expect(await failing('{"model": null}')).toBe('model/tokenizer-broken');
    expect(await failing(minimal({ type: 'WordPiece', vocab: { a: -1 } }))).toBe('model/tokenizer-broken');
    expect(await failing(minimal({ type: 'Unigram', vocab: { a: 1 } }))).toBe('model/tokenizer-broken');
    expect(await failing(minimal({ type: 'Morse', vocab: { a: 1 } }))).toBe('model/tokenizer-unsupported');
    expect(await failing(minimal(wordpiece, { pre_tokenizer: { type: 'Shredder' } }))).toBe(
      'model/tokenizer-unsupported',
    );
    expect(await failing(minimal(wordpiece, { truncation: { max_length: 0 } }))).toBe('model/tokenizer-broken');
    expect(await failing(minimal(wordpiece, { pre_tokenizer: { type: 'WhitespaceSplit' } }))).toBe('nothing');
  });

  it('takes limits, padding and names of classes from the files beside it, the smallest limit first', async () => {
    const path = await written(minimal(wordpiece, { truncation: { max_length: 128, direction: 'Left' } }));
    await writeFile(
      join(path, '..', 'tokenizer_config.json'),
      JSON.stringify({ model_max_length: 1e30, pad_token: { content: '[PAD]' }, padding_side: 'left' }),
    );
    await writeFile(
      join(path, '..', 'config.json'),
      JSON.stringify({
        model_type: 'roberta',
        pad_token_id: 1,
        max_position_embeddings: 66,
        id2label: { 1: 'good', 0: 'bad' },
      }),
    );
    const file = await readTokenizerFile(path);
    expect(file).toMatchObject({ maxTokens: 64, maxTokensFrom: 'config.json', padId: 3, padLeft: true });
    expect(file).toMatchObject({ truncateLeft: true, labels: ['bad', 'good'], model: 'WordPiece' });
    await writeFile(join(path, '..', 'config.json'), '{');
    await expect(readTokenizerFile(path)).rejects.toMatchObject({ code: 'model/tokenizer-broken' });
  });

  it('marks what is in no vocabulary, and takes an empty text', async () => {
    const file = await readTokenizerFile(
      await written(minimal(wordpiece, { pre_tokenizer: { type: 'WhitespaceSplit' } })),
    );
    const tokenizer = createTokenizer(file);
    expect(tokenizer.unknownId).toBe(0);
    expect(tokenizer.encode('the dog').ids).toEqual([1, 0]);
    expect(tokenizer.encode('').ids).toEqual([]);
    expect(tokenizer.vocabulary).toBe(4);
  });
});
