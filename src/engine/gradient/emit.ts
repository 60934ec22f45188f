import type { GraphBuilder } from '../onnx/builder';
import type { Dim } from '../onnx/observe';

/** `tensor` in the shape of `like`, read at run time so that the batch may be any size. */
export function reshapeLike(b: GraphBuilder, tensor: string, like: string): string {
  return b.op('Reshape', [tensor, b.op('Shape', [like])]);
}

export function reduceSum(b: GraphBuilder, tensor: string, axes: readonly number[], keepdims: boolean): string {
  return b.op('ReduceSum', [tensor, b.ints(axes)], { keepdims: keepdims ? 1 : 0 });
}

export function reduceMean(b: GraphBuilder, tensor: string, axes: readonly number[]): string {
  return b.op('ReduceMean', [tensor, b.ints(axes)], { keepdims: 1 });
}

/** Sums a tensor of shape `from` down to shape `to`, the adjoint of NumPy broadcasting. */
export function unbroadcast(
  b: GraphBuilder,
  tensor: string,
  from: readonly Dim[],
  to: readonly Dim[],
  like: string,
): string {
  const lead = from.length - to.length;
  const axes = from.flatMap((dim, axis) => (axis < lead || (to[axis - lead] === 1 && dim !== 1) ? [axis] : []));
  if (axes.length === 0) return tensor;
  const summed = reduceSum(b, tensor, axes, true);
  return lead === 0 ? summed : reshapeLike(b, summed, like);
}

/** Zeros in the shape of `like`. */
export function zerosLike(b: GraphBuilder, like: string): string {
  return b.op('ConstantOfShape', [b.op('Shape', [like])], {
    value: { type: 'float32', dims: [1], data: Float32Array.of(0) },
  });
}

/**
 * The adjoint of moving elements: adds `updates` into a tensor of zeros shaped like `like`, at positions counted over its
 * flattened elements.
 */
export function scatterFlat(b: GraphBuilder, like: string, positions: string, updates: string): string {
  const flat = b.ints([-1]);
  const zeros = b.op('Reshape', [zerosLike(b, like), flat]);
  const summed = b.op(
    'ScatterElements',
    [zeros, b.op('Reshape', [positions, flat]), b.op('Reshape', [updates, flat])],
    {
      axis: 0,
      reduction: 'add',
    },
  );
  return reshapeLike(b, summed, like);
}

/** For every element of `like`, its position in the flattened tensor (int64). */
export function positionsLike(b: GraphBuilder, like: string): string {
  const count = b.op('Size', [like]);
  return reshapeLike(b, b.op('Range', [b.intScalar(0), count, b.intScalar(1)]), like);
}

/** `tensor` where the condition holds, else zero. */
export function keepWhere(b: GraphBuilder, condition: string, tensor: string): string {
  return b.op('Where', [condition, tensor, b.scalar(0)]);
}

export function scale(b: GraphBuilder, tensor: string, factor: number): string {
  return factor === 1 ? tensor : b.op('Mul', [tensor, b.scalar(factor)]);
}
