import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectModel, openModel } from '../../../../src/engine/model';
import { floatValueInfo, type GraphBuilder } from '../../../../src/engine/onnx/builder';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
} from '../../../../src/engine/onnx/generated/onnx_pb';
import { recurrentLowerings } from '../../../../src/engine/onnx/lower/recurrent';
import { Random } from '../../../../src/engine/random';
import { graphOf, lower, type Native, numbersApart, protoOf } from './lowered';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lower-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const random = Random.of(2, 'lower-test');
const draw = (count: number) => Float32Array.from({ length: count }, () => 0.5 * random.normal());
const weight = (b: GraphBuilder, ...dims: number[]) => b.floats(draw(dims.reduce((a, d) => a * d, 1)), dims);

const [steps, features, hidden, classes] = [6, 4, 5, 3];

/** An LSTM classifier as exporters write it: [1 or N, steps, features] to scores, with zero states for a batch of 1. */
function classifier(batch: 1 | 'N'): GraphProto {
  const graph = graphOf([batch, steps, features], (b) => {
    const x = b.op('Transpose', ['x'], { perm: [1, 0, 2] });
    const state = batch === 1 ? b.floats(new Float32Array(hidden), [1, 1, hidden]) : '';
    const inputs = [x, weight(b, 1, 4 * hidden, features), weight(b, 1, 4 * hidden, hidden), weight(b, 1, 8 * hidden)];
    const [all] = b.ops('LSTM', [...inputs, '', state, state], 3, { hidden_size: hidden });
    const squeezed = b.op('Squeeze', [all!, b.ints([1])]);
    const last = b.op('Gather', [squeezed, b.intScalar(-1)], { axis: 0 });
    return [b.op('Gemm', [last, weight(b, classes, hidden), weight(b, classes)], { transB: 1 })];
  });
  graph.output = [floatValueInfo(graph.output[0]!.name, [batch, classes])];
  return graph;
}

async function save(name: string, graph: GraphProto): Promise<string> {
  const file = path.join(folder, `${name}.onnx`);
  await writeFile(file, toBinary(ModelProtoSchema, create(ModelProtoSchema, { ...protoOf(graph), irVersion: 8n })));
  return file;
}

describe('a recurrent classifier', () => {
  it.each([1, 'N'] as const)(
    'opened with a batch of %s takes many examples, with the gradient of each',
    async (batch) => {
      const file = await save(`lstm-${batch}`, classifier(batch));
      const opened = await openModel(file, {
        preprocess: { mean: [0], std: [1], layout: 'flat', channels: 'rgb' },
        exampleShape: [steps * features],
        kind: 'vector',
      });
      const { oracle } = opened;
      expect(opened.facts.gradient).toMatchObject({ available: true, unavailable: [] });
      expect(opened.facts.batch).toBe(batch === 1 ? 'rewritten' : 'dynamic');
      const count = 4;
      const x = draw(count * oracle.exampleSize);
      const y = Int32Array.of(0, 1, 2, 0);
      const expected = await opened.original.predict(x);
      const { logits, gradient } = await oracle.gradient(x, y, 'ce');
      for (const [i, logit] of expected.entries()) expect(logits[i]).toBeCloseTo(logit, 5);
      const loss = async (at: Float32Array) => {
        const scores = await opened.original.predict(at);
        return Array.from(y, (label, i) => {
          const row = Array.from(scores.subarray(i * classes, (i + 1) * classes));
          return Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[label]!;
        }).reduce((a, b) => a + b);
      };
      const step = 1e-2;
      for (let k = 0; k < x.length; k += 5) {
        const moved = (by: number) => x.map((v, i) => (i === k ? v + by : v));
        const slope = ((await loss(moved(step))) - (await loss(moved(-step)))) / (2 * step);
        expect(gradient[k]).toBeCloseTo(slope, 3);
      }
      await opened.release();
    },
  );
});

describe('what stays', () => {
  const recurrent = (length: number): Native => {
    const graph = graphOf(['S', 'N', 2], (b) => [
      b.op('RNN', ['x', weight(b, 1, 3, 2), weight(b, 1, 3, 3)], { hidden_size: 3 }),
    ]);
    return { proto: protoOf(graph), graph, x: { dims: [length, 2, 2], data: draw(length * 4) }, batchAxis: 1 };
  };

  it('a sequence of more than 512 steps, by name; one of 512 is unrolled', async () => {
    const { left } = await lower(recurrent(513));
    expect(left).toMatchObject([{ operator: 'RNN', reason: 'its sequence has 513 steps; 512 are unrolled at most' }]);
    const native = recurrent(512);
    const { graph } = await lower(native);
    expect(await numbersApart(native, graph)).toBeLessThan(1e-4);
  });

  it('a sequence whose length moves with the examples', async () => {
    const { left } = await lower({ ...recurrent(3), batchAxis: 0 });
    expect(left).toMatchObject([
      { operator: 'RNN', reason: 'the length of its sequence moves with the number of examples' },
    ]);
  });

  it('says so when a model is inspected', async () => {
    const graph = graphOf(['N', 4], (b) => {
      const condition = b.op('Greater', [b.op('ReduceSum', ['x'], { keepdims: 0 }), b.scalar(0)]);
      const side = (name: string, opType: string) => {
        const node = create(NodeProtoSchema, { opType, input: ['x'], output: [`${name}_y`] });
        const g = create(GraphProtoSchema, { name, node: [node], output: [floatValueInfo(`${name}_y`, ['N', 4])] });
        return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g });
      };
      const y = b.op('If', [condition]);
      b.graph.node.at(-1)!.attribute = [side('then_branch', 'Sin'), side('else_branch', 'Tanh')];
      return [y];
    });
    graph.output = [floatValueInfo(graph.output[0]!.name, ['N', 4])];
    const { facts, operators } = await inspectModel(await save('if', graph));
    expect(facts.gradient).toMatchObject({ available: false, unavailable: ['If'] });
    expect(facts.gradient).toMatchObject({ reasons: { If: 'its condition depends on the data' } });
    expect(operators.find(({ name }) => name === 'If')?.gradient).toBe('unavailable');
  });
});

describe('layout 1', () => {
  it('is layout 0 with the examples first', async () => {
    const [w, r, bias] = [draw(2 * 9 * 2), draw(2 * 9 * 3), draw(2 * 18)];
    const gru = (b: GraphBuilder, x: string, layout: number) =>
      b.ops('GRU', [x, b.floats(w, [2, 9, 2]), b.floats(r, [2, 9, 3]), b.floats(bias, [2, 18])], 2, {
        hidden_size: 3,
        direction: 'bidirectional',
        layout,
      });
    const native = graphOf(['N', 3, 2], (b) => {
      const [all, last] = gru(b, b.op('Transpose', ['x'], { perm: [1, 0, 2] }), 0);
      return [b.op('Transpose', [all!], { perm: [2, 0, 1, 3] }), b.op('Transpose', [last!], { perm: [1, 0, 2] })];
    });
    // ONNX Runtime 1.30 does not run layout 1, so the lowering is called by itself.
    const dims: Record<string, (number | null)[]> = { x: [null, 3, 2] };
    const lowered = graphOf(['N', 3, 2], (b) => {
      gru(b, 'x', 1);
      const node = b.graph.node.pop()!;
      for (const tensor of b.graph.initializer) dims[tensor.name] = tensor.dims.map(Number);
      const [all, last] = recurrentLowerings.GRU!({
        node,
        builder: b,
        x: (i = 0) => node.input[i] ?? '',
        has: (i) => (node.input[i] ?? '') !== '',
        shapeOf: (i) => dims[node.input[i]!]!,
        shapeOfOutput: () => [],
        typeOf: () => 'float32',
        constant: () => undefined,
        integers: () => undefined,
        op: (...args) => b.op(...args),
        leave: (reason) => {
          throw new Error(reason);
        },
      });
      for (const [i, name] of [all!, last!].entries()) b.named('Identity', [name], native.output[i]!.name);
      return native.output.map(({ name }) => name);
    });
    const x = { dims: [2, 3, 2], data: draw(12) };
    expect(await numbersApart({ proto: protoOf(native), graph: native, x }, lowered)).toBeLessThan(1e-5);
  });
});
