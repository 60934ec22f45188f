import { intAttribute } from '../../onnx/attribute';
import { TensorProto_DataType } from '../../onnx/generated/onnx_pb';
import { fromEnd, scale } from '../emit';
import { adjoint, type Rule, type RuleContext, type RuleTable } from '../rule';

/** Axes reduced over, counted from the end; none where the operator leaves all as they are. */
export function reducedAxes(c: RuleContext): number[] {
  const rank = c.shapeOf(0).length;
  const given = c.node.input[1] ? (c.integers(1) ?? c.unavailable('its axes are not constant')) : [];
  if (given.length === 0 && intAttribute(c.node, 'noop_with_empty_axes', 0) === 1) return [];
  return fromEnd(given.length === 0 ? c.shapeOf(0).map((_, i) => i) : given, rank);
}

/** A reduced tensor with its reduced axes put back as ones. */
export function kept(c: RuleContext, tensor: string, axes: readonly number[]): string {
  if (intAttribute(c.node, 'keepdims', 1) === 1 || axes.length === 0) return tensor;
  return c.op('Unsqueeze', [tensor, c.builder.ints(axes)]);
}

/** Repeats a gradient along axes where it has ones and input 0 does not. */
export function spread(c: RuleContext, tensor: string, axes: readonly number[]): string {
  const shape = c.shapeOf(0);
  const sizes = shape.map((dim, i) => (axes.includes(i - shape.length) ? dim : 1));
  if (sizes.every((dim) => dim === 1)) return tensor;
  // Expand leaves an axis alone where the target has a one, so only a reduced axis that moves is read at run time.
  const target = sizes.every((dim) => dim !== null) ? c.builder.ints(sizes) : c.op('Shape', [c.x()]);
  return c.op('Expand', [tensor, target]);
}

/** How many elements of input 0 each element of the output was made from, as a number or a scalar tensor. */
function reducedCount(c: RuleContext, axes: readonly number[]): number | string {
  const sizes = axes.map((axis) => c.shapeOf(0).at(axis)!);
  if (sizes.every((dim) => dim !== null)) return sizes.reduce((a, dim) => a * dim, 1);
  const ratio = c.op('Div', [c.op('Size', [c.x()]), c.op('Size', [c.y()])]);
  return c.op('Cast', [ratio], { to: TensorProto_DataType.FLOAT });
}

const sum: Rule = (c) => {
  const axes = reducedAxes(c);
  return [spread(c, kept(c, c.g(), axes), axes)];
};

const mean: Rule = (c) => {
  const axes = reducedAxes(c);
  const count = reducedCount(c, axes);
  const share = typeof count === 'number' ? scale(c.builder, c.g(), 1 / count) : c.op('Div', [c.g(), count]);
  return [spread(c, kept(c, share, axes), axes)];
};

/** Axes are read as numbers while the graph is built, so both are linear in all there is to differentiate. */
export const linearReductionRules: RuleTable = { ReduceSum: adjoint(sum), ReduceMean: adjoint(mean) };
