import { create } from '@bufbuild/protobuf';
import type { LossName } from '../attack/types';
import type { DataGraph } from '../dataGraph';
import { RobustnessError } from '../error';
import { differentiate } from '../gradient/differentiate';
import { losses } from '../loss/registry';
import { floatValueInfo, GraphBuilder } from '../onnx/builder';
import { Constants } from '../onnx/constants';
import { GraphProtoSchema } from '../onnx/generated/onnx_pb';
import { unitsOf } from '../onnx/head';
import { dataInput } from '../onnx/preprocess';
import { modelBytes } from '../onnx/write';

export const labelInput = 'ri_onehot';

/** A model with inputs x and one-hot labels, and outputs logits, loss and the loss' gradient with respect to x. */
export function gradientModel(data: DataGraph, loss: LossName): Uint8Array {
  if (loss === 'dlr' && data.classes < 3) {
    throw new RobustnessError(
      'attack/classes',
      `The DLR loss needs three classes; the model has ${data.classes}.`,
      'Use the margin or the cross-entropy loss.',
    );
  }
  const graph = create(GraphProtoSchema, {
    ...data.graph,
    node: [...data.graph.node],
    initializer: [...data.graph.initializer],
  });
  const builder = new GraphBuilder(graph);
  graph.input = [...graph.input, floatValueInfo(labelInput, ['N', data.classes])];
  const head = losses[loss](builder, data.logits, labelInput, data.classes);
  const gradients = differentiate({
    builder,
    observation: data.observation,
    constants: new Constants(graph),
    from: [dataInput],
    arriving: new Map([[data.head.tensor, seedAtHead(builder, data, head.seed)]]),
  });
  const gradient = gradients.get(dataInput)!;
  const outputs = { ri_logits: data.logits, ri_loss: head.loss, ri_gradient: gradient };
  graph.output = Object.entries(outputs).map(([name, tensor]) => {
    builder.named('Identity', [tensor], name);
    return floatValueInfo(
      name,
      { ri_logits: ['N', data.classes], ri_loss: ['N'], ri_gradient: ['N', ...data.plan.from] }[name]!,
    );
  });
  return modelBytes(data.model, graph);
}

/** d loss / d logits, in the shape of the tensor that the logits were made from. */
function seedAtHead(builder: GraphBuilder, data: DataGraph, seed: string): string {
  const units = unitsOf(data.head.tensor, data.observation);
  // One unit stands for the logits [0, z]: only the second column depends on the model.
  const own = units === 1 ? builder.op('Slice', [seed, builder.ints([1]), builder.ints([2]), builder.ints([1])]) : seed;
  return builder.op('Reshape', [own, builder.op('Shape', [data.head.tensor])]);
}
