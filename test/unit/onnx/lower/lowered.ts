import { create, toBinary } from '@bufbuild/protobuf';
import { differentiate } from '../../../../src/engine/gradient/differentiate';
import { floatValueInfo, GraphBuilder } from '../../../../src/engine/onnx/builder';
import { Constants } from '../../../../src/engine/onnx/constants';
import {
  type FunctionProto,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
} from '../../../../src/engine/onnx/generated/onnx_pb';
import { type LoweredGraph, lowerGraph } from '../../../../src/engine/onnx/lower/lower';
import { observe } from '../../../../src/engine/onnx/observe';
import { modelBytes } from '../../../../src/engine/onnx/write';
import { Random } from '../../../../src/engine/random';
import { createSession, floats, type Session, type Value } from '../../../../src/engine/runtime';

/** A graph with the input x and float outputs, and a point to run it at. */
export interface Native {
  readonly proto: ModelProto & { graph: GraphProto };
  readonly graph: GraphProto;
  readonly x: { readonly dims: readonly number[]; readonly data: Float32Array };
  /** Axis of x that is the batch; the point's own size is one of those that are tried. */
  readonly batchAxis?: number;
  /** Weights that are differentiated too, by the name of their initializer. */
  readonly weights?: readonly string[];
}

export function protoOf(
  graph: GraphProto,
  options: { opset?: number; functions?: FunctionProto[]; domains?: string[] } = {},
): ModelProto & { graph: GraphProto } {
  const { opset = 18, functions = [], domains = [] } = options;
  return create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [
      create(OperatorSetIdProtoSchema, { version: BigInt(opset) }),
      ...domains.map((domain) => create(OperatorSetIdProtoSchema, { domain, version: 1n })),
    ],
    graph,
    functions,
  }) as ModelProto & { graph: GraphProto };
}

/** A graph with x open in its batch, written by `write`, which returns the outputs. */
export function graphOf(
  x: readonly (number | string)[],
  write: (builder: GraphBuilder) => readonly string[],
): GraphProto {
  const graph = create(GraphProtoSchema, { name: 'test', input: [floatValueInfo('x', x)] });
  const builder = new GraphBuilder(graph);
  graph.output = write(builder).map((name) => ({ ...floatValueInfo(name, []), type: undefined }) as never);
  return graph;
}

export function lower(native: Native): Promise<LoweredGraph> {
  const { proto, graph, x, batchAxis = 0 } = native;
  const random = Random.of(5, 'lower');
  const feed = (batch: number) => {
    const dims = x.dims.map((dim, axis) => (axis === batchAxis ? batch : dim));
    const count = dims.reduce((a, b) => a * b, 1);
    return {
      x: floats(
        Float32Array.from({ length: count }, () => random.normal()),
        dims,
      ),
    };
  };
  return lowerGraph({ proto, graph, feed, batchSizes: [[1, 2, 3], [x.dims[batchAxis]!]] });
}

/** Operators of a graph, without those of subgraphs. */
export const operatorsOf = (graph: GraphProto): Set<string> => new Set(graph.node.map((node) => node.opType));

async function outputs(session: Session, native: Native): Promise<Value[]> {
  const values = await session.run({ x: floats(native.x.data, native.x.dims) });
  return native.graph.output.map(({ name }) => values[name]!);
}

const open = (proto: ModelProto, graph: GraphProto) => createSession(modelBytes(proto, graph), { threads: 1 });

/** As it is, in its own operator set. */
const openNative = (proto: ModelProto, graph: GraphProto) =>
  createSession(toBinary(ModelProtoSchema, create(ModelProtoSchema, { ...proto, graph })), { threads: 1 });

/** Largest difference between the outputs of two graphs, relative to the largest output. */
export async function numbersApart(native: Native, lowered: GraphProto): Promise<number> {
  const [a, b] = [await openNative(native.proto, native.graph), await open(native.proto, lowered)];
  try {
    const [expected, actual] = [await outputs(a, native), await outputs(b, native)];
    return Math.max(
      ...expected.map((value, i) => {
        const other = actual[i]!;
        if (String(other.dims) !== String(value.dims)) return Number.POSITIVE_INFINITY;
        const [p, q] = [Array.from(value.data, Number), Array.from(other.data, Number)];
        const scale = Math.max(1e-3, ...p.map(Math.abs));
        return Math.max(0, ...p.map((v, k) => (Object.is(v, q[k]) ? 0 : Math.abs(v - q[k]!) / scale)));
      }),
    );
  } finally {
    await a.release();
    await b.release();
  }
}

const seedOf = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + 0.3) + 0.2);

/**
 * Gradient of Σ seed ⊙ outputs through the lowered graph, against central differences of the native one: distance over
 * norm, the largest over x and the weights.
 */
export async function gradientApart(native: Native, lowered: GraphProto, step = 5e-3): Promise<number> {
  const { proto, x, weights = [] } = native;
  const run = await openNative(proto, native.graph);
  const feeds = { x: floats(x.data, x.dims) };
  const values = await outputs(run, native);
  const seeds = values.map((value) => seedOf(value.data.length));
  await run.release();

  const graph = create(GraphProtoSchema, {
    ...lowered,
    node: [...lowered.node],
    initializer: [...lowered.initializer],
  });
  const builder = new GraphBuilder(graph);
  const from = ['x', ...weights];
  const arriving = new Map(
    native.graph.output.map(({ name }, i) => [name, builder.floats(seeds[i]!, values[i]!.dims)]),
  );
  const observation = await observe(proto, graph, () => feeds, [1, 1]);
  const gradients = differentiate({ builder, observation, constants: new Constants(graph), from, arriving });
  graph.output = from.map((name) => ({ ...floatValueInfo(gradients.get(name)!, []), type: undefined }) as never);
  const session = await open(proto, graph);
  const result = await session.run(feeds);
  await session.release();

  const distances: number[] = [];
  for (const name of from) {
    const gradient = Array.from(result[gradients.get(name)!]!.data as Float32Array);
    distances.push(apart(gradient, await differences(native, name, seeds, step)));
  }
  return Math.max(...distances);
}

/** Central differences of Σ seed ⊙ outputs of the native graph with respect to x, or to an initializer made an input. */
async function differences(native: Native, name: string, seeds: readonly Float32Array[], step: number) {
  const constant = name === 'x' ? undefined : new Constants(native.graph).get(name)!;
  const graph = constant
    ? create(GraphProtoSchema, {
        ...native.graph,
        input: [...native.graph.input, floatValueInfo(name, constant.dims)],
        initializer: native.graph.initializer.filter((tensor) => tensor.name !== name),
      })
    : native.graph;
  const session = await openNative(native.proto, graph);
  const point = constant ? { dims: constant.dims, data: constant.data as Float32Array } : native.x;
  const feeds = { x: floats(native.x.data, native.x.dims) };
  const at = async (data: Float32Array) => {
    const values = await session.run({ ...feeds, [name]: floats(data, point.dims) });
    return native.graph.output.reduce((sum, { name: output }, i) => {
      const data = values[output]!.data as Float32Array;
      return data.reduce((total, v, k) => total + v * seeds[i]![k]!, sum);
    }, 0);
  };
  const slopes: number[] = [];
  for (let i = 0; i < point.data.length; i++) {
    const moved = (by: number) => point.data.map((v, k) => (k === i ? v + by : v));
    slopes.push(((await at(moved(step))) - (await at(moved(-step)))) / (2 * step));
  }
  await session.release();
  return slopes;
}

/** Differences of float32 outputs are off by about 1e-4, which is what the floor allows for. */
function apart(a: readonly number[], b: readonly number[]): number {
  const norm = (v: readonly number[]) => Math.hypot(...v);
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return norm(a.map((v, i) => v - b[i]!)) / Math.max(norm(a), norm(b), 0.02);
}
