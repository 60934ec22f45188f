import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { differentiate } from '../../../src/engine/gradient/differentiate';
import { floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import { Constants } from '../../../src/engine/onnx/constants';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  ValueInfoProtoSchema,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { observe } from '../../../src/engine/onnx/observe';
import { modelBytes } from '../../../src/engine/onnx/write';
import { Random } from '../../../src/engine/random';
import { createSession, floats } from '../../../src/engine/runtime';

const example = [4, 3];
const batch = 5;
type Graph = (b: GraphBuilder) => string;

const vector = (b: GraphBuilder, ...v: number[]) => b.floats(v);
const reduced =
  (name: string, axes: readonly number[], keepdims: number): Graph =>
  (b) =>
    b.op(name, ['x', b.ints(axes)], { keepdims });

/** Reductions and normalisations with the batch among what is reduced, in front of it, or behind it: x is [N, 4, 3]. */
const graphs: Readonly<Record<string, Graph>> = {
  ...Object.fromEntries(
    ['ReduceSum', 'ReduceMean', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceProd'].flatMap((name) => [
      [`${name} over the batch`, reduced(name, [0], 0)],
      [`${name} over the batch and behind it`, reduced(name, [0, -1], 1)],
      [`${name} behind the batch`, reduced(name, [-2], 0)],
    ]),
  ),
  'batch normalisation': (b) => {
    const statistics = [vector(b, 0.1, -0.2, 0.3, 0), vector(b, 1, 2, 0.5, 1.5)];
    return b.op('BatchNormalization', ['x', vector(b, 1, 2, 3, 4), vector(b, 0, 1, 0, 1), ...statistics]);
  },
  'group normalisation': (b) =>
    b.op('GroupNormalization', ['x', vector(b, 1, 2, 3, 4), vector(b, 0, 1, 0, 1)], { num_groups: 2 }),
  'layer normalisation': (b) => b.op('LayerNormalization', ['x', vector(b, 1, 2, 3)], { axis: -1 }),
  'instance normalisation': (b) => b.op('InstanceNormalization', ['x', vector(b, 1, 2, 3, 4), vector(b, 0, 1, 0, 1)]),
  'mean and variance over the batch': (b) => b.op('MeanVarianceNormalization', ['x'], { axes: [0, 2] }),
  'local response': (b) => b.op('LRN', [b.op('Unsqueeze', ['x', b.ints([3])])], { size: 3 }),
  'products along the batch': (b) => b.op('CumProd', ['x', b.intScalar(0)]),
  'a mean loss': (b) => {
    const labels = b.op('ArgMin', ['x'], { axis: 1, keepdims: 0 });
    return b.op('SoftmaxCrossEntropyLoss', ['x', labels], { reduction: 'mean' });
  },
  'a divisor for each example': (b) => b.op('Div', ['x', b.op('ReduceSum', ['x', b.ints([1, 2])], { keepdims: 1 })]),
};

/** The gradient of Σ seed ⊙ y at a batch that was not observed, by rule and by central differences. */
async function compare(make: Graph, seeds: number | null) {
  const graph = create(GraphProtoSchema, { name: 'batch', input: [floatValueInfo('x', ['N', ...example])] });
  const builder = new GraphBuilder(graph);
  const y = make(builder);
  const model = create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [create(OperatorSetIdProtoSchema, { version: 26n })],
  });
  const point = (n: number) => {
    const random = Random.of(n, 'moving');
    return floats(
      Float32Array.from({ length: n * 12 }, () => random.between(0.3, 2)),
      [n, ...example],
    );
  };
  const observation = await observe(model, graph, (n) => ({ x: point(n) }), [2, 3]);
  const dims = observation.shape(y)!.map((dim) => dim ?? batch);
  const lead = seeds === null ? [] : [seeds];
  graph.input.push(floatValueInfo('seed', [...lead, ...dims]));
  graph.output = [create(ValueInfoProtoSchema, { name: y })];
  const forward = await createSession(modelBytes(model, graph), { optimization: 'disabled', threads: 1 });
  const result = differentiate({
    builder,
    observation,
    constants: new Constants(graph),
    from: ['x'],
    arriving: new Map([[y, 'seed']]),
    ...(seeds === null ? {} : { seeds }),
  });
  graph.output = [create(ValueInfoProtoSchema, { name: result.get('x')! })];
  const backward = await createSession(modelBytes(model, graph), { threads: 1 });
  const x = point(batch);
  const size = dims.reduce((a, dim) => a * dim, 1);
  const seed = Float32Array.from({ length: (seeds ?? 1) * size }, (_, i) => Math.sin(1.7 * i + 0.3) + 0.2);
  const fed = floats(seed, [...lead, ...dims]);
  try {
    const gradient = Object.values(await backward.run({ x, seed: fed }))[0]!;
    const differences: number[] = [];
    const data = x.data as Float32Array;
    for (let k = 0; k < (seeds ?? 1); k++) {
      for (let i = 0; i < data.length; i++) {
        const at = async (step: number) => {
          const moved = data.slice();
          moved[i] = moved[i]! + step;
          const out = (await forward.run({ x: floats(moved, x.dims), seed: fed }, [y]))[y]!.data as Float32Array;
          return out.reduce((sum, value, j) => sum + value * seed[k * size + j]!, 0);
        };
        differences.push(((await at(5e-3)) - (await at(-5e-3))) / 1e-2);
      }
    }
    return { dims: gradient.dims, gradient: Array.from(gradient.data as Float32Array), differences };
  } finally {
    await forward.release();
    await backward.release();
  }
}

describe('a batch that was not observed', () => {
  for (const seeds of [null, 2]) {
    it.each(Object.keys(graphs))(`%s, ${seeds ?? 'no'} seeds`, async (name) => {
      const { dims, gradient, differences } = await compare(graphs[name]!, seeds);
      expect(dims).toEqual([...(seeds === null ? [] : [seeds]), batch, ...example]);
      const distance = Math.hypot(...gradient.map((g, i) => g - differences[i]!));
      expect(distance / Math.hypot(...differences)).toBeLessThan(0.01);
    });
  }
});
