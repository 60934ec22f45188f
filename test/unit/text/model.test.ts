import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inspectModel, type OpenedModel } from '../../../src/engine/model';
import { encodeText } from '../../../src/engine/text/codePoints';
import { describeText } from '../../../src/engine/text/describe';
import { openText } from '../../../src/engine/text/open';
import { type TinyOptions, tinyText } from './tinyText';

const width = 400;
const texts = [
  '',
  'The fox.',
  'seven wizards quietly measure robust classifiers',
  `naïve café 日本 ${'the quick brown fox '.repeat(14)}`,
];
const points = (some: readonly string[]) => {
  const x = new Float32Array(some.length * width);
  some.forEach((text, i) => void encodeText(text, x.subarray(i * width, (i + 1) * width)));
  return x;
};

const made: OpenedModel[] = [];
const folders: string[] = [];
afterAll(async () => {
  for (const model of made) await model.release();
  for (const folder of folders) await rm(folder, { recursive: true });
});
async function path(options: TinyOptions = {}): Promise<string> {
  const found = await tinyText(options);
  folders.push(dirname(found));
  return found;
}
async function opened(options: TinyOptions = {}): Promise<OpenedModel> {
  const model = await openText(await describeText(await path(options)), { width, countClasses: async () => 3 });
  made.push(model);
  return model;
}
const near = (a: Float32Array, b: Float32Array, tolerance = 1e-5) => {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < a.length; i++) expect(Math.abs(a[i]! - b[i]!), `number ${i}`).toBeLessThan(tolerance);
};

describe('a model of texts', () => {
  it.each([
    [{}, 'dynamic'],
    [{ inputs: ['input_ids', 'attention_mask', 'token_type_ids'], type: 'int32' }, 'dynamic'],
    [{ inputs: ['attention_mask', 'position_ids', 'input_ids'], tokenizer: 'bpe' }, 'dynamic'],
    // Without a mask padding counts, so only texts of one length share a run.
    [{ inputs: ['input_ids'], tokenizer: 'unigram' }, 'dynamic'],
    [{ shape: ['N', 24] }, 'dynamic'],
    [{ shape: [1, 24] }, 'fixed-1'],
    [{ shape: [4, 'T'] }, 'dynamic'],
  ] as [TinyOptions, string][])(
    'gives the same in batches as the file gives for one text: %j',
    async (options, batch) => {
      const { oracle, original, facts } = await opened(options);
      expect(facts.batch).toBe(batch);
      expect(oracle.exampleSize).toBe(width);
      const own = await oracle.logits(points(texts));
      near(own, await original.predict(points(texts)));
      // The order of the texts decides who shares a batch, and nothing else.
      const turned = await oracle.logits(points(texts.toReversed()));
      near(own.subarray(0, 3), turned.subarray(9));
      expect(new Set([...own].map((value) => value.toFixed(3))).size).toBeGreaterThan(6);
      expect(oracle.counts.forwards).toBe(2 * texts.length);
    },
  );

  it('shows attacks what goes into a last softmax or sigmoid, and the verifier what comes out', async () => {
    const { oracle, original, facts } = await opened({ head: 'softmax' });
    expect(facts.bypassed).toBe('Softmax');
    const [logits, shares] = [await oracle.logits(points(texts)), await original.predict(points(texts))];
    for (let i = 0; i < texts.length; i++) {
      const row = logits.subarray(3 * i, 3 * i + 3).map(Math.exp);
      const sum = row.reduce((total, value) => total + value, 0);
      near(
        row.map((value) => value / sum),
        shares.subarray(3 * i, 3 * i + 3),
      );
    }
    const one = await opened({ head: 'sigmoid' });
    expect([one.facts.bypassed, one.oracle.classes]).toEqual(['Sigmoid', 2]);
    const [units, halves] = [await one.oracle.logits(points(texts)), await one.original.predict(points(texts))];
    for (let i = 0; i < texts.length; i++) {
      expect(units[2 * i]).toBe(0);
      expect(halves[2 * i + 1]).toBeCloseTo(1 / (1 + Math.exp(-units[2 * i + 1]!)), 5);
      expect(halves[2 * i]! + halves[2 * i + 1]!).toBeCloseTo(1, 6);
    }
  });

  it('that returns labels is one of labels alone', async () => {
    const { oracle, original, facts } = await opened({ head: 'labels' });
    expect([facts.labelsOnly, oracle.labelsOnly]).toEqual([true, true]);
    const rows = await oracle.logits(points(texts));
    expect([...rows].every((value) => value === 0 || value === 1)).toBe(true);
    expect(rows.reduce((sum, value) => sum + value, 0)).toBe(texts.length);
    near(rows, await original.predict(points(texts)));
  });

  it('has no gradient, by name', async () => {
    const { oracle, facts } = await opened();
    expect(oracle.differentiable).toBe(false);
    expect(facts.gradient).toMatchObject({ available: false, unavailable: ['Tokenizer'] });
    expect(facts.gradient.reasons).toEqual({ Tokenizer: 'characters are discrete' });
    expect(() => oracle.gradient(points(['a']), Int32Array.of(0), 'ce')).toThrow('discrete');
  });

  it('is inspected with or without its tokenizer', async () => {
    const { text, facts, operators } = await inspectModel(await path({ tokenizer: 'bpe' }));
    expect(text?.tokenizer).toMatchObject({ kind: 'BPE', maxTokens: null });
    expect(text?.inputs).toEqual({ ids: 'input_ids', mask: 'attention_mask', types: null, positions: null });
    expect(facts.inputs.map(({ name }) => name)).toEqual(['input_ids', 'attention_mask']);
    expect(operators.map(({ name }) => name)).toContain('Gather');
    expect((await inspectModel(await path({ tokenizer: null }))).text?.tokenizer).toBeNull();
    expect((await inspectModel('test/fixtures/tiny/tiny.onnx')).text).toBeUndefined();
  });

  it('is refused by code without a tokenizer, with that of another model, and with inputs of unknown meaning', async () => {
    await expect(path({ tokenizer: null }).then(describeText)).rejects.toMatchObject({ code: 'model/no-tokenizer' });
    await expect(opened({ entries: 40 })).rejects.toMatchObject({ code: 'model/tokenizer-mismatch' });
    await expect(path({ inputs: ['input_ids', 'other'] }).then(describeText)).rejects.toMatchObject({
      code: 'model/text-inputs',
    });
    await expect(inspectModel(await path({ inputs: ['input_ids', 'other'] }))).rejects.toMatchObject({
      code: 'model/inputs',
    });
    await expect(describeText('test/fixtures/tiny/tiny.onnx')).rejects.toMatchObject({ code: 'model/text-inputs' });
  });
});
