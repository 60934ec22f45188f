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

/** An output that names the predicted class and holds no score. */
export interface LabelHead {
  /** The scores that the label is the largest of, where the graph holds them. */
  readonly scores: string | null;
  /** What makes the label. */
  readonly operator: string;
  /** How many classes there are, where the file says so. */
  readonly classes: number | null;
}

/**
 * Whether an output is a label: one integer an example, or one number of any type that ArgMax made. Undefined if it is not.
 */
export function labelHead(graph: GraphProto, output: string, observation: Observation): LabelHead | undefined {
  if (unitsOf(output, observation) !== 1) return undefined;
  const producer = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  let node = producer.get(output);
  while (node && isStandard(node) && transparent.has(node.opType)) node = producer.get(node.input[0]!);
  if (node && isStandard(node) && node.opType === 'ArgMax') {
    const shape = observation.shape(node.input[0]!) ?? [];
    const axis = intAttribute(node, 'axis', 0);
    const classAxis = shape.findIndex((dim, i) => i > 0 && dim !== 1);
    const overClasses = classAxis > 0 && (axis < 0 ? axis + shape.length : axis) === classAxis;
    if (overClasses) {
      const classes = unitsOf(node.input[0]!, observation);
      return { scores: node.input[0]!, operator: operatorName(node), classes };
    }
  }
  if (!/^(u?int|bool)/.test(observation.type(output) ?? '')) return undefined;
  return { scores: null, operator: node ? operatorName(node) : 'Identity', classes: node ? listedClasses(node) : null };
}

/** Classes that a classical model lists, if they are called 0, 1, 2 ... as the data call them. */
function listedClasses(node: NodeProto): number | null {
  const listed = node.attribute.find(({ name }) => name === 'classlabels_int64s' || name === 'classlabels_ints')?.ints;
  if (!listed || listed.length < 2) return null;
  return listed.every((label, k) => Number(label) === k) ? listed.length : null;
}

/**
 * Labels as scores: 1 for the predicted class, 0 for the others. [N, classes]
 *
 * @param open whether the file leaves open which labels there are: then the last class stands for all that are not listed.
 * @returns name of the scores.
 */
export function appendOnehot(builder: GraphBuilder, label: string, classes: number, open: boolean): string {
  const index = builder.op('Reshape', [builder.op('Cast', [label], { to: 7 }), builder.ints([-1])]);
  const last = builder.intScalar(classes - 1);
  const listed = builder.op('And', [
    builder.op('GreaterOrEqual', [index, builder.intScalar(0)]),
    builder.op('Less', [index, last]),
  ]);
  const known = open ? builder.op('Where', [listed, index, last]) : index;
  return builder.op('OneHot', [known, builder.intScalar(classes), builder.floats([0, 1])], { axis: -1 });
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
