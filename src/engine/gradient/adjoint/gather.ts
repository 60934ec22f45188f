import { hasAttribute, intAttribute } from '../../onnx/attribute';
import { gradientLike, reduceSum, zeroGradient } from '../emit';
import { fixedIntegers } from '../fixedIntegers';
import { adjoint, type Rule, type RuleTable } from '../rule';
import {
  asInt64,
  axisFromEnd,
  byPosition,
  indicesWithSeeds,
  mergeAxes,
  scatterAlong,
  sizeAt,
  untake,
  untakeDistinct,
} from './axis';

/** y = x[…, indices, …]: the axes of the indices are seen as one, and its elements go back to where they came from. */
const gather: Rule = (c) => {
  const shape = c.shapeOf(0);
  const axis = axisFromEnd(c, intAttribute(c.node, 'axis', 0));
  const size = shape.at(axis)!;
  const rank = c.shapeOf(1).length;
  const g = mergeAxes(c, c.g(), c.shapeOfOutput(0), shape.length + axis, rank);
  const indices = fixedIntegers(c, 1);
  if (indices && size !== null) {
    return [
      untake(
        c,
        g,
        axis,
        indices.map((k) => (k < 0 ? k + size : k)),
        size,
      ),
    ];
  }
  const at = c.op('Reshape', [asInt64(c, c.x(1)), c.builder.ints([-1])]);
  // One position of an axis that moves with the batch; of more, some could be the same (-1 and the last).
  if (indices?.length === 1) return [untakeDistinct(c, g, axis, at, sizeAt(c, c.x(), axis))];
  return [scatterAlong(c, g, axis, at, 0)];
};

/** y[i, j] = x[i, indices[i, j]] along the axis. */
const gatherElements: Rule = (c) => {
  const at = indicesWithSeeds(c, c.x(1), c.shapeOf(1).length);
  const axis = axisFromEnd(c, intAttribute(c.node, 'axis', 0));
  return [c.op('ScatterElements', [zeroGradient(c, c.x()), at, c.g()], { axis, reduction: 'add' })];
};

/** Keeps the positions at which a condition holds, along an axis or of the flattened tensor. */
const compress: Rule = (c) => {
  const b = c.builder;
  const along = hasAttribute(c.node, 'axis');
  const axis = along ? axisFromEnd(c, intAttribute(c.node, 'axis', 0)) : -1;
  const size = along ? sizeAt(c, c.x(), axis) : b.op('Reshape', [b.op('Size', [c.x()]), b.ints([1])]);
  // A condition may be shorter than the axis; what it says nothing of is dropped.
  const at = b.op('Reshape', [b.op('NonZero', [c.x(1)]), b.ints([-1])]);
  const spread = untakeDistinct(c, c.g(), axis, at, size);
  return [along ? spread : gradientLike(c, spread, 0)];
};

/** y is off + (on − off)·[position = index]; its indices carry no gradient. */
const oneHot: Rule = (c) => {
  const b = c.builder;
  if (!c.needs(2)) return [];
  const axis = intAttribute(c.node, 'axis', -1);
  const hot = b.op('OneHot', [c.x(0), c.x(1), b.floats([0, 1])], { axis });
  const axes = c.shapeOfOutput(0).map((_, k) => -1 - k);
  const total = reduceSum(b, c.g(), axes, false);
  const on = reduceSum(b, b.op('Mul', [c.g(), hot]), axes, false);
  const pair = [b.op('Sub', [total, on]), on].map((part) => b.op('Unsqueeze', [part, b.ints([-1])]));
  return [undefined, undefined, b.op('Concat', pair, { axis: -1 })];
};

/**
 * Writes `update` into each example's cache from its index on, around the end where it is circular: what it wrote over has
 * no gradient, and the update's gradient stands where it was written.
 */
const tensorScatter: Rule = (c) => {
  const b = c.builder;
  const rank = c.shapeOf(1).length;
  const axis = axisFromEnd(c, intAttribute(c.node, 'axis', -2));
  const filled = (like: string, value: number) =>
    b.op('ConstantOfShape', [b.op('Shape', [like])], {
      value: { type: 'float32', dims: [1], data: Float32Array.of(value) },
    });
  const data = () => {
    const shows = b.op('TensorScatter', [filled(c.x(0), 1), filled(c.x(1), 0), ...c.node.input.slice(2)]);
    b.graph.node.at(-1)!.attribute = c.node.attribute;
    return b.op('Where', [b.op('Equal', [shows, b.scalar(0)]), b.scalar(0), c.g()]);
  };
  const update = () => {
    const length = b.op('Squeeze', [sizeAt(c, c.x(1), axis)]);
    const steps = b.op('Range', [b.intScalar(0), length, b.intScalar(1)]);
    const along = b.op('Reshape', [steps, b.ints([-1, ...Array<number>(-axis - 1).fill(1)])]);
    const starts = c.node.input[2]
      ? b.op('Reshape', [c.x(2), b.ints([-1, ...Array<number>(rank - 1).fill(1)])])
      : undefined;
    const at = starts === undefined ? along : b.op('Mod', [b.op('Add', [starts, along]), sizeAt(c, c.x(0), axis)]);
    const everywhere = b.op('Expand', [at, b.op('Shape', [c.x(1)])]);
    return b.op('GatherElements', [c.g(), indicesWithSeeds(c, everywhere, rank)], { axis });
  };
  return [c.needs(0) ? data() : undefined, c.needs(1) ? update() : undefined];
};

export const gatherRules: RuleTable = {
  TensorScatter: adjoint(tensorScatter, [0, 1]),
  Gather: adjoint(gather, [0]),
  GatherElements: adjoint(gatherElements, [0]),
  GatherND: adjoint(byPosition, [0]),
  Compress: adjoint(compress, [0]),
  OneHot: adjoint(oneHot, [2]),
};
