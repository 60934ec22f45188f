import { intAttribute } from './attribute';
import type { GraphBuilder } from './builder';
import type { GraphProto, NodeProto } from './generated/onnx_pb';
import type { Observation } from './observe';
import { isStandard, operatorName } from './opset';

/**
 * What the outputs of a model are: the scores of a classifier, of which a last softmax is bypassed and a single one stands for
 * two classes, or numbers that are taken `raw`, as they are.
 */
export type Heads = 'scores' | 'raw';

export interface ScoreHead {
  /** Tensor that becomes the logits once flattened to [N, outputs]. */
  readonly tensor: string;
  /** The last Softmax, LogSoftmax or Sigmoid, by operator name, if one was bypassed. */
  readonly bypassed: string | null;
}

/** Operators between a softmax and the output that only rearrange, or round to 8 bits. */
const transparent = new Set([
  'Identity',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Cast',
  'QuantizeLinear',
  'DequantizeLinear',
]);

/**
 * Steps back over a final Softmax or Sigmoid, so that losses see logits: a softmax's gradient vanishes at saturation, which
 * makes a fragile model look robust (Carlini and Wagner 2017, §V on defensive distillation).
 */
export function scoreHead(
  graph: GraphProto,
  output: string,
  observation: Observation,
  heads: Heads = 'scores',
): ScoreHead {
  if (heads === 'raw') return { tensor: output, bypassed: null };
  const producer = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  let name = output;
  for (;;) {
    const node = producer.get(name);
    if (!node) return { tensor: output, bypassed: null };
    if (normalises(node)) {
      name = node.input[0]!;
      continue;
    }
    if (!isStandard(node)) return { tensor: output, bypassed: null };
    if (['Softmax', 'LogSoftmax', 'Sigmoid'].includes(node.opType)) {
      const shape = observation.shape(node.input[0]!) ?? [];
      const axis = intAttribute(node, 'axis', -1);
      const classAxis = shape.findIndex((dim, i) => i > 0 && dim !== 1);
      const overClasses = node.opType === 'Sigmoid' || (axis < 0 ? axis + shape.length : axis) === classAxis;
      return overClasses ? { tensor: node.input[0]!, bypassed: node.opType } : { tensor: output, bypassed: null };
    }
    if (!transparent.has(node.opType)) return { tensor: output, bypassed: null };
    name = node.input[0]!;
  }
}

/** Divides each example's scores by a positive number, which leaves their order (skl2onnx, behind probabilities). */
const normalises = (node: NodeProto) => operatorName(node) === 'ai.onnx.ml:Normalizer';

/**
 * [N, outputs] and, for a classifier with one output unit, the two classes that it stands for: logits [0, z].
 *
 * @returns name of the logits and their number.
 */
export function appendLogits(
  builder: GraphBuilder,
  tensor: string,
  observation: Observation,
  heads: Heads = 'scores',
): { logits: string; classes: number } {
  const units = unitsOf(tensor, observation);
  const float = observation.type(tensor) === 'float32' ? tensor : builder.op('Cast', [tensor], { to: 1 });
  const flat = builder.op('Reshape', [float, builder.ints([-1, units])]);
  if (units > 1 || heads === 'raw') return { logits: flat, classes: units };
  const none = builder.op('Mul', [flat, builder.scalar(0)]);
  return { logits: builder.op('Concat', [none, flat], { axis: 1 }), classes: 2 };
}

/** Output units of one example. What moves with the batch is not among them, nor is the leading 1 of a single example. */
export function unitsOf(tensor: string, observation: Observation): number {
  return (observation.shape(tensor) ?? []).reduce<number>((product, dim) => product * (dim ?? 1), 1);
}
