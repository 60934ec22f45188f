import { create } from '@bufbuild/protobuf';
import { differentiate } from '../../../src/engine/gradient/differentiate';
import { type Attributes, floatValueInfo, GraphBuilder } from '../../../src/engine/onnx/builder';
import { Constants } from '../../../src/engine/onnx/constants';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { observe } from '../../../src/engine/onnx/observe';
import type { Constant } from '../../../src/engine/onnx/tensor';
import { modelBytes } from '../../../src/engine/onnx/write';
import { createSession, floats, type Session } from '../../../src/engine/runtime';

/** One operator with `x` as one of its inputs, the others constant. */
export interface SingleNode {
  readonly op: string;
  /** Shape and values of the differentiated input. */
  readonly x: { readonly dims: readonly number[]; readonly data: Float32Array };
  /** All inputs in order; `x` marks the differentiated one, '' one left out. */
  readonly inputs: readonly ('x' | '' | Constant | Mask)[];
  readonly attributes?: Attributes;
  readonly opset?: number;
  readonly outputs?: number;
}

/** A condition: true where the integers are not 0. */
export interface Mask {
  readonly mask: Constant;
}

export interface Comparison {
  readonly gradient: Float64Array;
  readonly differences: Float64Array;
}

const model = (opset: number) =>
  create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [create(OperatorSetIdProtoSchema, { version: BigInt(opset) })],
  });

/** The gradient of Σ weights ⊙ y by the rule, and by central differences of the operator itself. */
export async function compareWithDifferences(single: SingleNode, step = 5e-3): Promise<Comparison> {
  const proto = model(single.opset ?? 18);
  const graph = create(GraphProtoSchema, { name: 'test', input: [floatValueInfo('x', single.x.dims)] });
  const builder = new GraphBuilder(graph);
  const names = single.inputs.map((input) => {
    if (typeof input === 'string') return input;
    return 'mask' in input
      ? builder.op('Cast', [builder.constant(input.mask)], { to: TensorProto_DataType.BOOL })
      : builder.constant(input);
  });
  const outputs = builder.ops(single.op, names, single.outputs ?? 1, single.attributes ?? {});
  const to = outputs.at(-1)!;
  graph.output = [floatValueInfo(to, [])];
  graph.output[0]!.type = undefined as never;
  const forward = await createSession(modelBytes(proto, graph), { optimization: 'disabled', threads: 1 });
  const size = single.x.data.length;
  const first = await run(forward, single.x.dims, single.x.data, to);
  const weights = Float32Array.from(first.data, (_, i) => Math.sin(1.7 * i + 0.3) + 0.2);

  const differences = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const at = async (sign: number) => {
      const moved = single.x.data.slice();
      moved[i] = moved[i]! + sign * step;
      const y = await run(forward, single.x.dims, moved, to);
      return [y.data.reduce((sum, v, k) => sum + v * weights[k]!, 0), moved[i]!] as const;
    };
    const [above, high] = await at(1);
    const [below, low] = await at(-1);
    differences[i] = (above - below) / (high - low);
  }

  const observation = await observe(proto, graph, () => ({ x: floats(single.x.data, single.x.dims) }), [1, 1]);
  const seed = builder.floats(weights, first.dims);
  const gradient = differentiate({ builder, observation, constants: new Constants(graph), from: 'x', to, seed });
  graph.output = [floatValueInfo(gradient, single.x.dims)];
  const backward = await createSession(modelBytes(proto, graph), { threads: 1 });
  const result = await run(backward, single.x.dims, single.x.data, gradient);
  await forward.release();
  await backward.release();
  return { gradient: Float64Array.from(result.data), differences };
}

async function run(session: Session, dims: readonly number[], data: Float32Array, output: string) {
  const values = await session.run({ x: floats(data, dims) }, [output]);
  const value = values[output]!;
  return { data: value.data as Float32Array, dims: value.dims };
}

/** Largest difference, relative to the larger of both norms. */
export function disagreement({ gradient, differences }: Comparison): number {
  const norm = (v: Float64Array) => Math.sqrt(v.reduce((sum, a) => sum + a * a, 0));
  const apart = norm(gradient.map((g, i) => g - differences[i]!));
  return apart / Math.max(norm(gradient), norm(differences), 1e-6);
}
