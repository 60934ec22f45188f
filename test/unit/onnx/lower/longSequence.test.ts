import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { differentiate } from '../../../../src/engine/gradient/differentiate';
import { GraphBuilder } from '../../../../src/engine/onnx/builder';
import { Constants } from '../../../../src/engine/onnx/constants';
import { type GraphProto, GraphProtoSchema } from '../../../../src/engine/onnx/generated/onnx_pb';
import { cutEvenly, joinAll } from '../../../../src/engine/onnx/lower/fan';
import { observe } from '../../../../src/engine/onnx/observe';
import { modelBytes } from '../../../../src/engine/onnx/write';
import { Random } from '../../../../src/engine/random';
import { createSession, floats } from '../../../../src/engine/runtime';
import { gradientApart, graphOf, lower, type Native, numbersApart, protoOf } from './lowered';

const random = Random.of(8, 'long-sequence');
const draw = (count: number) => Float32Array.from({ length: count }, () => 0.5 * random.normal());
const gates = { RNN: 1, GRU: 3, LSTM: 4 };
/** More steps than a node of the trees has edges. */
const [steps, hidden] = [40, 2];

/** Two layers on [steps, batch, 1], the first of them in both directions; the sequence and the last state come out. */
function stackOf(kind: keyof typeof gates): Native {
  const graph = graphOf([steps, 'N', 1], (b) => {
    const layer = (x: string, features: number, directions: number) => {
      const weight = (...dims: number[]) => b.floats(draw(dims.reduce((a, d) => a * d, 1)), dims);
      const size = gates[kind] * hidden;
      return b.ops(kind, [x, weight(directions, size, features), weight(directions, size, hidden)], 2, {
        hidden_size: hidden,
        direction: directions === 2 ? 'bidirectional' : 'forward',
      }) as [string, string];
    };
    const [first] = layer('x', 1, 2);
    const merged = b.op('ReduceSum', [first, b.ints([1])], { keepdims: 0 });
    return layer(merged, hidden, 1);
  });
  return { proto: protoOf(graph), graph, x: { dims: [steps, 2, 1], data: draw(steps * 2) }, batchAxis: 1 };
}

/** The graph with the gradient of its outputs' sum with respect to x. */
async function withGradient({ proto }: Native, lowered: GraphProto): Promise<GraphProto> {
  const graph = create(GraphProtoSchema, { ...lowered, node: [...lowered.node] });
  const builder = new GraphBuilder(graph);
  const feed = (batch: number) => ({ x: floats(draw(steps * batch), [steps, batch, 1]) });
  const observation = await observe(proto, graph, feed, [2, 3]);
  const arriving = new Map(graph.output.map(({ name }) => [name, builder.op('Add', [name, builder.scalar(1)])]));
  differentiate({ builder, observation, constants: new Constants(graph), from: ['x'], arriving });
  return graph;
}

describe('a long sequence', () => {
  it.each(['RNN', 'GRU', 'LSTM'] as const)('%s: two layers give the numbers and the gradient', async (kind) => {
    const native = stackOf(kind);
    const { graph } = await lower(native);
    expect(await numbersApart(native, graph)).toBeLessThan(2e-5);
    expect(await gradientApart(native, graph)).toBeLessThan(0.01);
  });

  // What loading took the square of its length for: sizes that ONNX Runtime cannot name, and nodes with hundreds of edges.
  it.each(['RNN', 'GRU', 'LSTM'] as const)('%s: keeps the batch by name and its nodes narrow', async (kind) => {
    const native = stackOf(kind);
    const { graph } = await lower(native);
    const full = await withGradient(native, graph);
    const constants = new Constants(full);
    const reshapes = full.node.filter((node) => node.opType === 'Reshape');
    expect(reshapes.length).toBeGreaterThan(3);
    for (const node of reshapes) expect(Array.from(constants.get(node.input[1]!)!.data, Number)).not.toContain(-1);
    for (const node of full.node) expect(Math.max(node.input.length, node.output.length)).toBeLessThanOrEqual(32);
  });

  it.each([1, 2, 32, 33, 50, 131, 512])('is cut into %i parts and joined again in order', async (count) => {
    const graph = graphOf(['N', 3 * count], (b) => {
      const parts = cutEvenly(b, 'x', 1, count, 3);
      expect(parts).toHaveLength(count);
      return [joinAll(b, parts.toReversed(), 1), ...new Set([parts[0]!, parts.at(-1)!])];
    });
    const session = await createSession(modelBytes(protoOf(graph), graph));
    const data = draw(3 * count);
    const values = await session.run({ x: floats(data, [1, 3 * count]) });
    await session.release();
    const [joined, first] = graph.output.map(({ name }) => Array.from(values[name]!.data, Number));
    const triples = Array.from({ length: count }, (_, i) => Array.from(data.slice(3 * i, 3 * i + 3)));
    expect(joined).toEqual(triples.toReversed().flat());
    if (count > 1) expect(first).toEqual(triples[0]);
  });
});
