import { float, floatAttribute } from '../../onnx/attribute';
import type { Constant } from '../../onnx/tensor';
import { gradientLike, hugeFloat, keepWhere, positiveMask, reduceSum } from '../emit';
import { elementwise, exact, pointwise, type Rule, type RuleContext, type RuleTable, type Slope, times } from '../rule';
import { smoothActivationRules } from './smoothActivation';
import { softmaxRules } from './softmax';

const positive = (c: RuleContext, tensor: string) => c.op('Greater', [tensor, c.builder.scalar(0)]);

/** A slope above zero and another at zero and below: PyTorch takes the lower side at the kink. */
const either = (c: RuleContext, above: number, below: string, x = c.x()) =>
  c.op('Where', [positive(c, x), c.builder.scalar(above), below]);

const leakyRelu: Slope = (c) => {
  const alpha = floatAttribute(c.node, 'alpha', 0.01);
  if (alpha >= 0 && alpha <= 1)
    return c.op('Max', [positiveMask(c.builder, alpha > 0 ? c.y() : c.x()), c.builder.scalar(alpha)]);
  // The output has the input's sign, and leaves ONNX Runtime free to fuse the forward node into a convolution before it.
  return either(c, 1, c.builder.scalar(alpha), alpha > 0 ? c.y() : c.x());
};

/** Below zero y = γα(eˣ − 1), so the slope is y + γα. */
const exponentialLinear = (gamma: number, alpha: number): Slope => {
  return (c) => either(c, gamma, c.op('Add', [c.y(), c.builder.scalar(gamma * alpha)]));
};

/** Below zero y = α(e^(x/α) − 1), so the slope is y/α + 1. */
const celu: Slope = (c) => {
  const b = c.builder;
  const alpha = floatAttribute(c.node, 'alpha', 1);
  return either(c, 1, c.op('Add', [c.op('Mul', [c.y(), b.scalar(1 / alpha)]), b.scalar(1)]));
};

/** y = clip(αx + β, 0, 1); 0 at both ends, as PyTorch. */
const hardSigmoid: Slope = (c) => {
  const b = c.builder;
  const inside = c.op('And', [positive(c, c.y()), c.op('Less', [c.y(), b.scalar(1)])]);
  return c.op('Where', [inside, b.scalar(floatAttribute(c.node, 'alpha', 0.2)), b.scalar(0)]);
};

/** y = x·clip(x/6 + ½, 0, 1): x/3 + ½ inside (−3, 3), and the outer slopes at ±3, as PyTorch since 2.6. */
const hardSwish: Slope = (c) => {
  const b = c.builder;
  const inner = c.op('Add', [c.op('Mul', [c.x(), b.scalar(1 / 3)]), b.scalar(0.5)]);
  const above = c.op('GreaterOrEqual', [c.x(), b.scalar(3)]);
  const below = c.op('LessOrEqual', [c.x(), b.scalar(-3)]);
  return c.op('Where', [above, b.scalar(1), c.op('Where', [below, b.scalar(0), inner])]);
};

/** 0 on [−λ, λ], else x ∓ bias: the flat side at ±λ, as PyTorch's hard and soft shrinkage. */
const shrink: Slope = (c) => {
  const lambda = floatAttribute(c.node, 'lambd', 0.5);
  if (lambda >= 0) return { where: c.op('Greater', [c.op('Abs', [c.x()]), c.builder.scalar(lambda)]) };
  // Below zero there is no flat part: every x is under −λ or over λ.
  return c.builder.scalar(1);
};

const one = (constant: Constant | undefined, value: number) =>
  constant?.data.length === 1 && Number(constant.data[0]) === value;

/**
 * Inclusive at the bounds, as torch.clamp was until 2.15 and tinygrad's is not: data that lies on its own bounds (the black
 * of a picture) would otherwise lose its gradient to a Clip that changes nothing, and seem robust. Clip(0, 6) is how ReLU6
 * is exported: there 0 at both ends, as PyTorch's relu6.
 */
const clipSlope: Slope = (c) => {
  const b = c.builder;
  if (one(c.constant(1), 0) && one(c.constant(2), 6)) {
    // By the output, so that ONNX Runtime may fuse the forward node into the convolution before it.
    const under = c.op('HardSigmoid', [c.y()], { alpha: float(-hugeFloat / 8), beta: float((6 / 8) * hugeFloat) });
    return c.op('Mul', [positiveMask(c.builder, c.y()), under]);
  }
  const low = c.node.input[1] ? c.op('GreaterOrEqual', [c.x(), c.x(1)]) : undefined;
  const high = c.node.input[2] ? c.op('LessOrEqual', [c.x(), c.x(2)]) : undefined;
  if (low && high) return { where: c.op('And', [low, high]) };
  return low || high ? { where: (low ?? high)! } : b.scalar(1);
};

/** Where x is outside, the bound that stands in for it gets the gradient; the upper one wins where they cross. */
const clip: Rule = (c) => {
  const total = (mask: string, i: number) => {
    const axes = c.shapeOf(0).map((_, axis) => axis - c.shapeOf(0).length);
    const outside = keepWhere(c.builder, mask, c.g());
    const summed = axes.length === 0 ? outside : reduceSum(c.builder, outside, axes, false);
    return c.shapeOf(i).length === 0 ? summed : gradientLike(c, summed, i);
  };
  const [hasLow, hasHigh] = [Boolean(c.node.input[1]), Boolean(c.node.input[2])];
  const crossed = () => c.op('Greater', [c.x(1), c.x(2)]);
  const under = () => {
    const mask = c.op('Less', [c.x(), c.x(1)]);
    return hasHigh ? c.op('And', [mask, c.op('Not', [crossed()])]) : mask;
  };
  const over = () => {
    const mask = c.op('Greater', [c.x(), c.x(2)]);
    return hasLow ? c.op('Or', [mask, crossed()]) : mask;
  };
  return [
    c.needs(0) ? times(c, c.g(), clipSlope(c)) : undefined,
    c.needs(1) ? total(under(), 1) : undefined,
    c.needs(2) ? total(over(), 2) : undefined,
  ];
};

const preluSlope: Slope = (c) => either(c, 1, c.x(1));

/** The slope's own gradient is x where x < 0. */
const prelu: Rule = (c) => [
  c.needs(0) ? times(c, c.g(), preluSlope(c)) : undefined,
  c.needs(1) ? c.op('Mul', [c.g(), c.op('Min', [c.x(0), c.builder.scalar(0)])]) : undefined,
];

export const activationRules: RuleTable = {
  // By the output, so that ONNX Runtime may fuse the forward Relu into the operator before it. 0 at 0.
  Relu: pointwise((c) => positiveMask(c.builder, c.y())),
  LeakyRelu: pointwise(leakyRelu),
  PRelu: { ...elementwise(prelu), slope: preluSlope },
  ThresholdedRelu: pointwise((c) => ({
    where: c.op('Greater', [c.x(), c.builder.scalar(floatAttribute(c.node, 'alpha', 1))]),
  })),
  Elu: pointwise((c) => exponentialLinear(1, floatAttribute(c.node, 'alpha', 1))(c)),
  Selu: pointwise((c) => {
    const gamma = floatAttribute(c.node, 'gamma', 1.0507009873554805);
    return exponentialLinear(gamma, floatAttribute(c.node, 'alpha', 1.6732632423543772))(c);
  }),
  Celu: pointwise(celu),
  HardSigmoid: pointwise(hardSigmoid),
  HardSwish: pointwise(hardSwish),
  Shrink: pointwise(shrink),
  Clip: { ...exact(clip), slope: clipSlope },
  ...smoothActivationRules,
  ...softmaxRules,
};
