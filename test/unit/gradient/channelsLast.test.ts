import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { differentiate } from '../../../src/engine/gradient/differentiate';
import { intsAttribute } from '../../../src/engine/onnx/attribute';
import { floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import { Constants } from '../../../src/engine/onnx/constants';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  OperatorSetIdProtoSchema,
  ValueInfoProtoSchema,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { observe } from '../../../src/engine/onnx/observe';
import { modelBytes } from '../../../src/engine/onnx/write';
import { Random } from '../../../src/engine/random';
import { createSession, floats } from '../../../src/engine/runtime';

const proto = create(ModelProtoSchema, {
  irVersion: 10n,
  opsetImport: [create(OperatorSetIdProtoSchema, { version: 18n })],
});
const dims = [2, 3, 20, 22];
const random = Random.of(1, 'channels last');
const draw = (count: number) => Float32Array.from({ length: count }, () => random.normal());
const feeds = { x: floats(draw(2 * 3 * 20 * 22), dims) };

interface Network {
  /** Of the hidden layers. */
  readonly channels: number;
  /** `Relu`, or the same function as another operator, whose gradient has another form. */
  readonly rectifier: 'Relu' | 'Max';
  readonly asked?: boolean;
  readonly kernel?: number;
}

const weights = new Map<string, Float32Array>();
function weight(b: GraphBuilder, shape: readonly number[]): string {
  const key = shape.join();
  const known = weights.get(key) ?? draw(shape.reduce((a, d) => a * d, 1)).map((v) => v / 10);
  weights.set(key, known);
  return b.floats(known, shape);
}

/** Three convolutions, the last two with strides, so that gradients come in phases; the sum of all outputs is differentiated. */
async function gradientsOf({ channels, rectifier, asked = false, kernel = 4 }: Network) {
  const graph = create(GraphProtoSchema, { name: 'test', input: [floatValueInfo('x', dims)] });
  const b = new GraphBuilder(graph);
  const square = [kernel, kernel];
  const rectified = (tensor: string) =>
    rectifier === 'Relu' ? b.op('Relu', [tensor]) : b.op('Max', [tensor, b.scalar(0)]);
  const first = b.op('Conv', ['x', weight(b, [channels, 3, 3, 3])], { pads: [1, 1, 1, 1] });
  const middle = b.op('Conv', [rectified(first), weight(b, [2 * channels, channels, ...square])], {
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  });
  const y = b.op('Conv', [rectified(middle), weight(b, [3 * channels, 2 * channels, ...square])], {
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  });
  const observation = await observe(proto, graph, () => feeds, [1, 1]);
  const ones = b.op('ConstantOfShape', [b.op('Shape', [y])], {});
  const seed = b.op('Add', [ones, b.op('Cos', [y])]);
  const emitted = graph.node.length;
  // Of what comes out of the middle convolution too, which the mask is put on.
  const from = asked ? ['x', middle] : ['x'];
  const arriving = new Map([[y, seed]]);
  const found = differentiate({ builder: b, observation, constants: new Constants(graph), from, arriving });
  graph.output = from.map((name) => create(ValueInfoProtoSchema, { name: found.get(name)! }));
  const session = await createSession(modelBytes(proto, graph), { threads: 1 });
  const values = await session.run(feeds);
  await session.release();
  return { nodes: graph.node.slice(emitted), all: from.map((name) => values[found.get(name)!]!.data as Float32Array) };
}

/** Transpositions of what a mask was put on, to channels first. */
function behindMasks(nodes: readonly NodeProto[]): NodeProto[] {
  const producer = (name: string): NodeProto | undefined => nodes.find(({ output }) => output.includes(name));
  const isMasked = (name: string): boolean => {
    const node = producer(name);
    return node?.opType === 'Reshape' ? isMasked(node.input[0]!) : node?.opType === 'Mul';
  };
  return nodes.filter(
    (node) =>
      node.opType === 'Transpose' && String(intsAttribute(node, 'perm')) === '0,3,1,2' && isMasked(node.input[0]!),
  );
}

function expectClose(got: readonly Float32Array[], wanted: readonly Float32Array[]): void {
  expect(got.map(({ length }) => length)).toEqual(wanted.map(({ length }) => length));
  for (const [i, values] of got.entries()) {
    const most = Math.max(...wanted[i]!.map(Math.abs));
    expect(most).toBeGreaterThan(0.1);
    const worst = values.reduce((worst, value, at) => Math.max(worst, Math.abs(value - wanted[i]![at]!)), 0);
    expect(worst).toBeLessThan(1e-5 * most);
  }
}

describe('masks of gradients with channels last', () => {
  it.each([3, 4])('are put on before the transposition, once for each convolution, kernels of %i', async (kernel) => {
    const { nodes, all } = await gradientsOf({ channels: 8, rectifier: 'Relu', kernel });
    const transpositions = behindMasks(nodes);
    expect(transpositions.length).toBeGreaterThanOrEqual(2);
    const readers = transpositions.map(({ output }) => nodes.filter(({ input }) => input.includes(output[0]!)));
    expect(readers.every((those) => those.length === 1 && those[0]!.opType === 'Conv')).toBe(true);
    // Two of one tensor would be made one.
    expect(new Set(transpositions.map(({ input }) => input[0])).size).toBe(transpositions.length);
    // What stood in their place is gone.
    const read = new Set(nodes.flatMap(({ input }) => input));
    const isMask = ({ opType }: NodeProto) => ['HardSigmoid', 'Mul'].includes(opType);
    expect(nodes.filter((node) => isMask(node) && !read.has(node.output[0]!))).toEqual([]);
    expectClose(all, (await gradientsOf({ channels: 8, rectifier: 'Max', kernel })).all);
  });

  it('stay where channels fill no block', async () => {
    const { nodes, all } = await gradientsOf({ channels: 6, rectifier: 'Relu' });
    expect(behindMasks(nodes)).toEqual([]);
    expectClose(all, (await gradientsOf({ channels: 6, rectifier: 'Max' })).all);
  });

  it('stay where the masked gradient is asked for', async () => {
    const { all } = await gradientsOf({ channels: 8, rectifier: 'Relu', asked: true });
    expectClose(all, (await gradientsOf({ channels: 8, rectifier: 'Max', asked: true })).all);
  });
});
