import { TensorProto_DataType } from '../../onnx/generated/onnx_pb';
import { kept, reducedAxes, spread } from '../adjoint/reduction';
import { keepWhere, reduceSum, scale } from '../emit';
import { exact, type Rule, type RuleContext, type RuleTable } from '../rule';
import { cumulativeProduct } from './cumulative';
import { finite, reciprocalSlope } from './slope';

const asFloat = (c: RuleContext, condition: string) => c.op('Cast', [condition], { to: TensorProto_DataType.FLOAT });

/** Sums over the reduced axes, which stay as ones. */
const sumKept = (c: RuleContext, tensor: string, axes: readonly number[]) =>
  axes.length === 0 ? tensor : reduceSum(c.builder, tensor, axes, true);

/** Ties share the gradient equally, as torch.amax and torch.amin do. */
const extremum: Rule = (c) => {
  const axes = reducedAxes(c);
  const won = c.op('Equal', [c.x(), kept(c, c.y(), axes)]);
  const share = c.op('Div', [kept(c, c.g(), axes), sumKept(c, asFloat(c, won), axes)]);
  return [keepWhere(c.builder, won, share)];
};

const norm1: Rule = (c) => [c.op('Mul', [c.op('Sign', [c.x()]), kept(c, c.g(), reducedAxes(c))])];

/** x/‖x‖; 0 at the origin, as torch.linalg.norm has it. */
const norm2: Rule = (c) => {
  const axes = reducedAxes(c);
  const direction = c.op('Mul', [c.x(), reciprocalSlope(c, kept(c, c.y(), axes))]);
  return [c.op('Mul', [direction, kept(c, c.g(), axes)])];
};

const sumSquare: Rule = (c) => [c.op('Mul', [scale(c.builder, c.x(), 2), kept(c, c.g(), reducedAxes(c))])];

/** y = log Σ x: dx = g/Σ x. */
const logSum: Rule = (c) => {
  const axes = reducedAxes(c);
  const slope = finite(c, c.op('Exp', [c.op('Neg', [c.y()])]));
  return [spread(c, kept(c, c.op('Mul', [c.g(), slope]), axes), axes)];
};

/** Softmax over the reduced axes; for one, by name: at large x the rounding of y is a factor of all of e^(x − y). */
const logSumExp: Rule = (c) => {
  const axes = reducedAxes(c);
  const weights =
    axes.length === 1
      ? c.op('Softmax', [c.x()], { axis: axes[0]! })
      : c.op('Exp', [c.op('Sub', [c.x(), kept(c, c.y(), axes)])]);
  return [c.op('Mul', [weights, kept(c, c.g(), axes)])];
};

/** The product of the others, exact where some are zero, as torch.prod has it: one zero has a slope, two have none. */
const product: Rule = (c) => {
  const b = c.builder;
  const axes = reducedAxes(c);
  if (axes.length === 0) return [c.g()];
  const isZero = c.op('Equal', [c.x(), b.scalar(0)]);
  const safe = c.op('Where', [isZero, b.scalar(1), c.x()]);
  const others = c.op('Div', [c.op('ReduceProd', [safe, b.ints(axes)], { keepdims: 1 }), safe]);
  const zero = asFloat(c, isZero);
  const alone = c.op('Equal', [sumKept(c, zero, axes), zero]);
  return [c.op('Mul', [keepWhere(b, alone, others), kept(c, c.g(), axes)])];
};

export const reductionRules: RuleTable = {
  ReduceMax: exact(extremum),
  ReduceMin: exact(extremum),
  ReduceL1: exact(norm1),
  ReduceL2: exact(norm2),
  ReduceSumSquare: exact(sumSquare),
  ReduceLogSum: exact(logSum),
  ReduceLogSumExp: exact(logSumExp),
  ReduceProd: exact(product),
  CumProd: exact(cumulativeProduct),
};
