import { describe, expect, it } from 'vitest';
import { float } from '../../../src/engine/onnx/attribute';
import { TensorProto_DataType } from '../../../src/engine/onnx/generated/onnx_pb';
import { upgradeGraph } from '../../../src/engine/onnx/upgrade';
import { modelBytes } from '../../../src/engine/onnx/write';
import { createSession, floats } from '../../../src/engine/runtime';
import { bytesOf, TestModel, wave } from './model';

interface Case {
  readonly name: string;
  readonly opset: number;
  readonly input: readonly number[];
  readonly build: (m: TestModel) => string;
}

const cases: readonly Case[] = [
  {
    name: 'Softmax over flattened axes',
    opset: 11,
    input: [2, 3, 4],
    build: (m) => m.op('Softmax', ['x'], { axis: 1 }),
  },
  { name: 'LogSoftmax with the old default axis', opset: 9, input: [2, 3, 4], build: (m) => m.op('LogSoftmax', ['x']) },
  {
    name: 'Squeeze and Unsqueeze by attribute',
    opset: 11,
    input: [2, 1, 3],
    build: (m) => m.op('Unsqueeze', [m.op('Squeeze', ['x'], { axes: [1] })], { axes: [0, 2] }),
  },
  {
    name: 'ReduceSum by attribute',
    opset: 11,
    input: [2, 3, 4],
    build: (m) => m.op('ReduceSum', ['x'], { axes: [-1], keepdims: 0 }),
  },
  {
    name: 'ReduceMean by attribute',
    opset: 13,
    input: [2, 3, 4],
    build: (m) => m.op('ReduceMean', ['x'], { axes: [1, 2], keepdims: 1 }),
  },
  { name: 'ReduceMax over everything', opset: 11, input: [2, 3, 4], build: (m) => m.op('ReduceMax', ['x']) },
  {
    name: 'Split in equal parts',
    opset: 11,
    input: [2, 6],
    build: (m) => m.builder.ops('Split', ['x'], 3, { axis: 1 })[1]!,
  },
  {
    name: 'Split by attribute',
    opset: 11,
    input: [2, 6],
    build: (m) => m.builder.ops('Split', ['x'], 2, { axis: 1, split: [2, 4] })[1]!,
  },
  {
    name: 'Slice by attribute',
    opset: 9,
    input: [2, 6, 3],
    build: (m) => m.op('Slice', ['x'], { axes: [1, 2], starts: [1, -2], ends: [2147483647, 3] }),
  },
  {
    name: 'Pad by attribute',
    opset: 9,
    input: [1, 2, 3, 3],
    build: (m) => m.op('Pad', ['x'], { pads: [0, 0, 1, 2, 0, 0, 0, 1], value: float(0.5) }),
  },
  {
    name: 'Clip by attribute',
    opset: 9,
    input: [2, 6],
    build: (m) => m.op('Clip', ['x'], { min: float(-0.25), max: float(0.5) }),
  },
  { name: 'Clip without bounds', opset: 9, input: [2, 6], build: (m) => m.op('Clip', ['x']) },
  {
    name: 'TopK by attribute',
    opset: 9,
    input: [2, 6],
    build: (m) => m.builder.ops('TopK', ['x'], 2, { k: 2, axis: 1 })[0]!,
  },
  {
    name: 'Upsample by input',
    opset: 9,
    input: [1, 2, 3, 3],
    build: (m) => m.op('Upsample', ['x', m.builder.floats([1, 1, 2, 2])], { mode: 'nearest' }),
  },
  {
    name: 'Resize as in opset 10',
    opset: 10,
    input: [1, 2, 3, 3],
    build: (m) => m.op('Resize', ['x', m.builder.floats([1, 1, 2, 2])], { mode: 'nearest' }),
  },
  { name: 'Dropout', opset: 11, input: [2, 6], build: (m) => m.op('Dropout', ['x'], { ratio: float(0.5) }) },
  {
    name: 'Constant nodes',
    opset: 13,
    input: [2, 3],
    build: (m) =>
      m.op('Add', [
        'x',
        m.op('Constant', [], { value: { type: 'float32', dims: [3], data: Float32Array.of(1, 2, 3) } }),
      ]),
  },
  {
    name: 'BatchNormalization',
    opset: 9,
    input: [2, 3, 2, 2],
    build: (m) =>
      m.op('BatchNormalization', [
        'x',
        ...[1, 2, 3].map((k) => m.builder.floats(wave(3, k))),
        m.builder.floats([1, 2, 3]),
      ]),
  },
  {
    name: 'Cast',
    opset: 9,
    input: [2, 3],
    build: (m) => m.op('Cast', [m.op('Cast', ['x'], { to: TensorProto_DataType.INT32 })], { to: 1 }),
  },
];

describe('upgrading to one opset keeps what a graph computes', () => {
  it.each(cases)('$name (opset $opset)', async ({ opset, input, build }) => {
    const test = new TestModel(input);
    const model = test.finish(build(test), [], opset);
    model.proto.graph.output[0]!.type = undefined as never;
    const x = floats(wave(input.reduce((a, b) => a * b, 1)), input);
    const before = await createSession(bytesOf(model), { threads: 1 });
    const after = await createSession(modelBytes(model.proto, upgradeGraph(model.proto.graph, opset)), { threads: 1 });
    const [expected, actual] = [(await before.run({ x })).y!, (await after.run({ x })).y!];
    expect(actual.dims).toEqual(expected.dims);
    const values = Array.from(actual.data as Float32Array);
    for (const [i, value] of Array.from(expected.data as Float32Array).entries())
      expect(values[i]).toBeCloseTo(value, 5);
  });

  it('leaves the given graph as it was', () => {
    const test = new TestModel([2, 3, 4]);
    const model = test.finish(test.op('ReduceSum', ['x'], { axes: [1] }), [], 11);
    const before = Buffer.from(bytesOf(model));
    upgradeGraph(model.proto.graph, 11);
    expect(before.equals(bytesOf(model))).toBe(true);
  });

  it('refuses what is older than NumPy broadcasting', () => {
    const test = new TestModel([2, 3]);
    const model = test.finish(test.op('Relu', ['x']), [], 6);
    expect(() => upgradeGraph(model.proto.graph, 6)).toThrowError(/opset 6/);
  });
});
