import { create } from '@bufbuild/protobuf';
import { RobustnessError } from '../error';
import { Random } from '../random';
import { createSession, type Session, type Value } from '../runtime';
import { GraphBuilder } from './builder';
import { Constants } from './constants';
import {
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from './generated/onnx_pb';
import type { Border } from './inspect';
import { borderIn, floatTolerance } from './lower/floatWidth';
import { observe } from './observe';
import { withMeans } from './random';
import type { LoadedModel } from './read';
import { elementCount, floatToHalf, halfToFloat } from './tensor';
import { modelBytes } from './write';

export interface BatchedGraph {
  readonly graph: GraphProto;
  /** `fixed-1`: the model could not be batched without changing its results. */
  readonly batch: 'dynamic' | 'rewritten' | 'fixed-1';
}

/**
 * Makes the first dimension of the input dynamic. A graph that declares it so is taken at its word only if the numbers
 * agree; otherwise reshapes to a fixed batch are rewritten from observed shapes, and the result is used only if several
 * examples at once give what the original gives in groups of its own size.
 *
 * @param graph upgraded graph of `model`; its input may have another float type than the file's.
 * @param example shape of one example as the model takes it.
 * @param original session on the untouched file: the reference; of a random model, with means in the place of draws.
 * @param plain the graph before it was rewritten, which a model of one example falls back to if the rewritten one differs.
 * @throws `model/fixed-batch` for a batch above 1 that cannot be freed; a batch of 1 is kept.
 */
export async function makeBatchDynamic(
  model: LoadedModel,
  graph: GraphProto,
  input: Border,
  output: Border,
  example: readonly number[],
  original: Session,
  plain = graph,
): Promise<BatchedGraph> {
  const group = groupSize(input);
  const count = group === 1 ? 3 : 2 * group;
  const probe = trialExamples(input, elementCount(example), count, 'batch-probe');
  const expected = await runInGroups(original, input, output, example, probe, group);
  const tolerance = floatTolerance(model.proto.graph);
  const entry = borderIn(graph, input);
  const agrees = async (candidate: GraphProto) => {
    try {
      const session = await createSession(modelBytes(model.proto, withMeans(candidate)), checking(candidate));
      try {
        const values = await session.run({ [entry.name]: tensor(entry, [count, ...example], probe) }, [output.name]);
        const value = values[output.name]!;
        return value.dims[0] === count && close(Float64Array.from(numbers(value)), expected, tolerance);
      } finally {
        await session.release();
      }
    } catch {
      // ONNX Runtime refusing the graph or the batch is an answer: it cannot be batched this way.
      return false;
    }
  };

  const freed = withDynamicBorder(graph, input, output);
  const declared = typeof input.shape[0] === 'string';
  if (declared && (await agrees(freed))) return { graph: freed, batch: 'dynamic' };
  const rewritten = await rewriteReshapes(model, freed, entry, example, group);
  if (rewritten && (await agrees(rewritten))) return { graph: rewritten, batch: declared ? 'dynamic' : 'rewritten' };
  if (group === 1) {
    const same =
      graph === plain || (await agreesAlone(model, graph, entry, output, example, probe, expected, tolerance));
    return { graph: same ? graph : plain, batch: 'fixed-1' };
  }
  throw new RobustnessError(
    'model/fixed-batch',
    `The model takes exactly ${group} examples at a time, and what it computes depends on that number.`,
    'Export it with a dynamic batch dimension (torch.onnx.export: dynamic_axes or dynamic_shapes).',
  );
}

/** Whether a graph gives what is expected one example at a time. */
async function agreesAlone(
  model: LoadedModel,
  graph: GraphProto,
  entry: Border,
  output: Border,
  example: readonly number[],
  probe: Float32Array,
  expected: Float64Array,
  tolerance: number,
): Promise<boolean> {
  const session = await createSession(modelBytes(model.proto, withMeans(graph)), checking(graph)).catch(
    () => undefined,
  );
  if (!session) return false;
  try {
    return close(await runInGroups(session, entry, output, example, probe, 1), expected, tolerance);
  } catch {
    return false;
  } finally {
    await session.release();
  }
}

/**
 * How a graph is held against the file. Optimising takes longer than a run; but where quantised layers are computed in
 * float32 between roundings, as they are without it, a rounding that falls the other way moves the scores by a whole step.
 */
function checking(graph: GraphProto): { readonly optimization: 'all' | 'disabled' } {
  return { optimization: graph.node.some(({ opType }) => opType === 'QuantizeLinear') ? 'all' : 'disabled' };
}

/** How many examples the file takes at a time as it was exported. */
export function groupSize(input: Border): number {
  const [first] = input.shape;
  return typeof first === 'number' ? first : 1;
}

/**
 * Shape of one example as the model declares it. Sizes that it leaves open are taken as 32 in pictures and sequences, which
 * convolutional networks accept, and as 1 otherwise.
 */
export function exampleShape(input: Border): number[] {
  const open = input.shape.length >= 4 ? 32 : 1;
  return input.shape.slice(1).map((dim) => (typeof dim === 'number' ? dim : open));
}

/** A tensor of the input's own float type. */
export function tensor(input: Border, dims: readonly number[], data: Float32Array): Value {
  if (input.type === 'double') return { type: 'float64', dims, data: Float64Array.from(data) };
  if (input.type === 'float16') return { type: 'float16', dims, data: Uint16Array.from(data, floatToHalf) };
  return { type: 'float32', dims, data };
}

/** An output of floats or integers of any width as numbers. */
export function numbers(value: Value): ArrayLike<number> {
  if (value.data instanceof BigInt64Array) return Float64Array.from(value.data, Number);
  return value.data instanceof Uint16Array ? Float32Array.from(value.data, halfToFloat) : (value.data as Float32Array);
}

/**
 * `count` examples to try a model on: random points in [0, 1], which tell two graphs apart even where the model wants
 * another range, and typical values where only those will do (ids, lengths, masks).
 */
export function trialExamples(input: Border, size: number, count: number, name: string): Float32Array {
  const random = Random.of(0, name);
  return Float32Array.from({ length: count * size }, (_, i) => {
    const drawn = random.uniform();
    const typical = input.typical?.[i % size];
    return typical === undefined || Number.isNaN(typical) ? drawn : typical;
  });
}

async function runInGroups(
  original: Session,
  input: Border,
  output: Border,
  example: readonly number[],
  probe: Float32Array,
  group: number,
): Promise<Float64Array> {
  const size = elementCount(example) * group;
  const results: number[] = [];
  for (let at = 0; at < probe.length; at += size) {
    const some = probe.slice(at, at + size);
    const values = await original.run({ [input.name]: tensor(input, [group, ...example], some) }, [output.name]);
    results.push(...Array.from(numbers(values[output.name]!)));
  }
  return Float64Array.from(results);
}

function close(actual: Float64Array, expected: Float64Array, tolerance: number): boolean {
  if (actual.length !== expected.length) return false;
  const scale = Math.max(1e-6, ...expected.map(Math.abs));
  return actual.every((value, i) => Math.abs(value - expected[i]!) <= tolerance * scale);
}

function withDynamicBorder(graph: GraphProto, input: Border, output: Border): GraphProto {
  const dynamic = graph.input.map((info) => {
    const type = info.type?.value;
    if (info.name !== input.name || type?.case !== 'tensorType') return info;
    const [, ...rest] = type.value.shape?.dim ?? [];
    return create(ValueInfoProtoSchema, {
      name: info.name,
      type: create(TypeProtoSchema, {
        value: {
          case: 'tensorType',
          value: {
            elemType: type.value.elemType,
            shape: { dim: [{ value: { case: 'dimParam', value: 'N' } }, ...rest] },
          },
        },
      }),
    });
  });
  // Declared shapes of outputs and intermediates may name the old batch.
  return create(GraphProtoSchema, {
    ...graph,
    input: dynamic,
    output: [create(ValueInfoProtoSchema, { name: output.name })],
    valueInfo: [],
  });
}

/** Gives every reshape of data a leading -1, with the sizes that a run showed in place of any other -1. */
async function rewriteReshapes(
  model: LoadedModel,
  graph: GraphProto,
  input: Border,
  example: readonly number[],
  group: number,
): Promise<GraphProto | undefined> {
  const feed = () => ({
    [input.name]: tensor(input, [group, ...example], trialExamples(input, elementCount(example), group, 'batch-probe')),
  });
  const seen = await observe(model.proto, graph, feed, [1, 1]).catch(() => undefined);
  if (!seen) return undefined;
  const constants = new Constants(graph);
  const onPath = new Set([input.name]);
  const rewritten = create(GraphProtoSchema, { ...graph, node: [], initializer: [...graph.initializer] });
  const builder = new GraphBuilder(create(GraphProtoSchema, { ...graph, initializer: rewritten.initializer }));
  for (const node of graph.node) {
    const usesData = node.input.some((name) => onPath.has(name));
    if (usesData) for (const name of node.output) onPath.add(name);
    rewritten.node.push(usesData && node.opType === 'Reshape' ? reshapeOf(node, constants, seen, builder) : node);
  }
  rewritten.initializer = builder.graph.initializer;
  return rewritten;
}

function reshapeOf(
  node: NodeProto,
  constants: Constants,
  seen: Awaited<ReturnType<typeof observe>>,
  builder: GraphBuilder,
): NodeProto {
  const target = constants.get(node.input[1]!);
  const result = seen.shape(node.output[0]!);
  if (target?.type !== 'int64' || !result || result.length === 0 || target.data[0] === 0n) return node;
  const sizes = [-1, ...result.slice(1).map((dim) => dim ?? 1)];
  return create(NodeProtoSchema, {
    name: node.name,
    opType: 'Reshape',
    input: [node.input[0]!, builder.ints(sizes)],
    output: node.output,
  });
}
