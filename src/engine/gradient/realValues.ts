import { create } from '@bufbuild/protobuf';
import type { GraphBuilder } from '../onnx/builder';
import { type NodeProto, NodeProtoSchema, TensorProto_DataType } from '../onnx/generated/onnx_pb';
import type { Observation } from '../onnx/observe';
import { typeName } from '../onnx/tensor';

/** Types that hold quantised numbers and never positions. */
const narrow = new Set(['int8', 'uint8', 'int16', 'uint16']);

/** Types that hold sums of quantised numbers, but positions too. */
const wide = new Set(['int32', 'uint32', 'int64']);

/**
 * Values of the forward pass as rules read them. Where a model is quantised, gradients flow through integer tensors as if
 * those were real numbers; rules multiply and compare with float32, so such a tensor is cast when a rule first asks for it.
 */
export class RealValues {
  private readonly casts = new Map<string, string>();
  private readonly stored: ReadonlyMap<string, string>;

  constructor(
    private readonly builder: GraphBuilder,
    private readonly observation: Observation,
  ) {
    const { initializer } = builder.graph;
    this.stored = new Map(initializer.map(({ name, dataType }) => [name, runtimeName(dataType)]));
  }

  type(name: string): string | undefined {
    return this.observation.type(name) ?? this.stored.get(name);
  }

  /** @param elementwise The operator computes with all its inputs alike: none of them is an index. */
  input(node: NodeProto, i: number, elementwise: boolean): string {
    const name = node.input[i]!;
    const type = this.type(name) ?? '';
    // Beyond elementwise operators, wide integers among the inputs may be positions; what has the output's type is data.
    const data = elementwise || (i === 0 && type === this.type(node.output[0] ?? ''));
    return narrow.has(type) || (wide.has(type) && data) ? this.cast(name) : name;
  }

  output(node: NodeProto, i: number, elementwise: boolean): string {
    const name = node.output[i]!;
    const type = this.type(name) ?? '';
    return narrow.has(type) || (wide.has(type) && (elementwise || i === 0)) ? this.cast(name) : name;
  }

  /** Lets what asks only for a shape ask the original: a copy that nothing else reads is then dropped. */
  readShapesFromOriginals(): void {
    if (this.casts.size === 0) return;
    const original = new Map([...this.casts].map(([name, cast]) => [cast, name]));
    const nodes = this.builder.graph.node;
    for (const [at, node] of nodes.entries()) {
      const source = original.get(node.input[0] ?? '');
      if (source === undefined || (node.opType !== 'Shape' && node.opType !== 'Size')) continue;
      nodes[at] = create(NodeProtoSchema, {
        name: node.name,
        opType: node.opType,
        input: [source],
        output: node.output,
        attribute: node.attribute,
      });
    }
  }

  private cast(name: string): string {
    const known = this.casts.get(name);
    if (known !== undefined) return known;
    const made = this.builder.op('Cast', [name], { to: TensorProto_DataType.FLOAT });
    this.casts.set(name, made);
    return made;
  }
}

/** `float32`, as ONNX Runtime names what ONNX calls `float`. */
function runtimeName(dataType: number): string {
  const name = typeName(dataType);
  return { float: 'float32', double: 'float64' }[name] ?? name;
}
