import { intAttribute } from '../../onnx/attribute';
import { fromEnd, reduceSum, rowSum } from '../emit';
import { exact, type Rule, type RuleContext, type RuleTable, straightThrough } from '../rule';
import { lossRules } from './loss';

const axisOf = (c: RuleContext) => fromEnd([intAttribute(c.node, 'axis', -1)], c.shapeOf(0).length);

function sumOverAxis(c: RuleContext, tensor: string): string {
  const [axis] = axisOf(c) as [number];
  return axis === -1 ? rowSum(c.builder, tensor, c.shapeOf(0).at(-1)!) : reduceSum(c.builder, tensor, [axis], true);
}

/** y ⊙ (g − Σ g⊙y) along the axis, for y = softmax(x). */
function throughSoftmax(c: RuleContext, y: string): string {
  const inner = sumOverAxis(c, c.op('Mul', [c.g(), y]));
  return c.op('Mul', [y, c.op('Sub', [c.g(), inner])]);
}

/** dx = g − softmax(x)·Σ g along the axis. */
const logSoftmax: Rule = (c) => {
  const total = sumOverAxis(c, c.g());
  return [c.op('Sub', [c.g(), c.op('Mul', [c.op('Exp', [c.y()]), total])])];
};

export const softmaxRules: RuleTable = {
  Softmax: exact((c) => [throughSoftmax(c, c.y())]),
  LogSoftmax: exact(logSoftmax),
  // Softmax is what its hard choice is a limit of (straight-through Gumbel-softmax: Jang et al. 2017).
  Hardmax: straightThrough((c) => [throughSoftmax(c, c.op('Softmax', [c.x()], { axis: axisOf(c)[0]! }))]),
  ...lossRules,
};
