import { create } from '@bufbuild/protobuf';
import { differentiate } from '../../../src/engine/gradient/differentiate';
import { type Attributes, floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import { Constants } from '../../../src/engine/onnx/constants';
import {
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  ValueInfoProtoSchema,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { type Observation, observe } from '../../../src/engine/onnx/observe';
import type { Constant } from '../../../src/engine/onnx/tensor';
import { modelBytes } from '../../../src/engine/onnx/write';
import { createSession, floats, type Session, type Value } from '../../../src/engine/runtime';

/** One operator with `x` as one of its inputs, the others constant. */
export interface SingleNode {
  readonly op: string;
  /** `com.microsoft` ...; ai.onnx if absent. */
  readonly domain?: string;
  /** Shape and values of the differentiated input. */
  readonly x: { readonly dims: readonly number[]; readonly data: Float32Array };
  /** All inputs in order; `x` marks the differentiated one, '' one left out. */
  readonly inputs: readonly ('x' | '' | Constant | Mask | Bytes)[];
  /** Positions among `inputs` of float32 constants that are differentiated too (weights). */
  readonly weights?: readonly number[];
  readonly attributes?: Attributes;
  readonly opset?: number;
  /** How many outputs the node has; the last one is differentiated unless `output` says another. */
  readonly outputs?: number;
  readonly output?: number;
}

/** A condition: true where the integers are not 0. */
export interface Mask {
  readonly mask: Constant;
}

/** Integers as uint8. */
export interface Bytes {
  readonly bytes: Constant;
}

/** Gradients of Σ seed ⊙ y with respect to each differentiated input, and what they should be. */
export interface Comparison {
  readonly gradients: readonly Float64Array[];
  readonly differences: readonly Float64Array[];
}

interface Built {
  readonly graph: GraphProto;
  readonly builder: GraphBuilder;
  readonly node: NodeProto;
  readonly to: string;
  /** Differentiated tensors by name. */
  readonly feeds: Record<string, Value>;
}

const protoOf = (single: SingleNode) =>
  create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [
      create(OperatorSetIdProtoSchema, { version: BigInt(single.opset ?? 18) }),
      ...(single.domain ? [create(OperatorSetIdProtoSchema, { domain: single.domain, version: 1n })] : []),
    ],
  });

function build(single: SingleNode): Built {
  const graph = create(GraphProtoSchema, { name: 'test', input: [floatValueInfo('x', single.x.dims)] });
  const builder = new GraphBuilder(graph);
  const feeds: Record<string, Value> = { x: floats(single.x.data, single.x.dims) };
  const names = single.inputs.map((input, i) => {
    if (typeof input === 'string') return input;
    if ('bytes' in input)
      return builder.op('Cast', [builder.constant(input.bytes)], { to: TensorProto_DataType.UINT8 });
    if ('mask' in input) return builder.op('Cast', [builder.constant(input.mask)], { to: TensorProto_DataType.BOOL });
    if (!single.weights?.includes(i)) return builder.constant(input);
    const name = `w${i}`;
    graph.input.push(floatValueInfo(name, input.dims));
    feeds[name] = floats(input.data as Float32Array, input.dims);
    return name;
  });
  const outputs = builder.ops(single.op, names, single.outputs ?? 1, single.attributes ?? {});
  const node = graph.node.at(-1)!;
  node.domain = single.domain ?? '';
  return { graph, builder, node, to: outputs.at(single.output ?? -1)!, feeds };
}

const undeclared = (name: string) => create(ValueInfoProtoSchema, { name });

/** Two seeds of the shape of y that have no symmetry. */
const seedOf = (count: number, which: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin((1.7 + which) * i + 0.3) + 0.2 + 0.1 * which);

/** Changes a built gradient graph before it is run; how mutation tests get at it. */
export type Mutate = (graph: GraphProto, firstEmitted: number) => void;

/** What a node's own graph shows, which is built alike every time: seen once, for all that is tried on its rule. */
const observations = new WeakMap<SingleNode, Promise<Observation>>();

function observationOf(single: SingleNode, { graph, feeds }: Built): Promise<Observation> {
  let found = observations.get(single);
  if (found === undefined) {
    found = observe(protoOf(single), graph, () => feeds, [1, 1]);
    observations.set(single, found);
  }
  return found;
}

/** The node's graph with what its rule emits for one seed or for both at once. */
async function differentiated(single: SingleNode, yDims: readonly number[], which: 0 | 1 | 'both') {
  const built = build(single);
  const { graph, builder, to, feeds } = built;
  const observation = await observationOf(single, built);
  const count = yDims.reduce((a, b) => a * b, 1);
  const seed =
    which === 'both'
      ? builder.floats([...seedOf(count, 0), ...seedOf(count, 1)], [2, ...yDims])
      : builder.floats(seedOf(count, which), yDims);
  const from = Object.keys(feeds);
  const emittedFrom = graph.node.length;
  const result = differentiate({
    builder,
    observation,
    constants: new Constants(graph),
    from,
    arriving: new Map([[to, seed]]),
    ...(which === 'both' ? { seeds: 2 } : {}),
  });
  return { graph, feeds, emittedFrom, fetches: from.map((name) => result.get(name)!) };
}

/** The gradients of the node by its rule, for one seed or for both at once ([2, ...shape]). */
export async function gradients(
  single: SingleNode,
  yDims: readonly number[],
  which: 0 | 1 | 'both',
  mutate?: Mutate,
): Promise<Float64Array[]> {
  const { graph, feeds, emittedFrom, fetches } = await differentiated(single, yDims, which);
  mutate?.(graph, emittedFrom);
  const from = Object.keys(feeds);
  graph.output = [...new Set(fetches)].map(undeclared);
  const session = await createSession(modelBytes(protoOf(single), graph), { threads: 1 });
  try {
    const values = await session.run(feeds);
    return fetches.map((name, i) => {
      const value = values[name]!;
      const expected = [...(which === 'both' ? [2] : []), ...feeds[from[i]!]!.dims];
      if (String(value.dims) !== String(expected)) {
        throw new Error(`${single.op}: the gradient of ${from[i]} is [${value.dims}], not [${expected}]`);
      }
      return Float64Array.from(value.data as Float32Array);
    });
  } finally {
    await session.release();
  }
}

/** The nodes that the rule emits for a seed, with the types of their outputs. */
export async function emittedTypes(single: SingleNode, yDims: readonly number[]) {
  const { graph, feeds, emittedFrom } = await differentiated(single, yDims, 0);
  const seen = await observe(protoOf(single), graph, () => feeds, [1, 1]);
  return graph.node.slice(emittedFrom).map(({ opType, output }) => ({
    opType,
    outputs: output.filter((name) => name !== '').map((name) => ({ name, type: seen.type(name) ?? 'unknown' })),
  }));
}

/** Central differences of Σ seed ⊙ y for each differentiated input. */
export async function centralDifferences(single: SingleNode, which: 0 | 1 = 0, step = 5e-3) {
  const { graph, to, feeds } = build(single);
  graph.output = [undeclared(to)];
  const forward = await createSession(modelBytes(protoOf(single), graph), { optimization: 'disabled', threads: 1 });
  const first = await run(forward, feeds, to);
  const weights = seedOf(first.data.length, which);
  const differences: Float64Array[] = [];
  for (const [name, value] of Object.entries(feeds)) {
    const data = value.data as Float32Array;
    const slopes = new Float64Array(data.length);
    for (let i = 0; i < data.length; i++) {
      const at = async (sign: number) => {
        const moved = data.slice();
        moved[i] = moved[i]! + sign * step;
        const y = await run(forward, { ...feeds, [name]: floats(moved, value.dims) }, to);
        return [y.data.reduce((sum, v, k) => sum + v * weights[k]!, 0), moved[i]!] as const;
      };
      const [above, high] = await at(1);
      const [below, low] = await at(-1);
      slopes[i] = (above - below) / (high - low);
    }
    differences.push(slopes);
  }
  await forward.release();
  return { differences, yDims: first.dims };
}

async function run(session: Session, feeds: Record<string, Value>, output: string) {
  const value = (await session.run(feeds, [output]))[output]!;
  return { data: Float64Array.from(value.data as Float32Array, Number), dims: value.dims };
}

/** The gradients of Σ seed ⊙ y by the rule, and by central differences of the operator itself. */
export async function compareWithDifferences(single: SingleNode, step = 5e-3): Promise<Comparison> {
  const { differences, yDims } = await centralDifferences(single, 0, step);
  return { gradients: await gradients(single, yDims, 0), differences };
}

/** Both seeds at once, against one after the other. */
export async function compareSeeds(single: SingleNode): Promise<Comparison> {
  const { graph, to, feeds } = build(single);
  graph.output = [undeclared(to)];
  const forward = await createSession(modelBytes(protoOf(single), graph), { threads: 1 });
  const { dims } = await run(forward, feeds, to);
  await forward.release();
  const [first, second] = [await gradients(single, dims, 0), await gradients(single, dims, 1)];
  const differences = first.map((g, i) => Float64Array.from([...g, ...second[i]!]));
  return { gradients: await gradients(single, dims, 'both'), differences };
}

/** Largest difference over all differentiated inputs, relative to the larger of both norms. */
export function disagreement({ gradients, differences }: Comparison): number {
  return Math.max(...gradients.map((gradient, i) => apart(gradient, differences[i]!)));
}

function apart(a: Float64Array, b: Float64Array): number {
  const norm = (v: Float64Array) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
  const distance = norm(a.map((x, i) => x - b[i]!));
  return distance / Math.max(norm(a), norm(b), 1e-6);
}

/** Names that the rule read among the differentiated inputs' values, apart from their shapes. */
export async function valuesRead(single: SingleNode): Promise<ReadonlySet<string>> {
  const built = build(single);
  const { graph, builder, to, feeds } = built;
  const observation = await observationOf(single, built);
  const emittedFrom = graph.node.length;
  const seed = builder.op('Identity', [to]);
  graph.node.splice(emittedFrom, 1);
  differentiate({
    builder,
    observation,
    constants: new Constants(graph),
    from: Object.keys(feeds),
    arriving: new Map([[to, seed]]),
  });
  const read = graph.node
    .slice(emittedFrom)
    .filter((node) => node.opType !== 'Shape' && node.opType !== 'Size')
    .flatMap((node) => node.input);
  return new Set(Object.keys(feeds).filter((name) => read.includes(name)));
}
