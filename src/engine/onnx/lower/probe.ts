import { create } from '@bufbuild/protobuf';
import { createSession, type Value } from '../../runtime';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  type NodeProto,
  ValueInfoProtoSchema,
} from '../generated/onnx_pb';
import { modelBytes } from '../write';
import { namesRead } from './inline';

/** How a graph can be run before anything is known of it. */
export interface Trial {
  readonly proto: ModelProto;
  /** Makes the graph's inputs for a batch size. */
  feed(batch: number): Record<string, Value>;
  /** Sets of batch sizes to try, best first: a graph may declare a dynamic batch and take one example only. */
  readonly batchSizes: readonly (readonly number[])[];
}

/**
 * Values of small integer, boolean or float tensors that are the same at every batch size; null where they are not.
 * Runs what they depend on and nothing else.
 *
 * @param extra nodes that are run besides those of the graph.
 * @returns undefined where the graph could not be run.
 */
export async function probe(
  trial: Trial,
  graph: GraphProto,
  extra: readonly NodeProto[],
  wanted: readonly string[],
): Promise<readonly (readonly number[] | null)[] | undefined> {
  if (wanted.length === 0) return [];
  const bytes = modelBytes(trial.proto, slice(graph, extra, wanted));
  const session = await createSession(bytes, { optimization: 'disabled' }).catch(() => undefined);
  if (!session) return undefined;
  try {
    for (const sizes of trial.batchSizes) {
      const runs: Record<string, Value>[] = [];
      try {
        for (const batch of sizes) runs.push(await session.run(trial.feed(batch), wanted));
      } catch {
        continue;
      }
      return wanted.map((name) => {
        const values = runs.map((run) => Array.from(run[name]!.data, Number));
        return values.every((other) => String(other) === String(values[0])) ? values[0]! : null;
      });
    }
    return undefined;
  } finally {
    await session.release();
  }
}

/** The part of a graph that `wanted` depends on, with them as its outputs. */
export function slice(graph: GraphProto, extra: readonly NodeProto[], wanted: readonly string[]): GraphProto {
  const names = new Set(wanted);
  const nodes: NodeProto[] = [];
  for (const node of [...graph.node, ...extra].reverse()) {
    if (!node.output.some((name) => names.has(name))) continue;
    nodes.push(node);
    for (const name of namesRead(node)) names.add(name);
  }
  return create(GraphProtoSchema, {
    ...graph,
    node: nodes.reverse(),
    initializer: graph.initializer.filter((tensor) => names.has(tensor.name)),
    valueInfo: [],
    output: wanted.map((name) => create(ValueInfoProtoSchema, { name })),
  });
}
