import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { beforeAll, describe, expect, it } from 'vitest';
import { pgd } from '../../../src/engine/attack/pgd';
import { square } from '../../../src/engine/attack/square';
import type { Attack } from '../../../src/engine/attack/types';
import { createVerifier } from '../../../src/engine/attack/verify';
import { openDataset } from '../../../src/engine/data/open';
import { inspectModel, type OpenedModel, openModel } from '../../../src/engine/model';
import { ModelProtoSchema } from '../../../src/engine/onnx/generated/onnx_pb';
import { prunedTo } from '../../../src/engine/onnx/prune';
import { withoutZipMap } from '../../../src/engine/onnx/zipMap';

const root = path.resolve(import.meta.dirname, '../../..');
const file = (name: string) => path.join(root, 'test/fixtures/classical', `${name}.onnx`);
const features = 4;
let x: Float32Array;
let y: Int32Array;

beforeAll(async () => {
  const data = await openDataset({ path: 'iris.csv', labels: 'species' }, path.join(root, 'test/fixtures/tiny'), {});
  for await (const batch of data.batches(50)) [x, y] = [batch.x.slice(), batch.y.slice()];
  await data.close();
});

const open = (name: string) =>
  openModel(file(name), {
    preprocess: { mean: [0], std: [1], layout: 'flat', channels: 'rgb' },
    exampleShape: [features],
    kind: 'vector',
    threads: 1,
  });

const highest = (scores: Float32Array, classes: number) =>
  Array.from({ length: scores.length / classes }, (_, i) => {
    const row = scores.subarray(classes * i, classes * (i + 1));
    return row.indexOf(Math.max(...row));
  });

async function broken(model: OpenedModel, attack: Attack) {
  const { oracle, original } = model;
  const file = highest(await original.predict(x), 3);
  const right = Int32Array.from([...y.keys()].filter((i) => file[i] === y[i]));
  const own = Float32Array.from([...right].flatMap((i) => [...x.subarray(features * i, features * (i + 1))]));
  const labels = Int32Array.from(right, (i) => y[i]!);
  const threat = { norm: 'linf', epsilon: 0.5, bounds: [0, 8] } as const;
  const budget = { iterations: 100, restarts: 1, queries: 100 };
  const result = await attack.run({ oracle, x: own, y: labels, indices: right, threat, budget, seed: 0 });
  const verifier = createVerifier({ predict: (z) => original.predict(z), classes: 3, exampleSize: features });
  const { confirmed } = await verifier.confirm({ x: own, adversarial: result.adversarial, y: labels, threat });
  return {
    right: right.length,
    confirmed: confirmed.reduce((a, b) => a + b, 0),
    claimed: result.success.reduce((a, b) => a + b, 0),
  };
}

describe('classical models of ai.onnx.ml', () => {
  it.each([
    ['forest', 'ai.onnx.ml:TreeEnsembleClassifier'],
    ['forest-tensor', 'ai.onnx.ml:TreeEnsembleClassifier'],
    ['boosting', 'ai.onnx.ml:TreeEnsembleClassifier'],
    ['svm', 'ai.onnx.ml:SVMClassifier'],
  ])(
    '%s: no gradient through %s, by name; a score-based attack breaks examples, as verified',
    async (name, operator) => {
      const model = await open(name);
      try {
        expect(model.oracle.differentiable).toBe(false);
        expect(model.facts.gradient.unavailable).toContain(operator);
        const { right, confirmed, claimed } = await broken(model, square);
        expect(right).toBeGreaterThanOrEqual(47);
        expect(confirmed).toBeGreaterThan(5);
        expect(confirmed).toBe(claimed);
      } finally {
        await model.release();
      }
    },
  );

  it.each(['logistic', 'logistic-tensor', 'logistic-scaled', 'logistic-normalised'])(
    '%s: the gradient of the loss is that of central differences, and PGD goes along it',
    async (name) => {
      const model = await open(name);
      try {
        expect(model.facts.gradient).toMatchObject({ available: true, unavailable: [], straightThrough: [] });
        expect(model.facts.bypassed).toBe('Softmax');
        const { oracle } = model;
        const { gradient } = await oracle.gradient(x, y, 'ce');
        const step = 1e-2;
        for (let feature = 0; feature < features; feature++) {
          const moved = (sign: number) => x.map((v, i) => (i % features === feature ? v + sign * step : v));
          const above = await oracle.gradient(moved(1), y, 'ce');
          const below = await oracle.gradient(moved(-1), y, 'ce');
          for (const i of y.keys()) {
            const difference = (above.loss[i]! - below.loss[i]!) / (2 * step);
            expect(gradient[features * i + feature]!).toBeCloseTo(difference, 2);
          }
        }
        const [white, black] = [await broken(model, pgd), await broken(model, square)];
        // In four dimensions a search of corners finds an example or two that fixed steps do not.
        expect(white.confirmed).toBeGreaterThan(0.9 * black.confirmed);
        expect(white.confirmed).toBeGreaterThan(5);
      } finally {
        await model.release();
      }
    },
  );

  it('differentiates a model of two classes behind its Sigmoid', async () => {
    const model = await open('logistic-binary');
    try {
      expect(model.facts).toMatchObject({ bypassed: 'Sigmoid', gradient: { available: true } });
      expect(model.oracle.classes).toBe(2);
      expect(highest(await model.oracle.logits(x), 2)).toEqual(highest(await model.original.predict(x), 2));
    } finally {
      await model.release();
    }
  });

  it('says that maps were cut off, for the verifier too, and gives what the tensor of scores gives', async () => {
    const [zipped, tensor] = [await open('forest'), await open('forest-tensor')];
    try {
      expect(zipped.facts.cutOff).toEqual(['ai.onnx.ml:ZipMap']);
      expect(zipped.facts.outputs.map(({ name }) => name)).toEqual(['output_label', 'output_probability']);
      expect(tensor.facts.cutOff).toBeUndefined();
      expect(await zipped.original.predict(x)).toEqual(await tensor.original.predict(x));
    } finally {
      await zipped.release();
      await tensor.release();
    }
  });

  it('are inspected operator by operator, those that were taken apart too', async () => {
    const { operators } = await inspectModel(file('logistic'));
    const gradients = Object.fromEntries(operators.map(({ name, gradient }) => [name, gradient]));
    expect(gradients).toMatchObject({
      'ai.onnx.ml:LinearClassifier': 'exact',
      'ai.onnx.ml:Scaler': 'exact',
      'ai.onnx.ml:ZipMap': 'not on the path',
    });
  });
});

describe('what is cut off a graph', () => {
  const read = async (name: string) => {
    const proto = fromBinary(ModelProtoSchema, await readFile(file(name)));
    return Object.assign(proto, { graph: proto.graph! });
  };

  it('is the maps at its end and nothing else', async () => {
    const proto = await read('forest');
    const before = proto.graph.node.map(({ opType }) => opType);
    const cut = withoutZipMap(proto)!;
    expect(cut.scores).toEqual(['probabilities']);
    expect(cut.proto.graph.node.map(({ opType }) => opType)).toEqual(before.filter((type) => type !== 'ZipMap'));
    expect(cut.proto.graph.output.map(({ name }) => name)).toEqual(['output_label', 'probabilities']);
    // The model as it was read is another object, and stays.
    expect(proto.graph.node.map(({ opType }) => opType)).toEqual(before);
    expect(withoutZipMap(await read('forest-tensor'))).toBeUndefined();
  });

  it('is what an output does not need', async () => {
    const { graph } = await read('svm');
    const scores = prunedTo(graph, 'probabilities');
    expect(scores.output.map(({ name }) => name)).toEqual(['probabilities']);
    const label = prunedTo(graph, 'label');
    expect(label.node.length).toBeLessThan(scores.node.length);
    expect(label.node.map(({ opType }) => opType)).toEqual(['Scaler', 'SVMClassifier']);
    expect(prunedTo(scores, 'probabilities')).toBe(scores);
  });
});
