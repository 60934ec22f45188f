import type { SeriesInput } from '../data/series';
import { intAttribute, intsAttribute } from './attribute';
import type { GraphProto, NodeProto, TensorProto } from './generated/onnx_pb';
import { toConstant } from './tensor';

/** What is done value by value, so that axes stay what they are. */
const elementwise = new Set([
  'Identity',
  'Cast',
  'Add',
  'Sub',
  'Mul',
  'Div',
  'BatchNormalization',
  'InstanceNormalization',
  'LayerNormalization',
  'Pad',
  'Clip',
  'Relu',
  'LeakyRelu',
  'Tanh',
  'Sigmoid',
  'Neg',
  'Abs',
  'Sqrt',
  'Log',
  'Dropout',
  'QuantizeLinear',
  'DequantizeLinear',
]);
const recurrent = new Set(['LSTM', 'GRU', 'RNN']);

/** Of each axis of a tensor the input's axis that it is; −1 for one of extent 1 that was put in. */
type Axes = readonly number[];

/**
 * Whether a model takes time series, read off its graph: from the input, through what changes values one by one or turns
 * and adds axes, to a convolution along one axis or a recurrent layer. Null for any other model, and where in doubt.
 *
 * @param rank dimensions of the model's input, the batch among them
 */
export function seriesInput(graph: GraphProto, input: string, rank: number): SeriesInput | null {
  if (rank !== 2 && rank !== 3) return null;
  const constants = new Map<string, TensorProto>(graph.initializer.map((tensor) => [tensor.name, tensor]));
  for (const node of graph.node) {
    const value = node.opType === 'Constant' ? node.attribute.find(({ name }) => name === 'value')?.t : undefined;
    if (value && node.output[0]) constants.set(node.output[0], value);
  }
  const axesOf = new Map<string, Axes>([[input, Array.from({ length: rank }, (_, axis) => axis)]]);
  for (const node of graph.node) {
    const name = node.input.find((each) => axesOf.has(each));
    const axes = name === undefined ? undefined : axesOf.get(name);
    if (axes === undefined) continue;
    const frames = framesOf(node, axes, constants);
    if (frames !== null) return layoutOf(node.opType, frames, rank);
    const after = axesAfter(node, axes, constants);
    if (after !== null && node.output[0]) axesOf.set(node.output[0], after);
  }
  return null;
}

function layoutOf(by: string, frames: number, rank: number): SeriesInput | null {
  if (rank === 2) return frames === 1 ? { by, layout: 'flat' } : null;
  if (frames === 2) return { by, layout: 'nct' };
  return frames === 1 ? { by, layout: 'ntc' } : null;
}

/** The input's axis that a node runs along; null where it is no layer that does, −2 where it runs along none of the input's. */
function framesOf(node: NodeProto, axes: Axes, constants: ReadonlyMap<string, TensorProto>): number | null {
  if (recurrent.has(node.opType)) {
    const [time, batch] = intAttribute(node, 'layout', 0) === 1 ? [1, 0] : [0, 1];
    return axes[batch] === 0 ? (axes[time] ?? -2) : -2;
  }
  if (node.opType !== 'Conv') return null;
  const kernel =
    intsAttribute(node, 'kernel_shape') ??
    constants
      .get(node.input[1] ?? '')
      ?.dims.slice(2)
      .map(Number);
  if (kernel === undefined || axes[0] !== 0) return -2;
  // Frameworks without a convolution along one axis put in another, of extent 1.
  const spatial = kernel.map((_, k) => axes[k + 2] ?? -2).filter((axis) => axis !== -1);
  return spatial.length === 1 ? spatial[0]! : -2;
}

function axesAfter(node: NodeProto, axes: Axes, constants: ReadonlyMap<string, TensorProto>): Axes | null {
  if (elementwise.has(node.opType)) return axes;
  if (node.opType === 'Transpose') {
    const order = intsAttribute(node, 'perm') ?? axes.map((_, i) => axes.length - 1 - i);
    return order.map((axis) => axes[axis] ?? -2);
  }
  const constant = constants.get(node.input[1] ?? '');
  const given = intsAttribute(node, 'axes') ?? wholeNumbers(constant);
  if (given === undefined) return null;
  if (node.opType === 'Unsqueeze') {
    const rank = axes.length + given.length;
    const added = new Set(given.map((axis) => (axis < 0 ? axis + rank : axis)));
    const rest = [...axes];
    return Array.from({ length: rank }, (_, i) => (added.has(i) ? -1 : (rest.shift() ?? -2)));
  }
  if (node.opType === 'Squeeze') {
    const dropped = new Set(given.map((axis) => (axis < 0 ? axis + axes.length : axis)));
    return axes.filter((_, i) => !dropped.has(i));
  }
  return null;
}

function wholeNumbers(tensor: TensorProto | undefined): number[] | undefined {
  const constant = tensor && toConstant(tensor);
  return constant?.type === 'int64' ? Array.from(constant.data, Number) : undefined;
}
