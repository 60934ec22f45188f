import { create } from '@bufbuild/protobuf';
import { tensor } from '../onnx/batch';
import { GraphBuilder } from '../onnx/builder';
import { type GraphProto, GraphProtoSchema, NodeProtoSchema, ValueInfoProtoSchema } from '../onnx/generated/onnx_pb';
import { borderIn } from '../onnx/lower/floatWidth';
import { isStandard } from '../onnx/opset';
import type { PreparedModel } from '../onnx/prepare';
import { modelBytes } from '../onnx/write';
import { createSession, type Value } from '../runtime';

/**
 * Standard deviations over random points of the box within which a unit's threshold counts as reachable. Measured on a
 * binarised traffic sign network at ±1 grey level: with 3 a counterexample in 20 steps, with 1, 10, 30 or without in none of 60.
 */
const reach = 3;
/** Least deviation of a unit, as a share of its layer's: what hardly moves at random may still be moved on purpose. */
const leastDeviation = 0.1;
/** A tensor of fewer distinct values was made by an earlier threshold. */
const fewValues = 4;

/**
 * Makes the estimated gradient of Sign fit a box. Its rule (straight-through on [−1, 1]) lets pass what is near the threshold,
 * where 1 is what a binarised network was trained with; in a small box most of those units cannot change sign, and their
 * gradients drown the few that can. Sign(x) = Sign(s·x) for s > 0, so each unit's input is multiplied by 1 / (3 deviations)
 * over points of the box: then those within reach let a gradient pass, in proportion to how easily they are moved, which
 * approximates the derivative of the expected sign over the box. The network computes what it did.
 *
 * @param x [rows, ...example] points of the box.
 * @returns the graph itself where it has no Sign, cannot be batched, or cannot be run for this.
 */
export async function smoothSteps(
  prepared: PreparedModel,
  example: readonly number[],
  x: Float32Array,
  rows: number,
): Promise<GraphProto> {
  const { graph, input, batch } = prepared;
  const signs = new Set(graph.node.filter((node) => isStandard(node) && node.opType === 'Sign'));
  if (signs.size === 0 || batch === 'fixed-1') return graph;
  const entry = borderIn(graph, input);
  const wanted = [...new Set([...signs].map((node) => node.input[0]!))];
  const values = await valuesOf(prepared, { [input.name]: tensor(entry, [rows, ...example], x) }, wanted);
  if (values === null) return graph;

  const result = create(GraphProtoSchema, { ...graph, node: [], initializer: [...graph.initializer] });
  const builder = new GraphBuilder(result);
  builder.reserve(graph);
  for (const node of graph.node) {
    const seen = signs.has(node) ? values[node.input[0]!] : undefined;
    const usable = seen && seen.dims[0] === rows && seen.data instanceof Float32Array;
    const factors = usable ? stepFactors(seen.data as Float32Array, rows) : null;
    if (!factors) {
      result.node.push(node);
      continue;
    }
    const scale = builder.floats(factors, [1, ...seen!.dims.slice(1)]);
    const scaled = builder.op('Mul', [node.input[0]!, scale]);
    const { name, opType, output, domain } = node;
    result.node.push(create(NodeProtoSchema, { name, opType, domain, output, input: [scaled] }));
  }
  return result;
}

async function valuesOf(
  { graph, model }: PreparedModel,
  feed: Record<string, Value>,
  wanted: readonly string[],
): Promise<Record<string, Value> | null> {
  const output = wanted.map((name) => create(ValueInfoProtoSchema, { name }));
  try {
    const probe = modelBytes(model.proto, create(GraphProtoSchema, { ...graph, output }));
    const session = await createSession(probe, { optimization: 'disabled' });
    try {
      return await session.run(feed, wanted);
    } finally {
      await session.release();
    }
  } catch {
    // The search goes on with the rule's own window.
    return null;
  }
}

/**
 * What to multiply the inputs of thresholds by, one number a unit.
 *
 * @param values [rows, units]
 * @returns null where no unit moves, or values are not finite.
 */
export function stepFactors(values: Float32Array, rows: number): Float32Array | null {
  const units = values.length / rows;
  const distinct = new Set<number>();
  for (let i = 0; i < values.length && distinct.size < fewValues; i++) distinct.add(values[i]!);
  if (distinct.size < fewValues) {
    // Larq writes Sign(Sign(x) + 0.1), which would stop the gradients of all units that are 1: let all pass.
    let most = 0;
    for (const value of distinct) most = Math.max(most, Math.abs(value));
    return most > 0 && Number.isFinite(most) ? new Float32Array(units).fill(1 / (1.01 * most)) : null;
  }
  const deviations = new Float64Array(units);
  let variances = 0;
  for (let j = 0; j < units; j++) {
    let mean = 0;
    for (let i = 0; i < rows; i++) mean += values[i * units + j]!;
    mean /= rows;
    let variance = 0;
    for (let i = 0; i < rows; i++) variance += (values[i * units + j]! - mean) ** 2;
    variance /= rows;
    deviations[j] = Math.sqrt(variance);
    variances += variance / units;
  }
  const floor = leastDeviation * Math.sqrt(variances);
  if (!(floor > 0 && Number.isFinite(floor))) return null;
  return Float32Array.from(deviations, (deviation) => 1 / (reach * Math.max(deviation, floor)));
}
