import { gradientShaped, keepWhere, reduceSum, scale } from '../emit';
import { adjoint, broadcastAdjoint, type Rule, type RuleContext, type RuleTable } from '../rule';

/**
 * The denominator, with infinity in place of zeros: what was divided by zero gets no gradient. The quotient is not finite
 * there, but a Where behind it may never look at it, and 0/0 would turn that Where's zero into NaN.
 */
function denominator(c: RuleContext): string {
  const constant = c.constant(1);
  if (constant?.type === 'float32' && !constant.data.includes(0)) return c.x(1);
  const b = c.builder;
  return c.op('Where', [c.op('Equal', [c.x(1), b.scalar(0)]), b.scalar(Number.POSITIVE_INFINITY), c.x(1)]);
}

/** y = a/b: da = g/b, db = −g·(a/b)/b. */
const divide: Rule = (c) => {
  const safe = denominator(c);
  // Two divisions rather than b²: that overflows and underflows where the quotient does not.
  const ratio = () => c.op('Div', [c.op('Div', [c.x(0), safe]), safe]);
  return [
    c.needs(0) ? c.op('Div', [c.g(), safe]) : undefined,
    c.needs(1) ? c.op('Neg', [c.op('Mul', [c.g(), ratio()])]) : undefined,
  ];
};

/** yᵢ = start + i·delta, in the length that it has: start gets Σ gᵢ, delta Σ i·gᵢ; the limit sets the length alone. */
const range: Rule = (c) => {
  const b = c.builder;
  const total = (tensor: string, i: number) =>
    gradientShaped(c, reduceSum(b, tensor, [-1], false), c.shapeOf(i), c.x(i));
  const index = () => {
    const count = c.op('Size', [c.y()]);
    return c.op('Cast', [c.op('Range', [b.intScalar(0), count, b.intScalar(1)])], { to: 1 });
  };
  return [
    c.needs(0) ? total(c.g(), 0) : undefined,
    undefined,
    c.needs(2) ? total(c.op('Mul', [c.g(), index()]), 2) : undefined,
  ];
};

export const linearArithmeticRules: RuleTable = {
  Add: broadcastAdjoint((c) => [c.g(), c.g()]),
  Sub: broadcastAdjoint((c) => [c.g(), c.needs(1) ? c.op('Neg', [c.g()]) : undefined]),
  Neg: adjoint((c) => [c.op('Neg', [c.g()])]),
  Sum: broadcastAdjoint((c) => c.node.input.map(() => c.g())),
  Mean: broadcastAdjoint((c) => {
    const share = scale(c.builder, c.g(), 1 / c.node.input.length);
    return c.node.input.map(() => share);
  }),
  Mul: broadcastAdjoint(
    (c) => [
      c.needs(0) ? c.op('Mul', [c.g(), c.x(1)]) : undefined,
      c.needs(1) ? c.op('Mul', [c.g(), c.x(0)]) : undefined,
    ],
    [0, 1],
  ),
  Div: broadcastAdjoint(divide, [0]),
  Where: broadcastAdjoint(
    (c) => [
      undefined,
      c.needs(1) ? keepWhere(c.builder, c.x(0), c.g()) : undefined,
      c.needs(2) ? c.op('Where', [c.x(0), c.builder.scalar(0), c.g()]) : undefined,
    ],
    [1, 2],
  ),
  Range: adjoint(range, [0, 2]),
};
