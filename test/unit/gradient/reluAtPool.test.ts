import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { differentiate } from '../../../src/engine/gradient/differentiate';
import { floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import { Constants } from '../../../src/engine/onnx/constants';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  ValueInfoProtoSchema,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { observe } from '../../../src/engine/onnx/observe';
import { modelBytes } from '../../../src/engine/onnx/write';
import { Random } from '../../../src/engine/random';
import { createSession, floats } from '../../../src/engine/runtime';
import { gradients } from './singleNode';

const dims = [2, 8, 9, 10];
const random = Random.of(1, 'relu at pool');
/** Few distinct values: ties in most windows, and windows without a positive element. */
const data = Float32Array.from({ length: 2 * 8 * 9 * 10 }, () => random.integer(5) - 3);
const feeds = { x: floats(data, dims) };
const proto = create(ModelProtoSchema, {
  irVersion: 10n,
  opsetImport: [create(OperatorSetIdProtoSchema, { version: 18n })],
});
const windows = [
  { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] },
  { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
];
const outputsOf = ({ kernel_shape: k, strides: s, pads: p }: (typeof windows)[number]) => [
  2,
  8,
  ...[9, 10].map((size, i) => Math.floor((size + p[i]! + p[i + 2]! - k[i]!) / s[i]!) + 1),
];
const seedAt = (i: number) => Math.fround(Math.sin(1.7 * i + 0.3) + 0.2);

/** Gradients of MaxPool(Relu(x)), and of Relu(x) added up where it is read a second time or asked for. */
async function throughBoth(window: (typeof windows)[number], second: 'no' | 'read' | 'asked') {
  const graph = create(GraphProtoSchema, { name: 'test', input: [floatValueInfo('x', dims)] });
  const builder = new GraphBuilder(graph);
  const r = builder.op('Relu', ['x']);
  const y = builder.op('MaxPool', [r], window);
  const double = builder.op('Add', [r, r]);
  const observation = await observe(proto, graph, () => feeds, [1, 1]);
  const yDims = outputsOf(window);
  const seed = builder.floats(
    Float32Array.from({ length: yDims.reduce((a, d) => a * d, 1) }, (_, i) => seedAt(i)),
    yDims,
  );
  const arriving = new Map([[y, seed]]);
  if (second === 'read') arriving.set(double, builder.floats(new Float32Array(data.length).fill(1), dims));
  const from = second === 'asked' ? ['x', r] : ['x'];
  const emitted = graph.node.length;
  const result = differentiate({ builder, observation, constants: new Constants(graph), from, arriving });
  const masks = graph.node.slice(emitted).filter(({ opType }) => opType === 'HardSigmoid');
  const outputs = from.map((name) => result.get(name)!);
  graph.output = outputs.map((name) => create(ValueInfoProtoSchema, { name }));
  const session = await createSession(modelBytes(proto, graph), { threads: 1 });
  const values = await session.run(feeds);
  await session.release();
  return {
    dx: values[outputs[0]!]!.data as Float32Array,
    dr: second === 'asked' ? (values[outputs[1]!]!.data as Float32Array) : undefined,
    maskOf: masks.map(({ input }) => (input[0] === y ? 'pool' : input[0] === r ? 'relu' : '?')).join(),
  };
}

describe('a Relu that only a MaxPool reads', () => {
  for (const window of windows) {
    it(`has its mask at the pool, ${window.kernel_shape} by ${window.strides}`, async () => {
      const rectified = data.map((v) => Math.max(v, 0));
      const pool = { op: 'MaxPool', x: { dims, data: rectified }, inputs: ['x'], attributes: window } as const;
      const [dr] = await gradients(pool, outputsOf(window), 0);
      const expected = (other: number) => Array.from(dr!, (g, i) => (data[i]! > 0 ? g + other : 0));
      const close = (got: Float32Array, want: readonly number[]) =>
        expect(got.every((v, i) => Math.abs(v - want[i]!) < 1e-5)).toBe(true);

      const alone = await throughBoth(window, 'no');
      expect(alone.maskOf).toBe('pool');
      close(alone.dx, expected(0));

      const read = await throughBoth(window, 'read');
      expect(read.maskOf).toBe('relu');
      close(read.dx, expected(2));

      const asked = await throughBoth(window, 'asked');
      expect(asked.maskOf).toBe('relu');
      close(asked.dx, expected(0));
      close(asked.dr!, Array.from(dr!));
    });
  }
});
