import { create } from '@bufbuild/protobuf';
import { differentiate } from '../../../../src/engine/gradient/differentiate';
import { attributeProto } from '../../../../src/engine/onnx/attribute';
import { type Attributes, GraphBuilder } from '../../../../src/engine/onnx/builder';
import { Constants } from '../../../../src/engine/onnx/constants';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from '../../../../src/engine/onnx/generated/onnx_pb';
import type { Lowering, LoweringContext } from '../../../../src/engine/onnx/lower/lowering';
import { observe } from '../../../../src/engine/onnx/observe';
import { modelBytes } from '../../../../src/engine/onnx/write';
import { Random } from '../../../../src/engine/random';
import { createSession, type Session, type Value } from '../../../../src/engine/runtime';

/** An input of a fused operator: `float32` ones are differentiated unless `fixed` (an initializer). */
export interface Input {
  readonly value: Value;
  readonly fixed?: boolean;
  /** An input of the graph that is not differentiated. */
  readonly held?: boolean;
}

/** One operator that ONNX Runtime runs natively, with every input as an input of the graph. */
export interface NativeNode {
  readonly op: string;
  readonly domain: string;
  readonly opset?: number;
  /** null: left out. */
  readonly inputs: readonly (Input | null)[];
  readonly attributes?: Attributes;
  /** Attributes that the builder has no form for. */
  readonly floats?: Readonly<Record<string, readonly number[]>>;
  /** Which outputs the node has, by position. */
  readonly outputs?: readonly boolean[];
  /** The output that is differentiated. */
  readonly output?: number;
}

/** A node for any batch size; what does not depend on the batch must come out the same. */
export type Make = (batch: number) => NativeNode;

const total = (dims: readonly number[]) => dims.reduce((a, d) => a * d, 1);

export const floatInput = (dims: readonly number[], seed: number, scale = 1, shift = 0): Input => {
  const random = Random.of(seed, 'fused');
  return {
    value: {
      type: 'float32',
      dims,
      data: Float32Array.from({ length: total(dims) }, () => shift + scale * random.normal()),
    },
  };
};
export const int32Input = (dims: readonly number[], data: readonly number[]): Input => ({
  value: { type: 'int32', dims, data: Int32Array.from(data) },
});
export const int64Input = (dims: readonly number[], data: readonly number[]): Input => ({
  value: { type: 'int64', dims, data: BigInt64Array.from(data, BigInt) },
});
export const boolInput = (dims: readonly number[], data: readonly number[]): Input => ({
  value: { type: 'bool', dims, data: Uint8Array.from(data) },
});
export const fixed = (input: Input): Input => ({ ...input, fixed: true });
export const held = (input: Input): Input => ({ ...input, held: true });

const elementTypes: Record<string, number> = {
  float32: TensorProto_DataType.FLOAT,
  int32: TensorProto_DataType.INT32,
  int64: TensorProto_DataType.INT64,
  bool: TensorProto_DataType.BOOL,
};

const floatsAttribute = (name: string, values: readonly number[]): AttributeProto =>
  create(AttributeProtoSchema, { name, type: AttributeType.FLOATS, floats: [...values] });

/** The node in a graph of its own. */
export function graphOf(native: NativeNode) {
  const name = (i: number) => `in${i}`;
  const given = native.inputs.flatMap((input, i) => (input ? [{ name: name(i), ...input }] : []));
  const output = (native.outputs ?? [true]).map((wanted, i) => (wanted ? `out${i}` : ''));
  const node = create(NodeProtoSchema, {
    opType: native.op,
    domain: native.domain,
    input: native.inputs.map((input, i) => (input ? name(i) : '')),
    output,
    attribute: [
      ...Object.entries(native.attributes ?? {}).map(([key, value]) => attributeProto(key, value)),
      ...Object.entries(native.floats ?? {}).map(([key, values]) => floatsAttribute(key, values)),
    ],
  });
  const graph = create(GraphProtoSchema, {
    name: 'native',
    input: given
      .filter((input) => !input.fixed)
      .map(({ name, value }) =>
        create(ValueInfoProtoSchema, {
          name,
          type: create(TypeProtoSchema, {
            value: { case: 'tensorType', value: { elemType: elementTypes[value.type]! } },
          }),
        }),
      ),
    initializer: given
      .filter((input) => input.fixed)
      .map(({ name, value }) =>
        create(TensorProtoSchema, {
          name,
          dataType: elementTypes[value.type]!,
          dims: value.dims.map(BigInt),
          rawData: new Uint8Array(value.data.buffer.slice(0)),
        }),
      ),
    node: [node],
    output: output.filter((name) => name !== '').map((name) => create(ValueInfoProtoSchema, { name })),
  });
  const feeds = Object.fromEntries(given.filter((i) => !i.fixed).map(({ name, value }) => [name, value]));
  const differentiated = given.filter((i) => !i.fixed && !i.held && i.value.type === 'float32').map(({ name }) => name);
  return { graph, node, feeds, differentiated };
}

export const protoOf = (native: NativeNode) =>
  create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [
      create(OperatorSetIdProtoSchema, { version: BigInt(native.opset ?? 18) }),
      create(OperatorSetIdProtoSchema, { domain: 'com.microsoft', version: 1n }),
    ],
  });

/** The graph with the node taken apart, as it was observed at batches 2 and 3; outputs keep their names. */
async function lowered(make: Make, lowering: Lowering) {
  const native = make(2);
  const { graph, node } = graphOf(native);
  const proto = protoOf(native);
  const feed = (batch: number) => graphOf(make(batch)).feeds;
  const observation = await observe(proto, graph, feed, [2, 3]);
  const parts = create(GraphProtoSchema, { ...graph, node: [], initializer: [...graph.initializer] });
  const builder = new GraphBuilder(parts);
  builder.reserve(graph);
  const constants = new Constants(graph);
  const shape = (name: string) => {
    const known = observation.shape(name) ?? constants.get(name)?.dims;
    if (!known) throw new Error(`no shape of ${name}`);
    return known;
  };
  const context: LoweringContext = {
    node,
    builder,
    x: (i = 0) => node.input[i] ?? '',
    has: (i) => (node.input[i] ?? '') !== '',
    shapeOf: (i) => shape(node.input[i]!),
    shapeOfOutput: (i) => shape(node.output[i]!),
    typeOf: (i) => observation.type(node.input[i] ?? '') ?? constants.get(node.input[i] ?? '')?.type,
    constant: (i) => constants.get(node.input[i] ?? ''),
    integers: (i) => {
      const constant = constants.get(node.input[i] ?? '');
      return constant?.type === 'int64' ? Array.from(constant.data, Number) : observation.integers(node.input[i] ?? '');
    },
    op: (...args) => builder.op(...args),
    leave: (reason) => {
      throw new Error(`left: ${reason}`);
    },
  };
  lowering(context).forEach((tensor, i) => {
    const name = node.output[i];
    if (name && tensor) builder.named('Identity', [tensor], name);
  });
  return { graph: parts, proto, feed };
}

const run = async (session: Session, feeds: Record<string, Value>) => session.run(feeds);

export interface LoweringCheck {
  /** Largest difference between the native outputs and the lowered ones, relative to the largest value (at least 1). */
  readonly outputs: number;
  /** The same between gradients through the lowered graph and central differences of the native operator. */
  readonly gradients: number;
}

/** Runs both at a batch of 4, which was not observed, and differentiates with respect to every float input. */
export async function checkLowering(make: Make, lowering: Lowering | undefined): Promise<LoweringCheck> {
  const native = make(4);
  const { graph, feeds, differentiated } = graphOf(native);
  const proto = protoOf(native);
  const session = await createSession(modelBytes(proto, graph), { optimization: 'disabled', threads: 1 });
  const expected = await run(session, feeds);
  const own = lowering
    ? await lowered(make, lowering)
    : { graph: graphOf(make(2)).graph, proto, feed: (b: number) => graphOf(make(b)).feeds };
  const other = await createSession(modelBytes(proto, own.graph), { threads: 1 });
  const actual = await run(other, feeds);
  await other.release();
  let outputs = 0;
  for (const [name, value] of Object.entries(expected)) {
    if (String(value.dims) !== String(actual[name]!.dims)) {
      throw new Error(`${native.op} ${name}: [${actual[name]!.dims}] for [${value.dims}]`);
    }
    const [a, e] = [Array.from(actual[name]!.data, Number), Array.from(value.data, Number)];
    const scale = Math.max(1, ...e.map(Math.abs));
    outputs = Math.max(outputs, ...e.map((v, i) => Math.abs(v - a[i]!) / scale));
    if (a.some((v, i) => !Number.isFinite(v) && v !== e[i])) outputs = Number.POSITIVE_INFINITY;
  }
  const gradients = await gradientError(own, feeds, differentiated, session, expected, `out${native.output ?? 0}`);
  await session.release();
  return { outputs, gradients };
}

async function gradientError(
  own: Awaited<ReturnType<typeof lowered>>,
  feeds: Record<string, Value>,
  differentiated: readonly string[],
  session: Session,
  expected: Record<string, Value>,
  to: string,
): Promise<number> {
  const { graph, proto, feed } = own;
  const observation = await observe(proto, graph, feed, [2, 3]);
  const floats = differentiated.map((name) => [name, feeds[name]!] as const);
  if (floats.length === 0) return 0;
  const full = create(GraphProtoSchema, { ...graph, node: [...graph.node], initializer: [...graph.initializer] });
  const builder = new GraphBuilder(full);
  const count = expected[to]!.data.length;
  const weights = Float32Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + 0.3) + 0.2);
  const seed = builder.floats(weights, expected[to]!.dims);
  const result = differentiate({
    builder,
    observation,
    constants: new Constants(full),
    from: floats.map(([name]) => name),
    arriving: new Map([[to, seed]]),
  });
  full.output = [...new Set(result.values())].map((name) => create(ValueInfoProtoSchema, { name }));
  const gradientSession = await createSession(modelBytes(proto, full), { threads: 1 });
  const values = await gradientSession.run(feeds);
  await gradientSession.release();
  const value = async (name: string, data: Float32Array) => {
    const y = (await session.run({ ...feeds, [name]: { ...feeds[name]!, data } }, [to]))[to]!.data as Float32Array;
    return y.reduce((sum, v, i) => sum + v * weights[i]!, 0);
  };
  let worst = 0;
  for (const [name, input] of floats) {
    const gradient = Array.from(values[result.get(name)!]!.data as Float32Array);
    if (gradient.length !== input.data.length) throw new Error(`gradient of ${name} has ${gradient.length} elements`);
    const data = input.data as Float32Array;
    // A dozen elements spread over the tensor, the first and the last among them.
    const at = [...new Set(Array.from({ length: 12 }, (_, i) => Math.round((i * (data.length - 1)) / 11)))];
    const scale = Math.max(1, ...gradient.map(Math.abs));
    for (const i of at) {
      const slope = async (step: number) => {
        const moved = (sign: number) =>
          value(name, data.map((v, k) => (k === i ? v + sign * step : v)) as Float32Array);
        return ((await moved(1)) - (await moved(-1))) / (2 * step);
      };
      // A longer step is less noisy, a shorter one meets fewer kinks.
      let least = Number.POSITIVE_INFINITY;
      for (const step of [5e-3, 5e-4]) least = Math.min(least, Math.abs((await slope(step)) - gradient[i]!) / scale);
      worst = Number.isFinite(gradient[i]!) ? Math.max(worst, least) : Number.POSITIVE_INFINITY;
    }
  }
  return worst;
}
