import { create, toBinary } from '@bufbuild/protobuf';
import { type Attributes, floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
} from '../../../src/engine/onnx/generated/onnx_pb';
import type { LoadedModel } from '../../../src/engine/onnx/read';

/** Writes a small model by hand, for tests. */
export class TestModel {
  readonly graph: GraphProto;
  readonly builder: GraphBuilder;

  constructor(input: readonly (number | string)[]) {
    this.graph = create(GraphProtoSchema, { name: 'test', input: [floatValueInfo('x', input)] });
    this.builder = new GraphBuilder(this.graph);
  }

  op(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.builder.op(opType, inputs, attributes);
  }

  /** Closes the graph with `tensor` as the output `y`. */
  finish(tensor: string, output: readonly (number | string)[], opset: number): LoadedModel {
    this.builder.named('Identity', [tensor], 'y');
    this.graph.output = [floatValueInfo('y', output)];
    const proto = create(ModelProtoSchema, {
      irVersion: opset < 9 ? 3n : 8n,
      opsetImport: [create(OperatorSetIdProtoSchema, { version: BigInt(opset) })],
      graph: this.graph,
    }) as ModelProto & { graph: GraphProto };
    return { path: 'test.onnx', sha256: '', bytes: 0, proto, hasExternalData: false, external: [] };
  }
}

export const bytesOf = (model: LoadedModel): Uint8Array => toBinary(ModelProtoSchema, model.proto);

/** Deterministic numbers in [−1, 1]. */
export const wave = (count: number, phase = 0): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(1.3 * i + phase));
