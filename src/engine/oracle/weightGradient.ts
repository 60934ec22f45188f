import { create } from '@bufbuild/protobuf';
import type { LossName } from '../attack/types';
import type { DataGraph } from '../dataGraph';
import { pathNodes } from '../gradient/path';
import { isAimed } from '../loss/aimed';
import { floatValueInfo, GraphBuilder } from '../onnx/builder';
import { Constants } from '../onnx/constants';
import { type TensorProto, TensorProto_DataType, ValueInfoProtoSchema } from '../onnx/generated/onnx_pb';
import { dataInput } from '../onnx/preprocess';
import { modelBytes } from '../onnx/write';
import { createSession, floats, type Value } from '../runtime';
import { aimsFor } from './aims';
import { aimInput, appendLossGradients, extensible, labelInput } from './gradientModel';
import { onehotRows } from './segments';

/** A tensor of weights, or its gradient. */
export interface WeightTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface WeightGradientResult {
  /** [n] */
  readonly loss: Float32Array;
  /** By weight: d (Σ_i loss_i) / d weight, in the weight's shape. */
  readonly gradients: ReadonlyMap<string, WeightTensor>;
}

/** Gradients of a loss with respect to a model's weights, which are inputs here and may be changed between runs. */
export interface WeightGradient {
  /** The weights as the model has them. */
  readonly weights: ReadonlyMap<string, WeightTensor>;
  /**
   * @param x [n, ...exampleShape], data space.
   * @param y [n]
   * @param weights in place of the model's own; those that are left out stay.
   * @param aim [n, classes], for losses that take one.
   */
  run(
    x: Float32Array,
    y: Int32Array,
    weights?: ReadonlyMap<string, WeightTensor>,
    aim?: Float32Array,
  ): Promise<WeightGradientResult>;
  release(): Promise<void>;
}

/** The model's float tensors that a gradient reaches from the logits: what training would change. */
export function trainableWeights(data: DataGraph): string[] {
  const candidates = data.graph.initializer.filter(isTrainable).map(({ name }) => name);
  const used = new Set(pathNodes(data.graph, candidates, [data.head.tensor]).flatMap((node) => node.input));
  return candidates.filter((name) => used.has(name));
}

/** Scalars and what the rewriting added (`ri_…`) are settings rather than weights. */
function isTrainable({ name, dataType, dims }: TensorProto): boolean {
  return dataType === TensorProto_DataType.FLOAT && dims.length > 0 && !name.startsWith('ri_');
}

/**
 * By the same rules as gradients with respect to the data.
 *
 * @param names of weights; all that are trainable if absent.
 * @throws `gradient/unavailable` where a rule has no derivative with respect to a weight.
 */
export async function createWeightGradient(
  data: DataGraph,
  loss: LossName,
  names: readonly string[] = trainableWeights(data),
  threads?: number,
): Promise<WeightGradient> {
  const constants = new Constants(data.graph);
  const weights = new Map<string, WeightTensor>();
  for (const name of names) {
    const constant = constants.get(name);
    if (constant?.type !== 'float32') throw new RangeError(`"${name}" is no float32 weight of the model`);
    weights.set(name, { dims: constant.dims, data: constant.data });
  }
  const graph = extensible(data.graph);
  graph.initializer = graph.initializer.filter(({ name }) => !weights.has(name));
  graph.input = [
    ...graph.input,
    floatValueInfo(labelInput, ['N', data.classes]),
    ...(isAimed(loss) ? [floatValueInfo(aimInput, ['N', data.classes])] : []),
    ...[...weights].map(([name, { dims }]) => floatValueInfo(name, dims)),
  ];
  const builder = new GraphBuilder(graph);
  const head = appendLossGradients(builder, data, loss, labelInput, aimInput, names, weights);
  const gradientNames = names.map((name) => head.gradients.get(name)!);
  graph.output = [head.loss, ...new Set(gradientNames)].map((name) => create(ValueInfoProtoSchema, { name }));
  const session = await createSession(modelBytes(data.model, graph), {
    frugal: data.large,
    ...(threads === undefined ? {} : { threads }),
  });
  return {
    weights,
    async run(x, y, given, aim) {
      const n = y.length;
      const aims = aimsFor(loss, aim, n, data.classes);
      const feeds: Record<string, Value> = {
        [dataInput]: floats(x, [n, ...data.plan.from]),
        [labelInput]: floats(onehotRows(y, data.classes), [n, data.classes]),
        ...(aims && { [aimInput]: floats(aims, [n, data.classes]) }),
      };
      for (const [name, own] of weights) {
        const { data: values, dims } = given?.get(name) ?? own;
        feeds[name] = floats(values, dims);
      }
      const out = await session.run(feeds);
      const gradients = names.map((name, i) => {
        const value = out[gradientNames[i]!]!;
        return [name, { dims: value.dims, data: value.data as Float32Array }] as const;
      });
      return { loss: out[head.loss]!.data as Float32Array, gradients: new Map(gradients) };
    },
    release: () => session.release(),
  };
}
