import { create } from '@bufbuild/protobuf';
import { createSession, type Session, type Value } from '../runtime';
import { type GraphProto, GraphProtoSchema, type ModelProto, ValueInfoProtoSchema } from './generated/onnx_pb';
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

/**
 * Runs the graph with every intermediate tensor as an output, at two batch sizes (at 1 only, if it cannot be batched), and
 * reads what comes out. The dimension that moved is the batch.
 *
 * @param feed makes the graph's inputs for a batch size.
 */
export async function observe(
  model: ModelProto,
  graph: GraphProto,
  feed: (batch: number) => Record<string, Value>,
  batchSizes: readonly [number, number],
): Promise<Observation> {
  const outputs = [...new Set(graph.node.flatMap((node) => node.output))].filter((name) => name !== '');
  const instrumented = create(GraphProtoSchema, {
    ...graph,
    // ONNX Runtime infers the types of outputs that declare none.
    output: outputs.map((name) => create(ValueInfoProtoSchema, { name })),
  });
  const session = await createSession(modelBytes(model, instrumented), { optimization: 'disabled' });
  try {
    const [first, second] = batchSizes;
    const small = await observeOnce(session, feed(first));
    const large = first === second ? small : await observeOnce(session, feed(second));
    return compare(small, large, second);
  } finally {
    await session.release();
  }
}

async function observeOnce(session: Session, feeds: Record<string, Value>): Promise<Record<string, Value>> {
  return { ...feeds, ...(await session.run(feeds)) };
}

function compare(small: Record<string, Value>, large: Record<string, Value>, largeBatch: number): Observation {
  const shapes = new Map<string, Dim[]>();
  const integers = new Map<string, number[]>();
  // Kept apart from the values, which are large and need not outlive this function.
  const types = new Map(Object.entries(large).map(([name, value]) => [name, value.type]));
  let floats = 0;
  for (const [name, value] of Object.entries(large)) {
    const before = small[name];
    if (!before || before.dims.length !== value.dims.length) continue;
    shapes.set(
      name,
      value.dims.map((dim, i) => (dim === before.dims[i] ? dim : null)),
    );
    if (value.type === 'float32') floats += value.data.length;
    if (value.data.length <= 64 && (value.type === 'int64' || value.type === 'int32')) {
      const numbers = Array.from(value.data, Number);
      if (String(numbers) === String(Array.from(before.data, Number))) integers.set(name, numbers);
    }
  }
  return {
    shape: (name) => shapes.get(name),
    type: (name) => types.get(name),
    integers: (name) => integers.get(name),
    floatsPerExample: Math.ceil(floats / largeBatch),
  };
}
