import { floatAttribute, stringAttribute } from '../../onnx/attribute';
import { scale } from '../emit';
import { pointwise, type RuleContext, type RuleTable, type Slope } from '../rule';

const add = (c: RuleContext, tensor: string, value: number) => c.op('Add', [tensor, c.builder.scalar(value)]);
const oneMinus = (c: RuleContext, tensor: string) => c.op('Sub', [c.builder.scalar(1), tensor]);
const square = (c: RuleContext, tensor: string) => c.op('Mul', [tensor, tensor]);

/** Φ(x) + x·φ(x), with the standard normal's distribution and density. */
const gelu: Slope = (c) => {
  const b = c.builder;
  if (stringAttribute(c.node, 'approximate', 'none') === 'tanh') return tanhGelu(c);
  const cdf = scale(b, add(c, c.op('Erf', [scale(b, c.x(), Math.SQRT1_2)]), 1), 0.5);
  const density = scale(b, c.op('Exp', [scale(b, square(c, c.x()), -0.5)]), 1 / Math.sqrt(2 * Math.PI));
  return c.op('Add', [cdf, c.op('Mul', [c.x(), density])]);
};

/** ½(1 + t) + ½x(1 − t²)u′ with t = tanh u and u = √(2/π)(x + 0.044715x³). */
const tanhGelu: Slope = (c) => {
  const b = c.builder;
  // Beyond ±20 the slope is 0 or 1 in float32, and x³ must not overflow.
  const x = c.op('Clip', [c.x(), b.scalar(-20), b.scalar(20)]);
  const k = Math.sqrt(2 / Math.PI);
  const x2 = square(c, x);
  const t = c.op('Tanh', [c.op('Mul', [x, add(c, scale(b, x2, k * 0.044715), k)])]);
  const inner = c.op('Mul', [x, add(c, scale(b, x2, 3 * k * 0.044715), k)]);
  const slope = c.op('Add', [add(c, t, 1), c.op('Mul', [oneMinus(c, square(c, t)), inner])]);
  return scale(b, slope, 0.5);
};

/**
 * y = x·tanh(softplus(x)) = x·n/(n + 2) with n = e(e + 2) and e = eˣ, so the slope is n/(n + 2) + 4x·e(e + 1)/(n + 2)²:
 * no difference of nearly equal numbers on either side.
 */
const mish: Slope = (c) => {
  const b = c.builder;
  // Beyond these the slope is 0 or 1 in float32, and neither e⁴ nor 4x must overflow.
  const x = c.op('Clip', [c.x(), b.scalar(-100), b.scalar(20)]);
  const e = c.op('Exp', [x]);
  const n = c.op('Mul', [e, add(c, e, 2)]);
  const root = add(c, n, 2);
  const rest = c.op('Div', [c.op('Mul', [scale(b, x, 4), c.op('Mul', [e, add(c, e, 1)])]), square(c, root)]);
  return c.op('Add', [c.op('Div', [n, root]), rest]);
};

/** y = x·σ with σ = sigmoid(αx): σ·(1 + αx(1 − σ)). */
const swish: Slope = (c) => {
  const scaled = scale(c.builder, c.x(), floatAttribute(c.node, 'alpha', 1));
  const gate = c.op('Sigmoid', [scaled]);
  return c.op('Mul', [gate, add(c, c.op('Mul', [scaled, oneMinus(c, gate)]), 1)]);
};

export const smoothActivationRules: RuleTable = {
  Sigmoid: pointwise((c) => c.op('Mul', [c.y(), oneMinus(c, c.y())])),
  Tanh: pointwise((c) => oneMinus(c, square(c, c.y()))),
  Softplus: pointwise((c) => c.op('Sigmoid', [c.x()])),
  Softsign: pointwise((c) => c.op('Reciprocal', [square(c, add(c, c.op('Abs', [c.x()]), 1))])),
  Gelu: pointwise(gelu),
  Mish: pointwise(mish),
  Swish: pointwise(swish),
};
