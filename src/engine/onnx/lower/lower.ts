import { create } from '@bufbuild/protobuf';
import { createSession, type Value } from '../../runtime';
import { type GraphProto, GraphProtoSchema, ValueInfoProtoSchema } from '../generated/onnx_pb';
import { operatorName } from '../opset';
import { withMeans } from '../random';
import { modelBytes } from '../write';
import { resolveControlFlow } from './controlFlow';
import type { Left } from './lowering';
import { lowerOperators, uncovered } from './operators';
import { slice, type Trial } from './probe';

export interface LoweringRequest extends Trial {
  /** Upgraded, with functions inlined and floats widened. */
  readonly graph: GraphProto;
}

export interface LoweredGraph {
  readonly graph: GraphProto;
  /** What could not be brought to operators that have a rule, by name and reason. */
  readonly left: readonly Left[];
}

/** Relative to the largest output: float32 sums in another order differ by less. */
const tolerance = 1e-3;

/**
 * Brings what stands between a graph's inputs and outputs to operators that the rule table has: branches that are always
 * taken are inlined, loops of constant length unrolled, recurrent and fused operators taken apart. A graph that needs
 * none of it comes back as it is, and nothing has run. The result is run against the graph that was given; where the
 * numbers differ, that one is returned.
 *
 * @throws `model/endless-loop`
 */
export async function lowerGraph(request: LoweringRequest): Promise<LoweredGraph> {
  const { graph } = request;
  if (uncovered(graph).length === 0) return { graph, left: [] };
  const resolved = await resolveControlFlow(request, graph);
  const lowered = await lowerOperators(request, resolved.graph);
  const left = [...resolved.left, ...lowered.left];
  if (lowered.graph === graph) return { graph, left };
  const pruned = used(lowered.graph);
  if (await agree(request, graph, pruned)) return { graph: pruned, left };
  const reason = 'taken apart, it gave other numbers';
  return { graph, left: uncovered(graph).map((node) => ({ operator: operatorName(node), name: node.name, reason })) };
}

/** Without what only decided a branch or a count that is now written out. */
function used(graph: GraphProto): GraphProto {
  const outputs = graph.output.map((output) => output.name);
  // A weight that nothing reads any more keeps its (zero) gradient.
  return create(GraphProtoSchema, { ...graph, node: slice(graph, [], outputs).node, valueInfo: [] });
}

/** Whether two graphs give the same float outputs at the first set of batch sizes that the first of them takes. */
async function agree(trial: Trial, reference: GraphProto, candidate: GraphProto): Promise<boolean> {
  for (const sizes of trial.batchSizes) {
    const feeds = sizes.map((batch) => trial.feed(batch));
    const expected = await run(trial, reference, feeds);
    if (!expected) continue;
    const actual = await run(trial, candidate, feeds);
    return actual?.every((values, i) => sameValues(values, expected[i]!)) ?? false;
  }
  // A graph that cannot be run here shows no difference; what follows says why it cannot.
  return true;
}

async function run(
  trial: Trial,
  graph: GraphProto,
  feeds: readonly Record<string, Value>[],
): Promise<readonly Record<string, Value>[] | undefined> {
  const undeclared = create(GraphProtoSchema, {
    ...withMeans(graph),
    output: graph.output.map(({ name }) => create(ValueInfoProtoSchema, { name })),
  });
  const session = await createSession(modelBytes(trial.proto, undeclared)).catch(() => undefined);
  if (!session) return undefined;
  try {
    const results: Record<string, Value>[] = [];
    for (const feed of feeds) results.push(await session.run(feed));
    return results;
  } catch {
    return undefined;
  } finally {
    await session.release();
  }
}

function sameValues(actual: Record<string, Value>, expected: Record<string, Value>): boolean {
  return Object.entries(expected).every(([name, value]) => {
    const other = actual[name];
    if (!other || String(other.dims) !== String(value.dims)) return false;
    if (!(value.data instanceof Float32Array)) return true;
    const data = other.data as Float32Array;
    const scale = value.data.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-6);
    return value.data.every((v, i) => Object.is(v, data[i]) || Math.abs(v - data[i]!) <= tolerance * scale);
  });
}
