import { create } from '@bufbuild/protobuf';
import { floatValueInfo, GraphBuilder } from '../onnx/builder';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  NodeProtoSchema,
  type TensorProto_DataType,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../onnx/generated/onnx_pb';

/** Appends a control-flow node (If, Loop) with its subgraphs. */
export function appendControl(
  builder: GraphBuilder,
  opType: 'If' | 'Loop',
  inputs: readonly string[],
  outputs: readonly string[],
  subgraphs: Readonly<Record<string, GraphProto>>,
): void {
  builder.graph.node.push(
    create(NodeProtoSchema, {
      name: `${outputs[0]}_${opType}`,
      opType,
      input: [...inputs],
      output: [...outputs],
      attribute: Object.entries(subgraphs).map(([name, g]) =>
        create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g }),
      ),
    }),
  );
  for (const graph of Object.values(subgraphs)) builder.reserve(graph);
}

/** A builder of a subgraph that sees the tensors of the graphs around it, whose names it must not use again. */
export function inside(around: readonly GraphBuilder[], name: string): GraphBuilder {
  const builder = new GraphBuilder(create(GraphProtoSchema, { name }));
  for (const outer of around) builder.reserve(outer.graph);
  return builder;
}

export function valueInfo(
  name: string,
  type: TensorProto_DataType.INT64 | TensorProto_DataType.BOOL,
  dims: readonly (number | string)[] = [],
): ValueInfoProto {
  const info = floatValueInfo(name, dims);
  if (info.type?.value.case === 'tensorType') info.type.value.value.elemType = type;
  return info;
}

/** A sequence of float32 tensors. */
export function sequenceInfo(name: string): ValueInfoProto {
  const { type } = floatValueInfo('', []);
  // Nothing is said of the elements' shapes.
  if (type?.value.case === 'tensorType') delete type.value.value.shape;
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'sequenceType', value: { elemType: type! } } },
  });
}
