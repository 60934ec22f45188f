import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModel } from '../../../../src/engine/model';
import { attributeProto } from '../../../../src/engine/onnx/attribute';
import { exampleShape } from '../../../../src/engine/onnx/batch';
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
} from '../../../../src/engine/onnx/generated/onnx_pb';
import { classifierBorder, graphFacts } from '../../../../src/engine/onnx/inspect';
import { floatTolerance, otherFloats, widenFloats } from '../../../../src/engine/onnx/lower/floatWidth';
import { type LoadedModel, readModel } from '../../../../src/engine/onnx/read';
import {
  floatToHalf,
  halfToFloat,
  halvesToFloats,
  toConstant,
  toTensorProto,
} from '../../../../src/engine/onnx/tensor';
import { upgradeGraph } from '../../../../src/engine/onnx/upgrade';
import { modelBytes } from '../../../../src/engine/onnx/write';
import { Random } from '../../../../src/engine/random';
import { createSession, floats } from '../../../../src/engine/runtime';
import { materialAvailable, materialRoot } from '../../material';
import { bytesOf, TestModel, wave } from '../model';
import { transformer } from './transformer';

const { FLOAT, FLOAT16, BFLOAT16, DOUBLE, INT64 } = TensorProto_DataType;
type Other = typeof FLOAT16 | typeof DOUBLE;

/** A float32 model as one of another width: borders, weights and casts, as converters write it. */
function converted(model: LoadedModel, to: Other, keepBorder = false): LoadedModel {
  const graph = upgradeGraph(model.proto.graph, Number(model.proto.opsetImport[0]!.version));
  const info = (value: ValueInfoProto) => {
    const type = value.type?.value;
    if (type?.case === 'tensorType' && type.value.elemType === FLOAT) type.value.elemType = to;
    return value;
  };
  const copy = toCopy(graph);
  copy.initializer = copy.initializer.map((tensor) => narrowed(tensor, to));
  for (const node of copy.node) {
    for (const attribute of node.attribute) {
      if (node.opType === 'Cast' && attribute.i === BigInt(FLOAT)) attribute.i = BigInt(to);
      if (attribute.t) attribute.t = narrowed(attribute.t, to);
    }
  }
  if (!keepBorder) {
    copy.input = copy.input.map(info);
    copy.output = copy.output.map(info);
  } else {
    // Casts at the border, which float16 converters call keep_io_types.
    const [x, y] = [copy.input[0]!.name, copy.output[0]!.name];
    const cast = (input: string, output: string, type: number) =>
      create(NodeProtoSchema, {
        opType: 'Cast',
        input: [input],
        output: [output],
        attribute: [attributeProto('to', type)],
      });
    for (const node of copy.node) {
      node.input = node.input.map((name) => (name === x ? 'x_inside' : name));
      node.output = node.output.map((name) => (name === y ? 'y_inside' : name));
    }
    copy.node = [cast(x, 'x_inside', to), ...copy.node, cast('y_inside', y, FLOAT)];
  }
  const proto = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 18n }],
    graph: copy,
  }) as ModelProto & { graph: GraphProto };
  return { ...model, proto };
}

const toCopy = (graph: GraphProto) =>
  create(GraphProtoSchema, {
    name: graph.name,
    input: structuredClone(graph.input),
    output: structuredClone(graph.output),
    initializer: graph.initializer,
    node: graph.node.map((node) =>
      create(NodeProtoSchema, { ...node, input: [...node.input], attribute: structuredClone(node.attribute) }),
    ),
  });

function narrowed(tensor: TensorProto, to: Other): TensorProto {
  if (tensor.dataType !== FLOAT) return tensor;
  const values = toConstant(tensor)!.data as Float32Array;
  const data = to === FLOAT16 ? Uint16Array.from(values, floatToHalf) : Float64Array.from(values);
  return create(TensorProtoSchema, {
    name: tensor.name,
    dataType: to,
    dims: tensor.dims,
    rawData: new Uint8Array(data.buffer),
  });
}

/** The float32 model with the weights that a conversion leaves. */
function rounded(model: LoadedModel, to: Other): LoadedModel {
  const graph = toCopy(upgradeGraph(model.proto.graph, Number(model.proto.opsetImport[0]!.version)));
  graph.initializer = graph.initializer.map((tensor) => {
    if (tensor.dataType !== FLOAT) return tensor;
    const { dims, data } = toConstant(narrowed(tensor, to))!;
    return toTensorProto(tensor.name, { type: 'float32', dims, data: Float32Array.from(data as Float32Array) });
  });
  const opsetImport = [{ domain: '', version: 18n }];
  const proto = create(ModelProtoSchema, { irVersion: 8n, opsetImport, graph }) as LoadedModel['proto'];
  return { ...model, proto };
}

const mlp = () => {
  const m = new TestModel(['N', 6]);
  const W = m.builder.floats(wave(48), [6, 8]);
  const V = m.builder.floats(wave(24, 1), [8, 3]);
  return m.finish(m.op('MatMul', [m.op('Tanh', [m.op('MatMul', ['x', W])]), V]), ['N', 3], 18);
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'widths-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function open(model: LoadedModel, name: string) {
  const file = path.join(folder, `${name}.onnx`);
  await writeFile(file, bytesOf(model));
  const { input } = classifierBorder(graphFacts(await readModel(file)));
  const preprocess = { mean: [0], std: [1], layout: 'flat', channels: 'rgb' } as const;
  return openModel(file, { preprocess, exampleShape: exampleShape(input), kind: 'vector', threads: 1 });
}

/** Cosines between the gradients of a model and of its conversion, and the status of the latter. */
async function compare(model: LoadedModel, other: LoadedModel) {
  const [one, two] = [await open(model, 'one'), await open(other, 'two')];
  try {
    const size = one.oracle.exampleSize;
    const random = Random.of(4, 'widths');
    const x = Float32Array.from({ length: 2 * size }, () => random.uniform());
    const y = Int32Array.of(0, 1);
    const a = (await one.oracle.gradient(x, y, 'margin')).gradient;
    const b = (await two.oracle.gradient(x, y, 'margin')).gradient;
    const dot = (p: Float32Array, q: Float32Array) => p.reduce((sum, v, i) => sum + v * q[i]!, 0);
    return { cosine: dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)), facts: two.facts };
  } finally {
    await one.release();
    await two.release();
  }
}

describe('halves', () => {
  it('every one is exact in float32, by table as by definition', () => {
    const all = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
    const widened = halvesToFloats(all);
    expect(Array.from(widened)).toEqual(Array.from(all, halfToFloat));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7bff }), fc.boolean(), (bits, negative) => {
        const half = bits | (negative ? 0x8000 : 0);
        expect(floatToHalf(widened[half]!)).toBe(half);
      }),
    );
  });
});

describe('float widths', () => {
  it('a float32 graph comes back as it is', () => {
    const { graph } = mlp().proto;
    expect(widenFloats(graph, ['y'])).toBe(graph);
    expect(otherFloats(graph)).toEqual([]);
    expect(floatTolerance(graph)).toBe(1e-3);
  });

  it.each([
    ['float16', FLOAT16, 40 / 2 ** 11],
    ['double', DOUBLE, 1e-3],
  ] as const)('a %s graph is float32 throughout, and gives the numbers', async (name, type, tolerance) => {
    const model = converted(mlp(), type);
    const graph = widenFloats(model.proto.graph, ['y']);
    expect(otherFloats(model.proto.graph)).toEqual([name]);
    expect(otherFloats(graph)).toEqual([]);
    expect(floatTolerance(model.proto.graph)).toBeCloseTo(tolerance, 10);
    const session = await createSession(modelBytes(model.proto, graph));
    const plain = await createSession(bytesOf(mlp()));
    const feed = { x: floats(wave(12, 2), [2, 6]) };
    const [actual, expected] = [(await session.run(feed)).y!, (await plain.run(feed)).y!];
    expect(actual.type).toBe('float32');
    expect(Array.from(actual.data as Float32Array)).toEqual(
      Array.from(expected.data as Float32Array, (v) => expect.closeTo(v, type === DOUBLE ? 5 : 2)),
    );
    await session.release();
    await plain.release();
  });

  it('reads bfloat16 weights exactly, and keeps a finite double finite', () => {
    const graph = create(GraphProtoSchema, {
      node: [create(NodeProtoSchema, { opType: 'Add', input: ['w', 'v'], output: ['y'] })],
      initializer: [
        create(TensorProtoSchema, {
          name: 'w',
          dataType: BFLOAT16,
          dims: [2n],
          rawData: new Uint8Array(Uint16Array.of(0x3fc0, 0xc000).buffer),
        }),
        create(TensorProtoSchema, {
          name: 'v',
          dataType: DOUBLE,
          dims: [2n],
          doubleData: [-1e300, Number.POSITIVE_INFINITY],
        }),
      ],
    });
    expect(floatTolerance(graph)).toBeCloseTo(40 / 2 ** 8, 10);
    const [w, v] = widenFloats(graph, ['y']).initializer.map((tensor) => toConstant(tensor)!);
    expect(w).toMatchObject({ type: 'float32', data: Float32Array.of(1.5, -2) });
    expect(v!.data).toEqual(Float32Array.of(-3.4028234663852886e38, Number.POSITIVE_INFINITY));
  });

  it('changes casts, constants and types inside subgraphs, and drops nodes that no wanted output needs', () => {
    const half = create(TensorProtoSchema, { name: 'h', dataType: FLOAT16, dims: [], int32Data: [0x3c00] });
    const branch = create(GraphProtoSchema, {
      node: [
        create(NodeProtoSchema, {
          opType: 'Cast',
          input: ['outer'],
          output: ['inside'],
          attribute: [attributeProto('to', FLOAT16)],
        }),
      ],
      initializer: [half],
      output: [{ name: 'inside', type: { value: { case: 'tensorType', value: { elemType: FLOAT16 } } } }],
    });
    const graph = create(GraphProtoSchema, {
      node: [
        create(NodeProtoSchema, { opType: 'Identity', input: ['w'], output: ['outer'] }),
        create(NodeProtoSchema, {
          opType: 'If',
          input: ['condition'],
          output: ['y'],
          attribute: [
            create(AttributeProtoSchema, { name: 'then_branch', type: AttributeType.GRAPH, g: branch }),
            create(AttributeProtoSchema, { name: 'else_branch', type: AttributeType.GRAPH, g: branch }),
          ],
        }),
        create(NodeProtoSchema, {
          opType: 'Cast',
          input: ['w'],
          output: ['unused'],
          attribute: [attributeProto('to', INT64)],
        }),
      ],
      initializer: [create(TensorProtoSchema, { name: 'w', dataType: FLOAT16, dims: [], int32Data: [0x3c00] })],
    });
    const widened = widenFloats(graph, ['y']);
    expect(otherFloats(widened)).toEqual([]);
    expect(widened.node.map((node) => node.opType)).toEqual(['Identity', 'If']);
    const inner = widened.node[1]!.attribute[0]!.g!;
    expect(inner.output[0]!.type!.value.value).toMatchObject({ elemType: FLOAT });
    // The graph that was given is as it was.
    expect(otherFloats(graph)).toEqual(['float16']);
  });

  it('leaves a graph alone whose operators hold doubles in their attributes', () => {
    const graph = create(GraphProtoSchema, {
      node: [
        create(NodeProtoSchema, {
          opType: 'TreeEnsemble',
          domain: 'ai.onnx.ml',
          input: ['x'],
          output: ['y'],
          attribute: [
            create(AttributeProtoSchema, {
              name: 'nodes_splits',
              type: AttributeType.TENSOR,
              t: create(TensorProtoSchema, { dataType: DOUBLE, dims: [1n], doubleData: [0.1] }),
            }),
          ],
        }),
      ],
    });
    expect(widenFloats(graph, ['y'])).toBe(graph);
  });
});

describe('models of other float widths', () => {
  const small = () => transformer({ length: 4, width: 8, heads: 2, layers: 1, classes: 4 });

  it.each([
    ['a transformer as float16', small, FLOAT16, false],
    ['a transformer as float16 inside float32 borders', small, FLOAT16, true],
    // ONNX Runtime has no Erf for doubles.
    ['a perceptron as double', mlp, DOUBLE, false],
    ['a perceptron as double inside float32 borders', mlp, DOUBLE, true],
  ] as const)('%s differentiates as it does in float32', async (_, make, type, keepBorder) => {
    const { cosine, facts } = await compare(rounded(make(), type), converted(make(), type, keepBorder));
    expect(facts).toMatchObject({ batch: 'dynamic', gradient: { available: true, unavailable: [] } });
    expect(facts.widened).toEqual([type === FLOAT16 ? 'float16' : 'double']);
    expect(cosine).toBeGreaterThan(1 - 1e-6);
  });

  it.skipIf(!materialAvailable).each([
    ['vnn2021__Convnet_maxpool', FLOAT16],
    ['acasxu/ACASXU_run2a_1_1_batch_2000', DOUBLE],
    ['vnn2021__resnet_2b', FLOAT16],
    ['vnn2021__cifar10_small', FLOAT16],
  ] as const)('%s as type %i', async (name, type) => {
    const model = await readModel(path.join(materialRoot, 'models', `${name}.onnx`));
    const { cosine, facts } = await compare(rounded(model, type), converted(model, type));
    expect(facts.gradient).toMatchObject({ available: true, unavailable: [] });
    expect(cosine).toBeGreaterThan(1 - 1e-6);
  });
});
