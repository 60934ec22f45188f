import { intAttribute, intsAttribute } from '../attribute';
import type { GraphBuilder } from '../builder';
import type { NodeProto, ValueInfoProto } from '../generated/onnx_pb';
import { cutEvenly, joinAll } from './fan';
import { type Inliner, subgraphsOf } from './inline';

/**
 * A Loop's body, `trips` times over.
 *
 * @param outputs of the node; '' for one that nothing reads.
 * @returns names of what the outputs are, or why the loop cannot be written out.
 */
export function unrollLoop(
  inliner: Inliner,
  node: NodeProto,
  outputs: readonly string[],
  trips: number,
): readonly (string | undefined)[] | string {
  const [body] = subgraphsOf(node);
  if (!body) return 'it has no body';
  const { builder } = inliner;
  const carried = node.input.length - 2;
  const scans = Math.max(0, body.output.length - 1 - carried);
  if (trips === 0 && outputs.slice(carried).some((name) => name !== '')) return 'what it collects is empty';
  let state = node.input.slice(2);
  const collected = Array.from({ length: scans }, (): string[] => []);
  for (let trip = 0; trip < trips; trip++) {
    const bound = new Map(body.input.slice(2).map((input, i) => [input.name, state[i] ?? '']));
    const [iteration, condition] = body.input;
    if (iteration) bound.set(iteration.name, tripNumber(builder, trip, iteration));
    if (condition) bound.set(condition.name, inliner.truth(isVector(condition)));
    const nameOf = inliner.append(body, bound);
    const results = body.output.slice(1).map((output) => nameOf(output.name));
    state = results.slice(0, carried);
    for (const [i, names] of collected.entries()) names.push(results[carried + i]!);
  }
  return outputs.map((name, i) =>
    name === '' ? undefined : i < carried ? state[i] : stacked(builder, collected[i - carried]!, 0),
  );
}

/** A Scan's body, once for each of the `trips` slices. */
export function unrollScan(
  inliner: Inliner,
  node: NodeProto,
  outputs: readonly string[],
  trips: number,
): readonly (string | undefined)[] | string {
  const [body] = subgraphsOf(node);
  const slices = intAttribute(node, 'num_scan_inputs', 0);
  const states = node.input.length - slices;
  if (!body || states < 0) return 'it has no body';
  if (trips === 0) return 'it scans over nothing';
  const { builder } = inliner;
  const inputAxes = intsAttribute(node, 'scan_input_axes') ?? [];
  const outputAxes = intsAttribute(node, 'scan_output_axes') ?? [];
  const inputBackwards = intsAttribute(node, 'scan_input_directions') ?? [];
  const outputBackwards = intsAttribute(node, 'scan_output_directions') ?? [];
  const pieces = node.input.slice(states).map((name, i) => {
    const parts = sliced(builder, name, inputAxes[i] ?? 0, trips);
    return inputBackwards[i] === 1 ? parts.reverse() : parts;
  });
  let state = node.input.slice(0, states);
  const collected = Array.from({ length: Math.max(0, body.output.length - states) }, (): string[] => []);
  for (let trip = 0; trip < trips; trip++) {
    const values = [...state, ...pieces.map((parts) => parts[trip]!)];
    const nameOf = inliner.append(body, new Map(body.input.map((input, i) => [input.name, values[i] ?? ''])));
    const results = body.output.map((output) => nameOf(output.name));
    state = results.slice(0, states);
    for (const [i, names] of collected.entries()) names.push(results[states + i]!);
  }
  return outputs.map((name, i) => {
    if (name === '' || i < states) return name === '' ? undefined : state[i];
    const parts = collected[i - states]!;
    return stacked(builder, outputBackwards[i - states] === 1 ? parts.reverse() : parts, outputAxes[i - states] ?? 0);
  });
}

/** A tensor cut along an axis into slices without it. */
function sliced(builder: GraphBuilder, tensor: string, axis: number, count: number): string[] {
  return cutEvenly(builder, tensor, axis, count, 1).map((part) => builder.op('Squeeze', [part, builder.ints([axis])]));
}

function stacked(builder: GraphBuilder, tensors: readonly string[], axis: number): string {
  const rows = tensors.map((tensor) => builder.op('Unsqueeze', [tensor, builder.ints([axis])]));
  return joinAll(builder, rows, axis);
}

/** A body may declare its scalars as vectors of one, and gets them so. */
const isVector = (info: ValueInfoProto) =>
  info.type?.value.case === 'tensorType' && info.type.value.value.shape?.dim.length === 1;

const tripNumber = (builder: GraphBuilder, trip: number, info: ValueInfoProto) =>
  isVector(info) ? builder.ints([trip]) : builder.intScalar(trip);
