import { floatAttribute, hasAttribute, intAttribute } from '../../onnx/attribute';
import { keepWhere, reduceSum, scale } from '../emit';
import { elementwise, exact, type Rule, type RuleContext, type RuleTable } from '../rule';

const positive = (c: RuleContext, tensor: string) => c.op('Greater', [tensor, c.builder.scalar(0)]);
const oneMinus = (c: RuleContext, tensor: string) => c.op('Sub', [c.builder.scalar(1), tensor]);

/** slope where x > 0, `below` where not; PyTorch's choice at 0 is the lower side. */
const piecewise =
  (above: (c: RuleContext) => string, below: (c: RuleContext) => string): Rule =>
  (c) => [c.op('Where', [positive(c, c.x()), above(c), below(c)])];

/** dx = y ⊙ (g − Σ g⊙y) along the axis. */
const softmax: Rule = (c) => {
  const axis = intAttribute(c.node, 'axis', -1);
  const inner = reduceSum(c.builder, c.op('Mul', [c.g(), c.y()]), [axis], true);
  return [c.op('Mul', [c.y(), c.op('Sub', [c.g(), inner])])];
};

/** dx = g − softmax(x) Σ g along the axis. */
const logSoftmax: Rule = (c) => {
  const axis = intAttribute(c.node, 'axis', -1);
  const total = reduceSum(c.builder, c.g(), [axis], true);
  return [c.op('Sub', [c.g(), c.op('Mul', [c.op('Exp', [c.y()]), total])])];
};

const clip: Rule = (c) => {
  let g = c.g();
  // Inclusive at the bounds, as torch.clamp is.
  if (c.node.input[1]) g = keepWhere(c.builder, c.op('GreaterOrEqual', [c.x(), c.x(1)]), g);
  if (c.node.input[2]) g = keepWhere(c.builder, c.op('LessOrEqual', [c.x(), c.x(2)]), g);
  return [g];
};

/** g·Φ(x) + g·x·φ(x); the tanh form by its own derivative. */
const gelu: Rule = (c) => {
  const b = c.builder;
  const x = c.x();
  const approximate =
    hasAttribute(c.node, 'approximate') && c.node.attribute.some((a) => new TextDecoder().decode(a.s) === 'tanh');
  if (approximate) {
    const k = Math.sqrt(2 / Math.PI);
    const x2 = c.op('Mul', [x, x]);
    const inner = scale(b, c.op('Mul', [x, c.op('Add', [scale(b, x2, 0.044715), b.scalar(1)])]), k);
    const t = c.op('Tanh', [inner]);
    const dInner = scale(b, c.op('Add', [scale(b, x2, 3 * 0.044715), b.scalar(1)]), k);
    const sech2 = oneMinus(c, c.op('Mul', [t, t]));
    const slope = c.op('Add', [c.op('Add', [t, b.scalar(1)]), c.op('Mul', [x, c.op('Mul', [sech2, dInner])])]);
    return [c.op('Mul', [c.g(), scale(b, slope, 0.5)])];
  }
  const cdf = scale(b, c.op('Add', [c.op('Erf', [scale(b, x, Math.SQRT1_2)]), b.scalar(1)]), 0.5);
  const pdf = scale(b, c.op('Exp', [scale(b, c.op('Mul', [x, x]), -0.5)]), 1 / Math.sqrt(2 * Math.PI));
  return [c.op('Mul', [c.g(), c.op('Add', [cdf, c.op('Mul', [x, pdf])])])];
};

const hardSigmoid: Rule = (c) => {
  const inside = c.op('And', [positive(c, c.y()), c.op('Less', [c.y(), c.builder.scalar(1)])]);
  return [scale(c.builder, keepWhere(c.builder, inside, c.g()), floatAttribute(c.node, 'alpha', 0.2))];
};

/** y = x·clip(x/6 + ½, 0, 1); slope x/3 + ½ inside (−3, 3). */
const hardSwish: Rule = (c) => {
  const b = c.builder;
  const inner = c.op('Add', [scale(b, c.x(), 1 / 3), b.scalar(0.5)]);
  const above = c.op('GreaterOrEqual', [c.x(), b.scalar(3)]);
  const below = c.op('LessOrEqual', [c.x(), b.scalar(-3)]);
  const slope = c.op('Where', [above, b.scalar(1), c.op('Where', [below, b.scalar(0), inner])]);
  return [c.op('Mul', [c.g(), slope])];
};

const selu: Rule = (c) => {
  const gamma = floatAttribute(c.node, 'gamma', 1.0507009873554805);
  const alpha = floatAttribute(c.node, 'alpha', 1.6732632423543772);
  // Below zero y = γα(eˣ − 1), so the slope is y + γα.
  return piecewise(
    () => scale(c.builder, c.g(), gamma),
    () => c.op('Mul', [c.g(), c.op('Add', [c.y(), c.builder.scalar(gamma * alpha)])]),
  )(c);
};

const elu: Rule = (c) =>
  piecewise(
    () => c.g(),
    () => c.op('Mul', [c.g(), c.op('Add', [c.y(), c.builder.scalar(floatAttribute(c.node, 'alpha', 1))])]),
  )(c);

const celu: Rule = (c) => {
  const alpha = floatAttribute(c.node, 'alpha', 1);
  return piecewise(
    () => c.g(),
    () => c.op('Mul', [c.g(), c.op('Exp', [scale(c.builder, c.x(), 1 / alpha)])]),
  )(c);
};

const softsign: Rule = (c) => {
  const root = c.op('Add', [c.op('Abs', [c.x()]), c.builder.scalar(1)]);
  return [c.op('Div', [c.g(), c.op('Mul', [root, root])])];
};

const prelu: Rule = (c) => [
  c.op('Where', [positive(c, c.x()), c.g(), c.op('Mul', [c.g(), c.x(1)])]),
  c.needs(1) ? c.op('Where', [positive(c, c.x()), c.builder.scalar(0), c.op('Mul', [c.g(), c.x(0)])]) : undefined,
];

export const activationRules: RuleTable = {
  // By the output, so that ONNX Runtime may fuse the forward Relu into the operator before it.
  Relu: exact((c) => [keepWhere(c.builder, positive(c, c.y()), c.g())]),
  LeakyRelu: exact(
    piecewise(
      (c) => c.g(),
      (c) => scale(c.builder, c.g(), floatAttribute(c.node, 'alpha', 0.01)),
    ),
  ),
  PRelu: elementwise(prelu),
  Sigmoid: exact((c) => [c.op('Mul', [c.g(), c.op('Mul', [c.y(), oneMinus(c, c.y())])])]),
  Tanh: exact((c) => [c.op('Mul', [c.g(), oneMinus(c, c.op('Mul', [c.y(), c.y()]))])]),
  Softplus: exact((c) => [c.op('Mul', [c.g(), c.op('Sigmoid', [c.x()])])]),
  Softsign: exact(softsign),
  Elu: exact(elu),
  Selu: exact(selu),
  Celu: exact(celu),
  Gelu: exact(gelu),
  HardSigmoid: exact(hardSigmoid),
  HardSwish: exact(hardSwish),
  ThresholdedRelu: exact((c) => [
    keepWhere(c.builder, c.op('Greater', [c.x(), c.builder.scalar(floatAttribute(c.node, 'alpha', 1))]), c.g()),
  ]),
  Clip: exact(clip),
  Softmax: exact(softmax),
  LogSoftmax: exact(logSoftmax),
};
