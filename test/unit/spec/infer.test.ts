import { describe, expect, it } from 'vitest';
import { RobustnessError } from '../../../src/engine/error';
import { type InferRequest, inferSpec } from '../../../src/engine/spec/infer';
import { imageInput, possibleLayouts } from '../../../src/engine/spec/modelInput';
import type { Preprocess } from '../../../src/engine/spec/schema';

const cifar = { kind: 'image', shape: [3, 32, 32], unit: 255 } as const;
const plain: Preprocess = { mean: [0], std: [1], layout: 'nchw', channels: 'rgb' };
const key = (p: Preprocess) => `${p.mean.join()}|${p.std.join()}|${p.layout}|${p.channels}`;

function request(accuracyOf: (p: Preprocess) => number, more: Partial<InferRequest> = {}): InferRequest {
  return {
    modelPath: 'm.onnx',
    input: { shape: ['N', 3, 32, 32] },
    dataset: cifar,
    accuracyOf: async (p) => accuracyOf(p),
    examples: 100,
    classes: 10,
    ...more,
  };
}

describe('inferring pre-processing', () => {
  it('finds each common one when it is the one that fits', async () => {
    const all = (await inferSpec(request(() => 0.1))).tried.map((each) => each.preprocess);
    expect(all.length).toBeGreaterThanOrEqual(14);
    expect(new Set(all.map(key)).size).toBe(all.length);
    for (const right of all) {
      const found = await inferSpec(request((p) => (key(p) === key(right) ? 0.8 : 0.3)));
      expect(found.preprocess).toEqual(right);
      expect(found).toMatchObject({ accuracy: 0.8, atChance: false });
    }
  });

  it('says when nothing fits', async () => {
    const found = await inferSpec(request(() => 0.12));
    expect(found.atChance).toBe(true);
    expect(found.message).toMatch(/no better than guessing among 10 classes/);
  });

  it('counts chance by the number of examples', async () => {
    expect((await inferSpec(request(() => 0.16, { examples: 50 }))).atChance).toBe(true);
    expect((await inferSpec(request(() => 0.16, { examples: 1000 }))).atChance).toBe(false);
  });

  it('keeps what is stated when it ties, and when it is merely a little worse', async () => {
    const stated: Preprocess = { ...plain, channels: 'bgr' };
    expect((await inferSpec(request(() => 0.7, { stated }))).preprocess).toEqual(stated);
    const close = await inferSpec(request((p) => (key(p) === key(stated) ? 0.7 : 0.75), { stated }));
    expect(close.preprocess).toEqual(stated);
    expect(close.message).not.toContain('check');
    // The stated one is not tried twice.
    expect(close.tried.filter((each) => key(each.preprocess) === key(stated))).toHaveLength(1);
    const worse = await inferSpec(request((p) => (key(p) === key(stated) ? 0.4 : 0.9), { stated }));
    expect(worse.preprocess).toEqual(stated);
    expect(worse.message).toMatch(/check `preprocess`/);
  });

  it('proposes another when the stated one is at chance', async () => {
    const found = await inferSpec(
      request((p) => (p.layout === 'nchw' && p.std[0] === 1 / 255 ? 0.9 : 0.1), { stated: plain }),
    );
    expect(found).toMatchObject({ accuracy: 0.9, atChance: false });
    expect(found.preprocess.std).toEqual([1 / 255]);
    expect(found.message).toMatch(/stated pre-processing the model guesses .* proposed/);
  });

  it('prefers the likelier of two that the sample cannot tell apart', async () => {
    const found = await inferSpec(
      request((p) => (p.std[0] === 1 / 255 ? 1 : p.std[0] === 1 ? 0.99 : 0.2), {
        dataset: { ...cifar, shape: [1, 28, 28] },
      }),
    );
    expect(found.preprocess.std).toEqual([1]);
    expect(found.message).toContain('does not tell it from “raw values');
  });

  it('skips layouts that the model refuses, and hides nothing else', async () => {
    const refuse = (p: Preprocess) => {
      if (p.layout === 'nchw') throw new RobustnessError('model/input-mismatch', 'm', 'h');
      return 0.9;
    };
    const shape = ['N', 'a', 'b', 'c'];
    expect((await inferSpec(request(refuse, { input: { shape } }))).preprocess.layout).toBe('nhwc');
    await expect(inferSpec(request(refuse))).rejects.toMatchObject({ code: 'model/input-mismatch' });
    const broken = () => {
      throw new Error('out of memory');
    };
    await expect(inferSpec(request(broken))).rejects.toThrow('out of memory');
  });

  it('gives vectors as they are', async () => {
    const found = await inferSpec(
      request(() => 0.9, { dataset: { kind: 'vector', shape: [4], unit: 1 }, input: { shape: ['N', 4] }, classes: 3 }),
    );
    expect(found.tried).toHaveLength(1);
    expect(found.preprocess).toEqual({ mean: [0], std: [1], layout: 'flat', channels: 'rgb' });
  });
});

describe('the input of a model', () => {
  it('is an image when its sizes say so', () => {
    expect(imageInput([1, 3, 48, 48])).toEqual({ layout: 'nchw', channels: 3, height: 48, width: 48 });
    expect(imageInput(['N', 48, 40, 3])).toEqual({ layout: 'nhwc', channels: 3, height: 48, width: 40 });
    for (const shape of [
      [1, 784],
      [1, 1, 1, 784],
      ['N', 'C', 'H', 'W'],
      [1, 5, 6, 7],
    ])
      expect(imageInput(shape)).toBeNull();
  });

  it('permits several layouts when it does not tell', () => {
    expect(possibleLayouts(['N', 'a', 'b', 'c'], 'image', [3, 32, 32])).toEqual(['nchw', 'nhwc']);
    expect(possibleLayouts([1, 3072], 'image', [3, 32, 32])).toEqual(['flat', 'nhwc']);
  });
});
