import { create, toBinary } from '@bufbuild/protobuf';
import { type GraphProto, type ModelProto, ModelProtoSchema, OperatorSetIdProtoSchema } from './generated/onnx_pb';
import { isStandardDomain, targetOpset } from './opset';

/** Serializes an upgraded graph as a model, keeping the original's other operator sets and functions. */
export function modelBytes(original: ModelProto, graph: GraphProto): Uint8Array {
  return toBinary(ModelProtoSchema, modelOf(original, graph));
}

function modelOf(original: ModelProto, graph: GraphProto): ModelProto {
  const standard = original.opsetImport.find((entry) => isStandardDomain(entry.domain));
  const version = standard && standard.version > BigInt(targetOpset) ? standard.version : BigInt(targetOpset);
  return create(ModelProtoSchema, {
    // 8 is the first IR version that goes with opset 18 and with model-local functions.
    irVersion: original.irVersion > 8n ? original.irVersion : 8n,
    producerName: 'robustness-inspector',
    opsetImport: [
      create(OperatorSetIdProtoSchema, { domain: '', version }),
      ...original.opsetImport.filter((entry) => !isStandardDomain(entry.domain)),
    ],
    graph,
    functions: original.functions,
  });
}
