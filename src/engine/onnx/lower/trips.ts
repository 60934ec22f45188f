import { create } from '@bufbuild/protobuf';
import { RobustnessError } from '../../error';
import type { GraphBuilder } from '../builder';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
} from '../generated/onnx_pb';
import { copyWith } from '../upgrade';
import { namesDefined, namesRead, subgraphsOf } from './inline';
import { probe, type Trial } from './probe';

/** Trips from which on a loop that nothing ends counts as one that never will: at 100 ns each, minutes. */
const endless = 2 ** 31;

/**
 * Emits a copy of a Loop that makes at most `cap` trips and computes its own condition alone, and what counts its trips.
 */
export function countTrips(
  builder: GraphBuilder,
  node: NodeProto,
  tainted: (name: string) => boolean,
  cap: number,
): { wanted: string } | { reason: string } {
  const [body] = subgraphsOf(node);
  const [trip = '', condition = ''] = node.input;
  const stop = body?.output[0]?.name;
  const [iteration] = body?.input ?? [];
  if (!body || !stop || !iteration) return { reason: 'it has no body' };
  if (trip !== '' && tainted(trip)) return { reason: 'its trip count depends on the data' };
  if (tainted(condition) || tainted(stop)) return { reason: 'its condition depends on the data' };
  const { nodes, carried } = whatDecides(body, stop);
  if (nodes.some((inner) => subgraphsOf(inner).length > 0)) {
    return { reason: 'its condition is computed by an If or a Loop within it' };
  }
  const counter = builder.fresh('iteration');
  const counted = create(GraphProtoSchema, {
    name: body.name,
    input: [iteration, body.input[1]!, ...carried.map((i) => body.input[i + 2]!)],
    output: [
      body.output[0]!,
      ...carried.map((i) => body.output[i + 1]!),
      // ONNX Runtime wants the type of a body's outputs declared.
      copyWith(iteration, { name: counter }),
    ],
    initializer: body.initializer,
    node: [
      ...nodes,
      create(NodeProtoSchema, { opType: 'Identity', name: counter, input: [iteration.name], output: [counter] }),
    ],
  });
  const limit = builder.intScalar(cap);
  const capped = trip === '' ? limit : builder.op('Min', [trip, limit]);
  const outputs = [...carried, 'trips'].map(() => builder.fresh('Loop'));
  builder.graph.node.push(
    create(NodeProtoSchema, {
      opType: 'Loop',
      name: outputs.at(-1)!,
      input: [capped, condition, ...carried.map((i) => node.input[i + 2]!)],
      output: outputs,
      attribute: [bodyAttribute(counted)],
    }),
  );
  return { wanted: builder.op('Shape', [outputs.at(-1)!]) };
}

const bodyAttribute = (g: GraphProto): AttributeProto =>
  create(AttributeProtoSchema, { name: 'body', type: AttributeProto_AttributeType.GRAPH, g });

/** Names around a Loop that its trip count depends on. */
export function tripDeciders(node: NodeProto): string[] {
  const [body] = subgraphsOf(node);
  const stop = body?.output[0]?.name;
  if (!body || !stop) return node.input.slice(0, 2);
  const { nodes, carried } = whatDecides(body, stop);
  const own = namesDefined(body);
  const captured = [...nodes.flatMap(namesRead), stop].filter((name) => !own.has(name));
  return [...node.input.slice(0, 2), ...carried.map((i) => node.input[i + 2] ?? ''), ...captured];
}

/** The nodes of a body that its condition depends on over any number of trips, and the carried values among them. */
function whatDecides(body: GraphProto, stop: string): { nodes: NodeProto[]; carried: number[] } {
  const names = new Set([stop]);
  for (let before = -1; before !== names.size; ) {
    before = names.size;
    for (const node of [...body.node].reverse()) {
      if (node.output.some((name) => names.has(name))) for (const name of namesRead(node)) names.add(name);
    }
    for (const [i, input] of body.input.slice(2).entries()) {
      const next = body.output[i + 1]?.name;
      if (names.has(input.name) && next !== undefined) names.add(next);
    }
  }
  return {
    nodes: body.node.filter((node) => node.output.some((name) => names.has(name))),
    carried: [...body.input.slice(2).keys()].filter((i) => names.has(body.input[i + 2]!.name)),
  };
}

/**
 * Refuses a loop that nothing ends but a trip count in the billions: running the model, as all that follows does, would
 * not come back.
 *
 * @throws `model/endless-loop`
 */
export async function refuseEndless(trial: Trial, graph: GraphProto, node: NodeProto): Promise<void> {
  const [body] = subgraphsOf(node);
  if (!body || !neverStops(body)) return;
  const trip = node.input[0] ?? '';
  const alias = create(NodeProtoSchema, { opType: 'Identity', input: [trip], output: ['ri_trip_count'] });
  const count =
    trip === '' ? Number.POSITIVE_INFINITY : (await probe(trial, graph, [alias], ['ri_trip_count']))?.[0]?.[0];
  if (count !== undefined && count >= endless) {
    throw new RobustnessError(
      'model/endless-loop',
      `The model has a Loop${node.name ? ` ("${node.name}")` : ''} of ${count} trips that no condition ends.`,
      'Export the model with the number of trips that it is meant to make.',
    );
  }
}

/** Whether a body gives on the condition that it was given. */
function neverStops(body: GraphProto): boolean {
  let name = body.output[0]?.name;
  for (let i = 0; i <= body.node.length; i++) {
    if (name === body.input[1]?.name) return true;
    const producer = body.node.find((node) => node.output.some((output) => output === name));
    if (!producer) return body.initializer.some((tensor) => tensor.name === name);
    if (producer.opType !== 'Identity') return false;
    name = producer.input[0];
  }
  return false;
}
