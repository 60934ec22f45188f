import { intAttribute } from '../../onnx/attribute';
import { fromEnd, reduceSum } from '../emit';
import { exact, type Rule, type RuleContext, type RuleTable, straightThrough } from '../rule';
import { lossRules } from './loss';

const axisOf = (c: RuleContext) => fromEnd([intAttribute(c.node, 'axis', -1)], c.shapeOf(0).length);

/** y ⊙ (g − Σ g⊙y) along the axis, for y = softmax(x). */
function throughSoftmax(c: RuleContext, y: string): string {
  const inner = reduceSum(c.builder, c.op('Mul', [c.g(), y]), axisOf(c), true);
  return c.op('Mul', [y, c.op('Sub', [c.g(), inner])]);
}

/** dx = g − softmax(x)·Σ g along the axis. */
const logSoftmax: Rule = (c) => {
  const total = reduceSum(c.builder, c.g(), axisOf(c), true);
  return [c.op('Sub', [c.g(), c.op('Mul', [c.op('Exp', [c.y()]), total])])];
};

export const softmaxRules: RuleTable = {
  Softmax: exact((c) => [throughSoftmax(c, c.y())]),
  LogSoftmax: exact(logSoftmax),
  // Softmax is what its hard choice is a limit of (straight-through Gumbel-softmax: Jang et al. 2017).
  Hardmax: straightThrough((c) => [throughSoftmax(c, c.op('Softmax', [c.x()], { axis: axisOf(c)[0]! }))]),
  ...lossRules,
};
