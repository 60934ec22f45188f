import { create } from '@bufbuild/protobuf';
import { type AttributeValue, attributeProto } from './attribute';
import {
  type GraphProto,
  NodeProtoSchema,
  TensorProto_DataType,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './generated/onnx_pb';
import { type Constant, elementCount, toTensorProto } from './tensor';

export type Attributes = Readonly<Record<string, AttributeValue>>;

/**
 * Appends nodes and constants to a graph under fresh names. Nodes are in the standard operators of the opset that
 * `upgrade.ts` targets.
 */
export class GraphBuilder {
  private readonly taken = new Set<string>();
  private readonly shared = new Map<string, string>();
  private next = 0;

  constructor(readonly graph: GraphProto) {
    this.reserve(graph);
  }

  /** Keeps the names of another graph, whose nodes will join this one, from being given out. */
  reserve(graph: GraphProto): void {
    const names = [
      ...graph.input.map((v) => v.name),
      ...graph.initializer.map((t) => t.name),
      // Nodes are named by their first output, and no two may have one name.
      ...graph.node.flatMap((n) => [n.name, ...n.input, ...n.output]),
    ];
    for (const name of names) this.taken.add(name);
  }

  fresh(hint: string): string {
    for (;;) {
      const name = `ri_${hint}_${this.next++}`;
      if (this.taken.has(name)) continue;
      this.taken.add(name);
      return name;
    }
  }

  /** One node with one output; returns the output's name. */
  op(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.ops(opType, inputs, 1, attributes)[0]!;
  }

  /** One node with `count` outputs. */
  ops(opType: string, inputs: readonly string[], count: number, attributes: Attributes = {}): string[] {
    const outputs = Array.from({ length: count }, () => this.fresh(opType));
    this.append(opType, inputs, outputs, attributes);
    return outputs;
  }

  /** One node whose output has the given name. */
  named(opType: string, inputs: readonly string[], output: string, attributes: Attributes = {}): void {
    this.taken.add(output);
    this.append(opType, inputs, [output], attributes);
  }

  private append(opType: string, inputs: readonly string[], outputs: string[], attributes: Attributes): void {
    this.graph.node.push(
      create(NodeProtoSchema, {
        name: outputs[0]!,
        opType,
        input: [...inputs],
        output: outputs,
        attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
      }),
    );
  }

  constant(constant: Constant): string {
    // Small constants recur in every rule (axes, scalars); one initializer each keeps the graph readable.
    const key = elementCount(constant.dims) <= 16 ? `${constant.type}|${constant.dims}|${constant.data}` : undefined;
    const known = key === undefined ? undefined : this.shared.get(key);
    if (known !== undefined) return known;
    const name = this.fresh('const');
    this.graph.initializer.push(toTensorProto(name, constant));
    if (key !== undefined) this.shared.set(key, name);
    return name;
  }

  /** float32 scalar. */
  scalar(value: number): string {
    return this.constant({ type: 'float32', dims: [], data: Float32Array.of(value) });
  }

  floats(values: ArrayLike<number>, dims: readonly number[] = [values.length]): string {
    return this.constant({ type: 'float32', dims, data: Float32Array.from(values) });
  }

  /** int64 vector. */
  ints(values: readonly number[]): string {
    return this.constant({ type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) });
  }

  intScalar(value: number): string {
    return this.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(value)) });
  }
}

/** Declares a float32 graph input or output; a string is a symbolic dimension. */
export function floatValueInfo(name: string, dims: readonly (number | string)[]): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: TensorProto_DataType.FLOAT,
          shape: {
            dim: dims.map((dim) => ({
              value:
                typeof dim === 'number'
                  ? { case: 'dimValue' as const, value: BigInt(dim) }
                  : { case: 'dimParam' as const, value: dim },
            })),
          },
        },
      },
    },
  });
}
