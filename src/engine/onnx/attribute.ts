import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type NodeProto,
} from './generated/onnx_pb';
import { type Constant, toTensorProto } from './tensor';

/** What a node's attribute may be when we write one. Whole numbers are ints; wrap a float that may be whole in {@link float}. */
export type AttributeValue = number | string | readonly number[] | Float | Constant;

class Float {
  constructor(readonly value: number) {}
}

/** Marks a number as a float attribute even where its value is whole. */
export function float(value: number): Float {
  return new Float(value);
}

const find = (node: NodeProto, name: string): AttributeProto | undefined =>
  node.attribute.find((attribute) => attribute.name === name);

export function intAttribute(node: NodeProto, name: string, otherwise: number): number {
  const attribute = find(node, name);
  return attribute ? Number(attribute.i) : otherwise;
}

export function floatAttribute(node: NodeProto, name: string, otherwise: number): number {
  return find(node, name)?.f ?? otherwise;
}

export function intsAttribute(node: NodeProto, name: string): number[] | undefined {
  return find(node, name)?.ints.map(Number);
}

export function floatsAttribute(node: NodeProto, name: string): number[] | undefined {
  return find(node, name)?.floats.map(Number);
}

export function stringAttribute(node: NodeProto, name: string, otherwise: string): string {
  const attribute = find(node, name);
  return attribute ? new TextDecoder().decode(attribute.s) : otherwise;
}

export function hasAttribute(node: NodeProto, name: string): boolean {
  return find(node, name) !== undefined;
}

export function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if (value instanceof Float) return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.value });
  if (typeof value === 'number') {
    return Number.isInteger(value)
      ? create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) })
      : create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value });
  }
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) });
  }
  if ('type' in value) {
    return create(AttributeProtoSchema, { name, type: AttributeType.TENSOR, t: toTensorProto('', value) });
  }
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}
