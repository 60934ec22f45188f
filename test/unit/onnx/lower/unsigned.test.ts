import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { ModelProtoSchema, TensorProto_DataType } from '../../../../src/engine/onnx/generated/onnx_pb';
import { unsignedActivations } from '../../../../src/engine/onnx/lower/unsigned';
import { modelBytes } from '../../../../src/engine/onnx/write';
import { Random } from '../../../../src/engine/random';
import { createSession, floats } from '../../../../src/engine/runtime';

const folder = path.resolve(import.meta.dirname, '../../../fixtures/quantized');
const read = async (name: string) => fromBinary(ModelProtoSchema, await readFile(path.join(folder, name)));

it.each(['cnn-qdq-s8s8.onnx', 'mlp-qdq-s8s8.onnx'])(
  '%s gives the same numbers with uint8 activations',
  async (name) => {
    const proto = await read(name);
    const graph = unsignedActivations(proto.graph!);
    const types = new Map(graph.initializer.map(({ name, dataType }) => [name, dataType]));
    const quantisers = graph.node.filter(({ opType }) => opType === 'QuantizeLinear');
    expect(quantisers.length).toBeGreaterThan(2);
    for (const { input } of quantisers) expect(types.get(input[2]!)).toBe(TensorProto_DataType.UINT8);

    const random = Random.of(1, 'unsigned');
    const x = floats(
      Float32Array.from({ length: 16 * 784 }, () => random.uniform()),
      [16, 1, 28, 28],
    );
    const output = proto.graph!.output[0]!.name;
    const results: Float32Array[] = [];
    for (const each of [proto.graph!, graph]) {
      const session = await createSession(modelBytes(proto, each), { threads: 1 });
      results.push((await session.run({ input: x }))[output]!.data as Float32Array);
      await session.release();
    }
    expect(results[1]).toEqual(results[0]);
  },
);

it.each(['cnn-qdq-u8s8.onnx', 'cnn-qop-s8s8.onnx', 'cnn-dynamic-s8.onnx', 'cnn.onnx'])(
  '%s, which has no int8 activation between two roundings, stays as it is',
  async (name) => {
    const { graph } = await read(name);
    expect(unsignedActivations(graph!)).toBe(graph);
  },
);

it('leaves a tensor that something else reads, or that is an output', async () => {
  const { graph } = await read('mlp-qdq-s8s8.onnx');
  const [first] = graph!.node.filter(({ opType }) => opType === 'QuantizeLinear');
  graph!.output[0]!.name = first!.output[0]!;
  const rewritten = unsignedActivations(graph!);
  expect(rewritten.node).toContain(first);
  expect(rewritten).not.toBe(graph);
});
