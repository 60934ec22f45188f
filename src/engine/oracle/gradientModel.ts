import { create } from '@bufbuild/protobuf';
import type { LossName } from '../attack/types';
import type { DataGraph } from '../dataGraph';
import { RobustnessError } from '../error';
import { differentiate } from '../gradient/differentiate';
import { isAimed } from '../loss/aimed';
import { leastClasses, losses } from '../loss/registry';
import { floatValueInfo, GraphBuilder } from '../onnx/builder';
import { Constants } from '../onnx/constants';
import { type GraphProto, GraphProtoSchema } from '../onnx/generated/onnx_pb';
import { unitsOf } from '../onnx/head';
import { dataInput } from '../onnx/preprocess';
import { modelBytes } from '../onnx/write';

export const labelInput = 'ri_onehot';
/** Present for losses that take an aim. */
export const aimInput = 'ri_aim';

/** A model with inputs x and one-hot labels, and outputs logits, loss and the loss' gradient with respect to x. */
export function gradientModel(data: DataGraph, loss: LossName): Uint8Array {
  const graph = extensible(data.graph);
  const builder = new GraphBuilder(graph);
  graph.input = [...graph.input, floatValueInfo(labelInput, ['N', data.classes])];
  if (isAimed(loss)) graph.input.push(floatValueInfo(aimInput, ['N', data.classes]));
  const head = appendLossGradient(builder, data, loss, labelInput, aimInput);
  const outputs = { ri_logits: data.decision ?? data.logits, ri_loss: head.loss, ri_gradient: head.gradient };
  graph.output = Object.entries(outputs).map(([name, tensor]) => {
    builder.named('Identity', [tensor], name);
    return floatValueInfo(
      name,
      { ri_logits: ['N', data.classes], ri_loss: ['N'], ri_gradient: ['N', ...data.plan.from] }[name]!,
    );
  });
  return modelBytes(data.model, graph);
}

/** A copy of a graph to which nodes can be appended; what is in it is shared. */
export function extensible(graph: GraphProto): GraphProto {
  return create(GraphProtoSchema, { ...graph, node: [...graph.node], initializer: [...graph.initializer] });
}

/**
 * Appends a loss and its gradient with respect to the data to the graph of logits.
 *
 * @param onehot [N, classes]
 * @param aim [N, classes]; read by losses that take one
 * @returns names of the loss [N] and of its gradient [N, ...example].
 * @throws `attack/classes` for a loss that needs more classes than there are.
 */
export function appendLossGradient(
  builder: GraphBuilder,
  data: DataGraph,
  loss: LossName,
  onehot: string,
  aim: string,
): { readonly loss: string; readonly gradient: string } {
  const { loss: value, gradients } = appendLossGradients(builder, data, loss, onehot, aim, [dataInput]);
  return { loss: value, gradient: gradients.get(dataInput)! };
}

/**
 * The same with respect to any tensors: the data, or weights.
 *
 * @param shapes of weights that were made inputs of the graph, which no run showed.
 */
export function appendLossGradients(
  builder: GraphBuilder,
  data: DataGraph,
  loss: LossName,
  onehot: string,
  aim: string,
  from: readonly string[],
  shapes: ReadonlyMap<string, { readonly dims: readonly number[] }> = new Map(),
): { readonly loss: string; readonly gradients: ReadonlyMap<string, string> } {
  const least = leastClasses[loss] ?? 2;
  if (data.classes < least) {
    throw new RobustnessError(
      'attack/classes',
      `The loss ${loss} needs ${least} classes; the model has ${data.classes}.`,
      'Use the margin or the cross-entropy loss.',
    );
  }
  const head = losses[loss](builder, data.logits, onehot, data.classes, aim);
  const gradients = differentiate({
    builder,
    observation: { ...data.observation, shape: (name) => shapes.get(name)?.dims ?? data.observation.shape(name) },
    constants: new Constants(builder.graph),
    from,
    arriving: new Map([[data.head.tensor, seedAtHead(builder, data, head.seed)]]),
  });
  return { loss: head.loss, gradients };
}

/** d loss / d logits, in the shape of the tensor that the logits were made from. */
function seedAtHead(builder: GraphBuilder, data: DataGraph, seed: string): string {
  const units = unitsOf(data.head.tensor, data.observation);
  // One unit of a classifier stands for the logits [0, z]: only the second column depends on the model.
  const own =
    units < data.classes ? builder.op('Slice', [seed, builder.ints([1]), builder.ints([2]), builder.ints([1])]) : seed;
  return builder.op('Reshape', [own, builder.op('Shape', [data.head.tensor])]);
}
