import { hasAttribute, intAttribute, stringAttribute } from '../../onnx/attribute';
import { TensorProto_DataType } from '../../onnx/generated/onnx_pb';
import { gradientShaped, reduceSum } from '../emit';
import { exact, type Rule, type RuleContext, type RuleTable } from '../rule';

/** Labels as int64, the positions that count, and the weight of each: [N, d…]. */
function positions(c: RuleContext) {
  const b = c.builder;
  const labels = c.op('Cast', [c.x(1)], { to: TensorProto_DataType.INT64 });
  const ignored = hasAttribute(c.node, 'ignore_index')
    ? c.op('Equal', [labels, b.intScalar(intAttribute(c.node, 'ignore_index', 0))])
    : undefined;
  // The ignored label need not be a class.
  const classes = ignored ? c.op('Where', [ignored, b.intScalar(0), labels]) : labels;
  const full = c.node.input[2]
    ? c.op('Gather', [c.x(2), classes])
    : c.op('Cast', [c.op('Equal', [classes, classes])], { to: TensorProto_DataType.FLOAT });
  return { classes, weight: ignored ? c.op('Where', [ignored, b.scalar(0), full]) : full };
}

/**
 * What of the loss' gradient each position gets, and the one-hot labels, both with the axis of classes:
 * g·w (none, sum) or g·w/Σ w (mean), where w is 0 at labels that are ignored.
 */
function shares(c: RuleContext): { share: string; target: string } {
  if (c.needs(2)) c.unavailable('it is differentiated with respect to its class weights');
  const b = c.builder;
  const rank = c.shapeOf(0).length;
  const { classes, weight } = positions(c);
  const reduction = stringAttribute(c.node, 'reduction', 'mean');
  // A loss of one number a seed broadcasts against all positions.
  const ones = Array<number>(rank - 1).fill(1);
  const g = reduction === 'none' || c.seeds === null ? c.g() : gradientShaped(c, c.g(), ones, c.y());
  const axes = ones.map((_, i) => i - ones.length);
  const total = reduction === 'mean' ? reduceSum(b, weight, axes, true) : undefined;
  const each = c.op('Mul', [g, total ? c.op('Div', [weight, total]) : weight]);
  const count = c.shapeOf(0)[1] ?? c.unavailable('the number of classes moves with the batch');
  return {
    share: c.op('Unsqueeze', [each, b.ints([1 - rank])]),
    target: c.op('OneHot', [classes, b.intScalar(count), b.floats([0, 1])], { axis: 1 }),
  };
}

/** loss = −w·x[label]: dx = −g·w at the label. */
const negativeLogLikelihood: Rule = (c) => {
  const { share, target } = shares(c);
  return [c.op('Neg', [c.op('Mul', [share, target])])];
};

/** loss = −w·log softmax(x)[label]: dx = g·w·(softmax(x) − label); the second output is the log-softmax itself. */
const softmaxCrossEntropy: Rule = (c) => {
  const b = c.builder;
  const probabilities = c.op('Softmax', [c.x()], { axis: 1 });
  const parts: string[] = [];
  if (c.arrives(0)) {
    const { share, target } = shares(c);
    parts.push(c.op('Mul', [share, c.op('Sub', [probabilities, target])]));
  }
  if (c.arrives(1)) {
    const total = reduceSum(b, c.g(1), [1 - c.shapeOf(0).length], true);
    parts.push(c.op('Sub', [c.g(1), c.op('Mul', [probabilities, total])]));
  }
  return [parts.length === 1 ? parts[0] : c.op('Sum', parts)];
};

export const lossRules: RuleTable = {
  NegativeLogLikelihoodLoss: exact(negativeLogLikelihood),
  SoftmaxCrossEntropyLoss: exact(softmaxCrossEntropy),
};
