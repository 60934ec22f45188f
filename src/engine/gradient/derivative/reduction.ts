import { intAttribute } from '../../onnx/attribute';
import { keepWhere, reduceSum, scale } from '../emit';
import { exact, type Rule, type RuleContext, type RuleTable } from '../rule';

/** Axes reduced over, counted from the front. */
function axesOf(c: RuleContext): number[] {
  const rank = c.shapeOf(0).length;
  const given = c.node.input[1] ? (c.integers(1) ?? c.unavailable('its axes are not constant')) : [];
  if (given.length === 0 && intAttribute(c.node, 'noop_with_empty_axes', 0) === 1) return [];
  const axes = given.length === 0 ? c.shapeOf(0).map((_, i) => i) : given;
  return axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** A reduced tensor with its reduced axes put back as ones. */
function kept(c: RuleContext, tensor: string, axes: readonly number[]): string {
  if (intAttribute(c.node, 'keepdims', 1) === 1 || axes.length === 0) return tensor;
  return c.op('Unsqueeze', [tensor, c.builder.ints(axes)]);
}

const spread = (c: RuleContext, tensor: string) => c.op('Expand', [tensor, c.op('Shape', [c.x()])]);

const sum: Rule = (c) => [spread(c, kept(c, c.g(), axesOf(c)))];

const mean: Rule = (c) => {
  const axes = axesOf(c);
  const count = axes.reduce((product, axis) => {
    const dim = c.shapeOf(0)[axis];
    return product * (dim ?? c.unavailable('it averages over the batch'));
  }, 1);
  return [spread(c, kept(c, scale(c.builder, c.g(), 1 / count), axes))];
};

/** Ties share the gradient equally, as torch.amax and torch.amin do. */
const extremum: Rule = (c) => {
  const axes = axesOf(c);
  const winners = c.op('Cast', [c.op('Equal', [c.x(), kept(c, c.y(), axes)])], { to: 1 });
  const share = c.op('Div', [kept(c, c.g(), axes), reduceSum(c.builder, winners, axes, true)]);
  return [c.op('Mul', [winners, share])];
};

const norm1: Rule = (c) => [c.op('Mul', [c.op('Sign', [c.x()]), kept(c, c.g(), axesOf(c))])];

/** x/‖x‖; 0 at the origin, as torch.linalg.norm has it. */
const norm2: Rule = (c) => {
  const axes = axesOf(c);
  const length = kept(c, c.y(), axes);
  const positive = c.op('Greater', [length, c.builder.scalar(0)]);
  const safe = c.op('Where', [positive, length, c.builder.scalar(1)]);
  const direction = keepWhere(c.builder, positive, c.op('Div', [kept(c, c.g(), axes), safe]));
  return [c.op('Mul', [c.x(), direction])];
};

const sumSquare: Rule = (c) => [c.op('Mul', [scale(c.builder, c.x(), 2), kept(c, c.g(), axesOf(c))])];

const logSumExp: Rule = (c) => {
  const axes = axesOf(c);
  const weights = c.op('Exp', [c.op('Sub', [c.x(), kept(c, c.y(), axes)])]);
  return [c.op('Mul', [weights, kept(c, c.g(), axes)])];
};

export const reductionRules: RuleTable = {
  ReduceSum: exact(sum),
  ReduceMean: exact(mean),
  ReduceMax: exact(extremum),
  ReduceMin: exact(extremum),
  ReduceL1: exact(norm1),
  ReduceL2: exact(norm2),
  ReduceSumSquare: exact(sumSquare),
  ReduceLogSumExp: exact(logSumExp),
};
