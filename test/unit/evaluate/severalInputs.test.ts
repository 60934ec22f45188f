import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pgd } from '../../../src/engine/attack/pgd';
import { square } from '../../../src/engine/attack/square';
import { createVerifier } from '../../../src/engine/attack/verify';
import { openDataset } from '../../../src/engine/data/open';
import { writeNpz } from '../../../src/engine/data/write';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { inspectModel, type OpenedModel, openModel } from '../../../src/engine/model';
import { floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  type ValueInfoProto,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { modelBytes } from '../../../src/engine/onnx/write';
import { Random } from '../../../src/engine/random';
import { readReport } from '../../../src/engine/report/store';

const [tokens, width, classes, count] = [5, 4, 3, 24];
const preprocess = { mean: [0], std: [1], layout: 'flat', channels: 'rgb' } as const;

/** A classifier of masked means with a bias for each example: three inputs, two float outputs. No token kept: 0/0. */
function masked(): Uint8Array {
  const integer = (info: ValueInfoProto): ValueInfoProto => {
    if (info.type?.value.case === 'tensorType') info.type.value.value.elemType = 7;
    return info;
  };
  const graph = create(GraphProtoSchema, {
    name: 'masked',
    input: [
      integer(floatValueInfo('mask', ['N', tokens])),
      floatValueInfo('embedding', ['N', tokens, width]),
      floatValueInfo('bias', ['N', classes]),
    ],
  });
  const b = new GraphBuilder(graph);
  const random = Random.of(1, 'masked');
  const weights = b.floats(
    Float32Array.from({ length: width * classes }, () => random.normal()),
    [width, classes],
  );
  const hidden = b.op('Tanh', [b.op('MatMul', ['embedding', weights])]);
  const kept = b.op('Unsqueeze', [b.op('Cast', ['mask'], { to: 1 }), b.ints([2])]);
  const sum = b.op('ReduceSum', [b.op('Mul', [hidden, kept]), b.ints([1])], { keepdims: 0 });
  const tokensKept = b.op('ReduceSum', [kept, b.ints([1])], { keepdims: 0 });
  b.named('Div', [sum, tokensKept], 'pooled');
  b.named('Add', ['pooled', 'bias'], 'scores');
  graph.output = ['pooled', 'scores'].map((name) => floatValueInfo(name, ['N', classes]));
  const proto = create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [create(OperatorSetIdProtoSchema, { version: 18n })],
  });
  return modelBytes(proto, graph);
}

let folder: string;
let model: string;
let data: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'several-'));
  model = path.join(folder, 'masked.onnx');
  data = path.join(folder, 'data.npz');
  await writeFile(model, masked());
  const random = Random.of(2, 'data');
  const mask = BigInt64Array.from({ length: count * tokens }, (_, i) => (i % tokens < 3 ? 1n : 0n));
  const embedding = Float32Array.from({ length: count * tokens * width }, () => random.normal());
  const bias = Float32Array.from({ length: count * classes }, () => 0.1 * random.normal());
  const arrays = {
    mask: { shape: [count, tokens], values: mask },
    embedding: { shape: [count, tokens, width], values: embedding },
    bias: { shape: [count, classes], values: bias },
  };
  await writeNpz(data, { ...arrays, y: { shape: [count], values: new Int32Array(count) } });
  // Labels are what the model says, so that every example is right.
  const { opened, x } = await open({ perturb: ['embedding'] });
  const scores = await opened.original.predict(x);
  await opened.release();
  const y = Int32Array.from({ length: count }, (_, i) => {
    const row = scores.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
  await writeNpz(data, { ...arrays, y: { shape: [count], values: y } });
});
afterAll(() => rm(folder, { recursive: true }));

async function open({
  perturb,
}: {
  perturb: string[];
}): Promise<{ opened: OpenedModel; x: Float32Array; y: Int32Array; free: number }> {
  const inputs = { mask: 'mask', embedding: 'embedding', bias: 'bias' };
  const dataset = await openDataset({ path: data, inputs, perturb }, folder);
  const opened = await openModel(model, {
    preprocess,
    exampleShape: dataset.shape,
    kind: dataset.kind,
    record: dataset.record!,
    output: 'scores',
  });
  for await (const batch of dataset.batches(count)) return { opened, ...batch, free: dataset.record!.free };
  throw new Error('no data');
}

describe('a model with several inputs', () => {
  it('gives the same scores by the record as by its own inputs', async () => {
    const { opened, x } = await open({ perturb: ['embedding'] });
    const [ours, file] = [await opened.oracle.logits(x), await opened.original.predict(x)];
    for (const [i, score] of ours.entries()) expect(score).toBeCloseTo(file[i]!, 5);
    await opened.release();
  });

  it('is tried, where there are no data, on a mask that keeps something', async () => {
    const { facts } = await inspectModel(model, 'scores');
    expect(facts.batch).toBe('dynamic');
    expect(facts.gradient.available).toBe(true);
  });

  it('has a gradient for what is perturbed, and none for what is passed through', async () => {
    for (const perturb of [['embedding'], ['bias'], ['embedding', 'bias']]) {
      const { opened, x, y, free } = await open({ perturb });
      const size = opened.oracle.exampleSize;
      const { gradient } = await opened.oracle.gradient(x.slice(0, size), y.slice(0, 1), 'margin');
      expect(gradient.slice(free).every((g) => g === 0)).toBe(true);
      for (let i = 0; i < free; i += 3) {
        const at = async (step: number) => {
          const moved = x.slice(0, size);
          moved[i]! += step;
          return (await opened.oracle.gradient(moved, y.slice(0, 1), 'margin')).loss[0]!;
        };
        expect(gradient[i]).toBeCloseTo(((await at(1e-2)) - (await at(-1e-2))) / 2e-2, 2);
      }
      await opened.release();
    }
  });

  it.each([
    ['linf' as const, 0.6],
    ['l2' as const, 2],
  ])('is attacked in %s where it may be, and the verifier sees that nothing else moved', async (norm, epsilon) => {
    const { opened, x, y, free } = await open({ perturb: ['embedding'] });
    const { oracle, original } = opened;
    const size = oracle.exampleSize;
    const threat = { norm, epsilon, bounds: null };
    const verifier = createVerifier({ predict: original.predict, classes, exampleSize: size, free });
    const request = { oracle, x, y, indices: Int32Array.from(y.keys()), threat, seed: 0 };
    for (const attack of [pgd, square]) {
      const { adversarial } = await attack.run({ ...request, budget: { iterations: 20, restarts: 1, queries: 200 } });
      const { confirmed } = await verifier.confirm({ x, adversarial, y, threat });
      expect(confirmed.reduce((a, b) => a + b, 0)).toBeGreaterThan(3);
      for (let i = 0; i < x.length; i++) {
        if (i % size >= free) expect(adversarial[i]).toBe(x[i]);
      }
      adversarial[size - 1]! += 0.01;
      const tampered = await verifier.confirm({ x, adversarial, y, threat });
      expect(tampered.reasons[0]).toBe('an input that is passed through was changed');
    }
    await opened.release();
  });

  it('is evaluated with its inputs matched to arrays by name', async () => {
    const specPath = path.join(folder, 'robustness.json');
    const spec = {
      model: 'masked.onnx',
      output: 'scores',
      data: { test: { path: 'data.npz', perturb: ['embedding'] } },
      threatModels: [{ name: 'linf', norm: 'linf', epsilon: 0.6, suite: 'quick' }],
      seed: 0,
    };
    await writeFile(specPath, JSON.stringify(spec));
    const { reportPaths } = await evaluate({ specPath });
    const report = await readReport(reportPaths[0]!);
    expect(report.clean?.accuracy.value).toBe(1);
    expect(report.threatModels[0]?.robustAccuracy?.value).toBeLessThan(0.9);
    expect(report.model.inputs.map(({ name }) => name)).toEqual(['mask', 'embedding', 'bias']);
  });

  it('says what is wrong with inputs that do not fit', async () => {
    const dataset = (inputs: Record<string, string>, perturb?: string[]) =>
      openDataset({ path: data, inputs, ...(perturb ? { perturb } : {}) }, folder);
    await expect(dataset({ mask: 'nothing' })).rejects.toMatchObject({ code: 'data/no-such-array' });
    await expect(dataset({ mask: 'mask' })).rejects.toMatchObject({ code: 'data/nothing-to-perturb' });
    await expect(dataset({ mask: 'mask' }, ['bias'])).rejects.toMatchObject({ code: 'data/nothing-to-perturb' });
    const opening = async (inputs: Record<string, string>, perturb: string[], output = 'scores') => {
      const { shape, kind, record } = await dataset(inputs, perturb);
      return openModel(model, { preprocess, exampleShape: shape, kind, record: record!, output });
    };
    const all = { mask: 'mask', embedding: 'embedding', bias: 'bias' };
    await expect(opening({ mask: 'mask', bias: 'bias' }, ['bias'])).rejects.toMatchObject({ code: 'model/inputs' });
    await expect(opening({ ...all, bias: 'embedding' }, ['bias'])).rejects.toMatchObject({ code: 'model/inputs' });
    await expect(opening(all, ['mask'])).rejects.toMatchObject({ code: 'model/inputs' });
    await expect(opening(all, ['bias'], 'none')).rejects.toMatchObject({ code: 'model/no-scores' });
  });
});
