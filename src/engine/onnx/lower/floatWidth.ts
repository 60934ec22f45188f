import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  type TypeProto,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../generated/onnx_pb';
import type { Border } from '../inspect';
import { toConstant, toTensorProto, typeName } from '../tensor';

const { FLOAT, FLOAT16, BFLOAT16, DOUBLE } = TensorProto_DataType;

/** Float types that rules are not written for, and the bits of their significand with the leading one. */
const significand: ReadonlyMap<number, number> = new Map([
  [FLOAT16, 11],
  [BFLOAT16, 8],
  [DOUBLE, 53],
]);
const isOther = (type: number) => significand.has(type);

/** Attributes that hold an element type, whatever the operator. */
const typeAttributes = new Set(['to', 'dtype', 'output_dtype', 'output_datatype', 'softmax_precision', 'precision']);

/**
 * Float types other than float32 among a graph's tensors (`float16`, `bfloat16`, `double`), as far as the file declares
 * them: borders, weights, constants and casts.
 */
export function otherFloats(graph: GraphProto): readonly string[] {
  const types = new Set<number>();
  collect(graph, types);
  return [...types].filter(isOther).map(typeName).sort();
}

/**
 * How far a graph computed in float32 may be from the file's own results, relative to the largest score.
 *
 * 1e-3 where the file computes in float32 or wider: sums in another order differ by less. A narrower type rounds by u =
 * 2^−p relative in every layer, in directions that are independent, so that √L·u is to be expected after L layers; 40 u
 * (0.02 for float16, 0.16 for bfloat16) leaves four times what a hundred layers give, and is still far below what a wrong
 * graph does.
 */
export function floatTolerance(graph: GraphProto): number {
  const types = new Set<number>();
  collect(graph, types);
  const bits = Math.min(24, ...[...types].map((type) => significand.get(type) ?? 24));
  return Math.max(1e-3, 40 * 2 ** -bits);
}

/**
 * The same graph with every float16, bfloat16 and float64 tensor made float32, so that differentiation rules apply:
 * halves exactly, doubles rounded. Casts between float types become casts to float32, which ONNX Runtime removes. To be
 * called once model-local functions are inlined and before anything is observed: inputs change their type too.
 *
 * The graph itself comes back where there is nothing to widen, and where an operator holds weights of such a type in its
 * attributes (trees of ai.onnx.ml split on doubles; nothing differentiates them anyway).
 *
 * @param outputs the outputs that are wanted; nodes that none of them needs are left out of a widened graph.
 */
export function widenFloats(graph: GraphProto, outputs: readonly string[]): GraphProto {
  if (otherFloats(graph).length === 0) return graph;
  const node = neededNodes(graph, outputs);
  if (node.some(insistsOnItsType)) return graph;
  const used = new Set([...node.flatMap(readNames), ...outputs]);
  return widened({
    ...graph,
    node,
    initializer: graph.initializer.filter((tensor) => used.has(tensor.name)),
    output: graph.output.filter((info) => outputs.includes(info.name)),
  });
}

/** A border of the file with the type that it has in a rewritten graph. */
export function borderIn(graph: GraphProto, border: Border): Border {
  const type = graph.input.find((info) => info.name === border.name)?.type?.value;
  return type?.case === 'tensorType' ? { ...border, type: typeName(type.value.elemType) } : border;
}

const insistsOnItsType = ({ opType, attribute }: NodeProto) =>
  !opType.startsWith('Constant') && attribute.some(({ t }) => t !== undefined && isOther(t.dataType));

function collect(graph: GraphProto, types: Set<number>): void {
  for (const tensor of graph.initializer) types.add(tensor.dataType);
  for (const { type } of [...graph.input, ...graph.output]) {
    if (type?.value.case === 'tensorType') types.add(type.value.value.elemType);
  }
  for (const attribute of graph.node.flatMap((node) => node.attribute)) {
    if (typeAttributes.has(attribute.name)) types.add(Number(attribute.i));
    if (attribute.t) types.add(attribute.t.dataType);
    if (attribute.g) collect(attribute.g, types);
  }
}

function neededNodes(graph: GraphProto, outputs: readonly string[]): NodeProto[] {
  const wanted = new Set(outputs);
  const needed: NodeProto[] = [];
  for (const node of [...graph.node].reverse()) {
    if (!node.output.some((name) => wanted.has(name))) continue;
    needed.push(node);
    for (const name of readNames(node)) wanted.add(name);
  }
  return needed.reverse();
}

/** Names that a node reads, those that its subgraphs take from outside among them. */
function readNames(node: NodeProto): string[] {
  return [
    ...node.input,
    ...node.attribute.flatMap(({ g }) =>
      g ? [...g.node.flatMap(readNames), ...g.output.map(({ name }) => name)] : [],
    ),
  ];
}

function widened(graph: Omit<GraphProto, '$typeName'>): GraphProto {
  return create(GraphProtoSchema, {
    name: graph.name,
    input: graph.input.map(widenedInfo),
    output: graph.output.map(widenedInfo),
    initializer: graph.initializer.map(widenedTensor),
    node: graph.node.map((node) =>
      create(NodeProtoSchema, {
        name: node.name,
        opType: node.opType,
        domain: node.domain,
        input: node.input,
        output: node.output,
        attribute: node.attribute.map(widenedAttribute),
      }),
    ),
  });
}

function widenedAttribute(attribute: AttributeProto): AttributeProto {
  const { name, type, i, t, g } = attribute;
  if (t && isOther(t.dataType)) return create(AttributeProtoSchema, { name, type, t: widenedTensor(t) });
  if (g) return create(AttributeProtoSchema, { name, type, g: widened(g) });
  const narrow = typeAttributes.has(name) && isOther(Number(i));
  return narrow ? create(AttributeProtoSchema, { name, type, i: BigInt(FLOAT) }) : attribute;
}

function widenedInfo(info: ValueInfoProto): ValueInfoProto {
  return info.type
    ? create(ValueInfoProtoSchema, { name: info.name, docString: info.docString, type: widenedType(info.type) })
    : info;
}

function widenedType(type: TypeProto): TypeProto {
  const { value } = type;
  if (value.case === 'tensorType' && isOther(value.value.elemType)) {
    const shape = value.value.shape;
    return create(TypeProtoSchema, {
      value: { case: 'tensorType', value: { elemType: FLOAT, ...(shape ? { shape } : {}) } },
    });
  }
  if ((value.case === 'sequenceType' || value.case === 'optionalType') && value.value.elemType) {
    return create(TypeProtoSchema, {
      value: { case: value.case, value: { elemType: widenedType(value.value.elemType) } },
    });
  }
  return type;
}

function widenedTensor(tensor: TensorProto): TensorProto {
  if (!isOther(tensor.dataType)) return tensor;
  const constant = toConstant(tensor);
  if (constant?.type !== 'float32' && constant?.type !== 'float64') return tensor;
  const data = constant.type === 'float32' ? constant.data : Float32Array.from(constant.data, toFloat);
  return toTensorProto(tensor.name, { type: 'float32', dims: constant.dims, data });
}

const largest = (2 - 2 ** -23) * 2 ** 127;

/** Finite stays finite: masks multiply the lowest double by zero. */
function toFloat(value: number): number {
  return Number.isFinite(value) ? Math.min(largest, Math.max(-largest, value)) : value;
}
