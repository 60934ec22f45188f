import { create } from '@bufbuild/protobuf';
import {
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
} from '../generated/onnx_pb';
import { isStandard } from '../opset';
import { toConstant } from '../tensor';

const offset = 128;

/**
 * Activations that are quantised to int8 and dequantised again, as uint8 with a zero point 128 higher: the same real numbers.
 *
 * On x64 ONNX Runtime does so itself before it computes in integers, but only where nothing else reads the int8 tensor. A
 * gradient does; the forward pass would then be computed in float32 between the roundings, and its gradient belong to
 * another function than the file's.
 */
export function unsignedActivations(graph: GraphProto): GraphProto {
  const tensors = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const readers = new Map<string, NodeProto[]>();
  for (const node of graph.node) {
    for (const name of node.input) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  const kept = new Set([...graph.output.map(({ name }) => name), ...graph.node.flatMap(namesInside)]);
  const made = new Map<string, TensorProto>();
  const replaced = new Map<NodeProto, NodeProto>();
  for (const node of graph.node) {
    const point = quantisesTo(node, 'QuantizeLinear', tensors);
    const users = readers.get(node.output[0] ?? '') ?? [];
    if (point === undefined || users.length === 0 || kept.has(node.output[0]!)) continue;
    if (!users.every((user) => quantisesTo(user, 'DequantizeLinear', tensors) === point)) continue;
    const name = `ri_zero_point_${point + offset}`;
    made.set(name, unsignedPoint(name, point + offset));
    for (const each of [node, ...users]) replaced.set(each, withZeroPoint(each, name));
  }
  if (replaced.size === 0) return graph;
  return create(GraphProtoSchema, {
    ...graph,
    node: graph.node.map((node) => replaced.get(node) ?? node),
    initializer: [...graph.initializer, ...made.values()],
  });
}

/** The node's one int8 zero point, if it is this operator and has one. */
function quantisesTo(node: NodeProto, operator: string, tensors: ReadonlyMap<string, TensorProto>): number | undefined {
  if (node.opType !== operator || !isStandard(node)) return undefined;
  if (node.attribute.some(({ name }) => name === 'output_dtype' || name === 'block_size')) return undefined;
  const tensor = tensors.get(node.input[2] ?? '');
  if (tensor?.dataType !== TensorProto_DataType.INT8 || tensor.dims.some((dim) => dim !== 1n)) return undefined;
  const value = toConstant(tensor)?.data[0];
  return value === undefined ? undefined : Number(value);
}

function unsignedPoint(name: string, value: number): TensorProto {
  return create(TensorProtoSchema, { name, dataType: TensorProto_DataType.UINT8, rawData: Uint8Array.of(value) });
}

function withZeroPoint(node: NodeProto, zeroPoint: string): NodeProto {
  return create(NodeProtoSchema, {
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    input: [node.input[0]!, node.input[1]!, zeroPoint],
    output: node.output,
    attribute: node.attribute,
  });
}

/** Subgraphs read names of the graph around them. */
function namesInside(node: NodeProto): string[] {
  return node.attribute.flatMap(({ g }) =>
    g
      ? [...g.node.flatMap((inner) => [...inner.input, ...namesInside(inner)]), ...g.output.map(({ name }) => name)]
      : [],
  );
}
