import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import { Constants } from '../../../src/engine/onnx/constants';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { toConstant, toTensorProto } from '../../../src/engine/onnx/tensor';
import { tensorBytes, Weights, weightsFolder } from '../../../src/engine/onnx/weights';
import { modelBytes } from '../../../src/engine/onnx/write';
import { createSession, floats } from '../../../src/engine/runtime';

const wide = 2 ** 19;

/** Two vectors of `wide` elements, one an initializer and one in a Constant node, and a small one. */
function model(random: (i: number) => number) {
  const data = Float32Array.from({ length: wide }, (_, i) => random(i));
  const g = new GraphBuilder(create(GraphProtoSchema, { name: 'weights' }));
  const weight = g.constant({ type: 'float32', dims: [wide], data });
  g.graph.node.push(
    create(NodeProtoSchema, {
      opType: 'Constant',
      output: ['held'],
      attribute: [{ name: 'value', type: 4, t: toTensorProto('held', { type: 'float32', dims: [wide], data }) }],
    }),
  );
  g.named('Add', [g.op('Mul', [g.op('Mul', ['x', weight]), 'held']), g.floats([0.5])], 'y');
  g.graph.input = [floatValueInfo('x', ['N', wide])];
  g.graph.output = [floatValueInfo('y', ['N', wide])];
  const proto = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 18n })],
    graph: g.graph,
  });
  // As read from a file: all tensors are views of one buffer.
  const read = fromBinary(ModelProtoSchema, toBinary(ModelProtoSchema, proto));
  return { proto: Object.assign(read, { graph: read.graph! }), weight, data };
}

/** Enough for a model to be worth a file. */
const filler = () => toTensorProto('filler', { type: 'float32', dims: [2 ** 20], data: new Float32Array(2 ** 20) });

describe('Weights', () => {
  it('move to a file that sessions compute on, and that goes with them', async () => {
    const { proto, weight, data } = model((i) => Math.sin(i));
    const weights = new Weights();
    const moved = await weights.moveFrom(proto);
    expect(weights.bytes).toBe(2 * 4 * wide);
    expect(toBinary(ModelProtoSchema, moved).byteLength).toBeLessThan(4096);
    const constant = new Constants(moved.graph).get(weight)!;
    expect(constant.dims).toEqual([wide]);
    expect(Buffer.from(constant.data.buffer).equals(Buffer.from(data.buffer))).toBe(true);

    const session = await createSession(modelBytes(moved, moved.graph), { threads: 1 });
    const x = Float32Array.from({ length: wide }, (_, i) => i % 7);
    const { y } = await session.run({ x: floats(x, [1, wide]) });
    for (const i of [0, 1, 1023, 1024, wide - 1]) {
      expect((y!.data as Float32Array)[i]).toBeCloseTo(x[i]! * data[i]! ** 2 + 0.5, 4);
    }
    await session.release();
    const name = moved.graph.initializer[0]!.externalData.find(({ key }) => key === 'location')!.value;
    expect(readdirSync(weightsFolder()!)).toContain(name);
    weights.release();
    expect(readdirSync(weightsFolder()!)).not.toContain(name);
    weights.release();
    expect(() => toConstant(moved.graph.initializer[0]!)!.data).toThrow(
      expect.objectContaining({ code: 'model/weights-file' }),
    );
  });

  it('that a killed process left behind are removed by the next one', async () => {
    const weights = new Weights();
    await weights.moveMade(create(GraphProtoSchema, { initializer: [filler()] }));
    const base = tmpdir();
    // A process that has ended, this one, and a folder that is somebody else's.
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    const left = [ended, process.pid].map((pid) => join(base, `robustness-inspector-${pid}-left00`));
    const foreign = join(base, `robustness-inspector-${ended}`);
    for (const folder of [...left, foreign]) mkdirSync(folder, { recursive: true });
    const script = `import('./src/engine/onnx/weights.ts').then(async ({ Weights }) => {
      const rawData = new Uint8Array(2 ** 23);
      await new Weights().moveMade({ initializer: [{ rawData, dataType: 1, externalData: [] }] });
    })`;
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '-e', script], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect([...left, foreign].map(existsSync)).toEqual([false, true, true]);
    expect(existsSync(weightsFolder()!)).toBe(true);
    for (const folder of [left[1]!, foreign]) rmSync(folder, { recursive: true });
    weights.release();
  });

  it('of a small model stay where they are', async () => {
    const g = new GraphBuilder(create(GraphProtoSchema));
    g.floats(new Float32Array(1000));
    const proto = Object.assign(create(ModelProtoSchema, { graph: g.graph }), { graph: g.graph });
    const weights = new Weights();
    expect(await weights.moveFrom(proto)).toBe(proto);
    expect(weights.bytes).toBe(0);
  });

  it('of every element type read back as they were', async () => {
    const types = [
      [TensorProto_DataType.FLOAT, 4],
      [TensorProto_DataType.DOUBLE, 8],
      [TensorProto_DataType.INT64, 8],
      [TensorProto_DataType.INT32, 4],
      [TensorProto_DataType.INT8, 1],
      [TensorProto_DataType.UINT8, 1],
    ] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...types),
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        fc.integer({ min: 0, max: 3 }),
        async ([dataType, size], pattern, shift) => {
          // Not aligned, as in a file.
          const rawData = new Uint8Array(2048 + shift).subarray(shift);
          for (let i = 0; i < 2048; i++) rawData[i] = pattern[i & 63]!;
          const tensor = create(TensorProtoSchema, { name: 't', dataType, dims: [BigInt(2048 / size)], rawData });
          const before = toConstant(tensor)!;
          const copy = rawData.slice();
          const weights = new Weights();
          await weights.moveMade(create(GraphProtoSchema, { initializer: [filler(), tensor] }));
          expect(tensor.dataLocation).toBe(TensorProto_DataLocation.EXTERNAL);
          expect(Buffer.from(tensorBytes(tensor)!).equals(Buffer.from(copy))).toBe(true);
          const after = toConstant(tensor)!;
          expect([after.type, after.dims]).toEqual([before.type, before.dims]);
          expect(after.data).toEqual(before.data);
          weights.release();
        },
      ),
      { numRuns: 30 },
    );
  });

  it('are not read from a file that another tensor names', () => {
    const tensor = create(TensorProtoSchema, {
      dataType: TensorProto_DataType.FLOAT,
      dims: [1n],
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: [
        { key: 'location', value: '/etc/passwd' },
        { key: 'offset', value: '0' },
        { key: 'length', value: '4' },
      ],
    });
    expect(existsSync('/etc/passwd') || process.platform === 'win32').toBe(true);
    expect(() => toConstant(tensor)!.data).toThrow(expect.objectContaining({ code: 'model/weights-file' }));
  });
});
