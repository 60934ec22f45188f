import { create } from '@bufbuild/protobuf';
import { createSession, type Value } from '../runtime';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  NodeProtoSchema,
  ValueInfoProtoSchema,
} from './generated/onnx_pb';
import { elementCount } from './tensor';
import { modelBytes } from './write';

/** Size of one dimension, or null where it moved with the batch. */
export type Dim = number | null;

/** What a run of the instrumented model showed of its intermediate tensors. */
export interface Observation {
  /** Shape of every tensor that the graph computes, and of its inputs. */
  shape(name: string): readonly Dim[] | undefined;
  /** Element type, as ONNX Runtime names it: `float32`, `int64` ... */
  type(name: string): string | undefined;
  /** Values of a small integer tensor that were the same at both batch sizes. */
  integers(name: string): readonly number[] | undefined;
  /** Floats that one example needs in all intermediate tensors together. */
  readonly floatsPerExample: number;
}

/** What one run showed: sizes of all tensors, values of the integer ones. */
interface Seen {
  readonly dims: ReadonlyMap<string, readonly number[]>;
  readonly integers: ReadonlyMap<string, Value>;
}

/** Larger integer tensors are data, not shapes or axes. */
const mostIntegers = 64;

/**
 * Runs the graph at two batch sizes (at 1 only, if it cannot be batched) and reads the shape of every intermediate tensor.
 * The dimension that moved is the batch. Floats do not leave the run: asking for them all would hold every activation of
 * the model in memory at once.
 *
 * @param feed makes the graph's inputs for a batch size.
 */
export async function observe(
  model: ModelProto,
  graph: GraphProto,
  feed: (batch: number) => Record<string, Value>,
  batchSizes: readonly [number, number],
): Promise<Observation> {
  const types = await elementTypes(model, graph);
  const probes = [...types.keys()].map((name, i) => ({ name, output: `ri_observed_${i}` }));
  const integers = integerOutputs(graph, types);
  const instrumented = create(GraphProtoSchema, {
    ...graph,
    // ONNX Runtime orders nodes depth first from the last leaf: in this order each shape is taken as soon as its tensor is
    // there, and the tensor can go; in the other, all tensors wait for the end.
    node: [
      ...graph.node,
      ...probes
        .toReversed()
        .map(({ name, output }) =>
          create(NodeProtoSchema, { opType: 'Shape', name: output, input: [name], output: [output] }),
        ),
    ],
    // ONNX Runtime infers the types of outputs that declare none.
    output: [...probes.map(({ output }) => output), ...integers].map((name) => create(ValueInfoProtoSchema, { name })),
  });
  const session = await createSession(modelBytes(model, instrumented), { optimization: 'disabled' });
  const run = async (feeds: Record<string, Value>): Promise<Seen> => {
    const values = await session.run(feeds);
    const dims = new Map(Object.entries(feeds).map(([name, value]) => [name, value.dims]));
    for (const { name, output } of probes) dims.set(name, Array.from(values[output]!.data, Number));
    return { dims, integers: new Map(integers.map((name) => [name, values[name]!])) };
  };
  try {
    const [first, second] = batchSizes;
    const feeds = feed(second);
    const small = await run(feed(first));
    const large = first === second ? small : await run(feeds);
    for (const [name, value] of Object.entries(feeds)) types.set(name, value.type);
    return compare(small, large, types, second);
  } finally {
    await session.release();
  }
}

/** Element types of all tensors that the graph computes, as ONNX Runtime infers them; nothing is run. */
async function elementTypes(model: ModelProto, graph: GraphProto): Promise<Map<string, string>> {
  const outputs = [...new Set(graph.node.flatMap((node) => node.output))].filter((name) => name !== '');
  const exposed = create(GraphProtoSchema, {
    ...graph,
    output: outputs.map((name) => create(ValueInfoProtoSchema, { name })),
  });
  const session = await createSession(modelBytes(model, exposed), { optimization: 'disabled', threads: 1 });
  try {
    return new Map(session.outputTypes);
  } finally {
    await session.release();
  }
}

/** Integer tensors whose values may be shapes or axes; not the sums that quantised layers compute. */
function integerOutputs(graph: GraphProto, types: ReadonlyMap<string, string>): string[] {
  return graph.node
    .filter(({ opType }) => opType !== 'MatMulInteger' && opType !== 'ConvInteger')
    .flatMap((node) => node.output)
    .filter((name) => types.get(name) === 'int64' || types.get(name) === 'int32');
}

function compare(small: Seen, large: Seen, types: ReadonlyMap<string, string>, largeBatch: number): Observation {
  const shapes = new Map<string, Dim[]>();
  const integers = new Map<string, number[]>();
  let floats = 0;
  for (const [name, dims] of large.dims) {
    const before = small.dims.get(name);
    if (!before || before.length !== dims.length) continue;
    shapes.set(
      name,
      dims.map((dim, i) => (dim === before[i] ? dim : null)),
    );
    if (types.get(name) === 'float32') floats += elementCount(dims);
  }
  for (const [name, { data }] of large.integers) {
    if (data.length > mostIntegers) continue;
    const numbers = Array.from(data, Number);
    if (String(numbers) === String(Array.from(small.integers.get(name)!.data, Number))) integers.set(name, numbers);
  }
  return {
    shape: (name) => shapes.get(name),
    type: (name) => types.get(name),
    integers: (name) => integers.get(name),
    floatsPerExample: Math.ceil(floats / largeBatch),
  };
}
