import { float } from '../onnx/attribute';
import type { GraphBuilder } from '../onnx/builder';
import type { Dim } from '../onnx/observe';
import type { RuleContext } from './rule';

/** What emitting needs of a rule's context. */
export type Emitter = Pick<RuleContext, 'builder' | 'seeds'>;

export function reduceSum(b: GraphBuilder, tensor: string, axes: readonly number[], keepdims: boolean): string {
  return b.op('ReduceSum', [tensor, b.ints(axes)], { keepdims: keepdims ? 1 : 0 });
}

export function reduceMean(b: GraphBuilder, tensor: string, axes: readonly number[]): string {
  return b.op('ReduceMean', [tensor, b.ints(axes)], { keepdims: 1 });
}

/**
 * Sum over the last axis, kept as 1. By a product with ones: ONNX Runtime's ReduceSum adds up a row in an order that depends on
 * where in memory the row begins, so that an example's gradient would depend on its neighbours in the batch.
 *
 * @param length of the axis; null where it moves with the batch.
 */
export function rowSum(b: GraphBuilder, tensor: string, length: Dim): string {
  if (length === null) return reduceSum(b, tensor, [-1], true);
  return b.op('MatMul', [tensor, b.floats(new Float32Array(length).fill(1), [length, 1])]);
}

/** Mean over axes, kept as 1; over the last one alone as {@link rowSum} does it. */
export function rowMean(b: GraphBuilder, tensor: string, axes: readonly number[], length: Dim): string {
  if (axes.length !== 1 || axes[0] !== -1 || length === null) return reduceMean(b, tensor, axes);
  return b.op('MatMul', [tensor, b.floats(new Float32Array(length).fill(1 / length), [length, 1])]);
}

export function scale(b: GraphBuilder, tensor: string, factor: number): string {
  return factor === 1 ? tensor : b.op('Mul', [tensor, b.scalar(factor)]);
}

/** `tensor` where the condition holds, else zero. */
export function keepWhere(b: GraphBuilder, condition: string, tensor: string): string {
  return b.op('Where', [condition, tensor, b.scalar(0)]);
}

/** As large as a float gets with a power of two. */
export const hugeFloat = 2 ** 127;

/**
 * 1 where `tensor` > 0, else 0 (between them for denormals below 6e-39). ONNX Runtime does this in one vectorised pass and
 * in its blocked layout, so that nothing is reordered between a convolution and the next; Greater and Where take two
 * reorderings and four passes.
 */
export function positiveMask(b: GraphBuilder, tensor: string): string {
  return b.op('HardSigmoid', [tensor], { alpha: float(hugeFloat), beta: float(0) });
}

/** A shape as a tensor: numbers where at most one dimension moves with the batch, read from `like` at run time otherwise. */
function shapeTensor(b: GraphBuilder, lead: readonly number[], shape: readonly Dim[], like: string): string {
  const moving = shape.filter((dim) => dim === null).length;
  // 0 in a Reshape means "as in the input", which is another size here.
  if (moving <= 1 && !shape.includes(0)) return b.ints([...lead, ...shape.map((dim) => dim ?? -1)]);
  const own = b.op('Shape', [like]);
  return lead.length === 0 ? own : b.op('Concat', [b.ints(lead), own], { axis: 0 });
}

const leadOf = (c: Emitter) => (c.seeds === null ? [] : [c.seeds]);

/** A gradient in [seeds, ...shape], where `shape` is that of the forward tensor `like`. */
export function gradientShaped(c: Emitter, tensor: string, shape: readonly Dim[], like: string): string {
  return c.builder.op('Reshape', [tensor, shapeTensor(c.builder, leadOf(c), shape, like)]);
}

/** A gradient in the shape of the node's input i. */
export function gradientLike(c: RuleContext, tensor: string, i: number): string {
  return gradientShaped(c, tensor, c.shapeOf(i), c.x(i));
}

/**
 * Seeds joined to the first axis, [seeds, n, …] to [seeds·n, …], for operators that take no further axes; undone by
 * {@link gradientShaped}. Without seeds, the tensor itself.
 *
 * @param shape of the forward tensor that the gradient belongs to; only its first dimension may move with the batch.
 */
export function foldSeeds(c: RuleContext, tensor: string, shape: readonly Dim[]): string {
  if (c.seeds === null) return tensor;
  const rest = shape
    .slice(1)
    .map((dim) => dim ?? c.unavailable('a dimension other than the first moves with the batch'));
  return c.builder.op('Reshape', [tensor, c.builder.ints([-1, ...rest])]);
}

/** Undoes {@link foldSeeds} for a gradient of input i. */
export function unfoldSeeds(c: RuleContext, tensor: string, i: number): string {
  return c.seeds === null ? tensor : gradientLike(c, tensor, i);
}

/** Axes of a forward tensor counted from the end, where gradients with seeds have the same ones. */
export function fromEnd(axes: readonly number[], rank: number): number[] {
  return axes.map((axis) => (axis < 0 ? axis : axis - rank));
}

/** Sums a gradient of shape `from` down to shape `to` (that of the forward tensor `like`): the adjoint of broadcasting. */
export function unbroadcast(
  c: Emitter,
  tensor: string,
  from: readonly Dim[],
  to: readonly Dim[],
  like: string,
): string {
  const lead = from.length - to.length;
  const axes = from.flatMap((dim, axis) => (axis < lead || (to[axis - lead] === 1 && dim !== 1) ? [axis] : []));
  if (axes.length === 0) return tensor;
  const summed = reduceSum(c.builder, tensor, fromEnd(axes, from.length), true);
  return lead === 0 ? summed : gradientShaped(c, summed, to, like);
}

/** A zero gradient for the forward tensor `like`. */
export function zeroGradient(c: Emitter, like: string): string {
  const b = c.builder;
  const own = b.op('Shape', [like]);
  const shape = c.seeds === null ? own : b.op('Concat', [b.ints([c.seeds]), own], { axis: 0 });
  return b.op('ConstantOfShape', [shape], { value: { type: 'float32', dims: [1], data: Float32Array.of(0) } });
}

/**
 * The adjoint of moving elements: adds a gradient up at positions counted over the flattened input i.
 *
 * @param positions int64, in the shape of the output.
 */
export function scatterFlat(c: RuleContext, i: number, positions: string, gradient: string): string {
  const b = c.builder;
  const rows = c.seeds ?? 1;
  const zeros = b.op('Reshape', [zeroGradient(c, c.x(i)), b.ints([rows, -1])]);
  const updates = b.op('Reshape', [gradient, b.ints([rows, -1])]);
  const row = b.op('Reshape', [positions, b.ints([1, -1])]);
  const at = c.seeds === null ? row : b.op('Expand', [row, b.ints([rows, 1])]);
  const summed = b.op('ScatterElements', [zeros, at, updates], { axis: 1, reduction: 'add' });
  return gradientLike(c, summed, i);
}

/** For every element of `like`, its position in the flattened tensor (int64). */
export function positionsLike(b: GraphBuilder, like: string): string {
  const count = b.op('Size', [like]);
  return b.op('Reshape', [b.op('Range', [b.intScalar(0), count, b.intScalar(1)]), b.op('Shape', [like])]);
}
