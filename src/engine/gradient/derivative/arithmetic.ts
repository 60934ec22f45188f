import { keepWhere, scale } from '../emit';
import { elementwise, type Rule, type RuleContext, type RuleTable } from '../rule';

/** y = max(x₀, x₁, …): the gradient goes to the largest; ties share it equally, as `torch.maximum` does. */
const extremum: Rule = (c) => {
  const isExtreme = c.node.input.map((_, i) => c.op('Cast', [c.op('Equal', [c.x(i), c.y()])], { to: 1 }));
  const share = c.node.input.length === 1 ? c.g() : c.op('Div', [c.g(), c.op('Sum', isExtreme)]);
  return isExtreme.map((mask, i) => (c.needs(i) ? c.op('Mul', [share, mask]) : undefined));
};

const power: Rule = (c) => {
  const [x, p] = [c.x(0), c.x(1)];
  // x^(p-1) rather than y/x: finite at x = 0.
  const slope = () => c.op('Mul', [p, c.op('Pow', [x, c.op('Sub', [p, c.builder.scalar(1)])])]);
  const logSafe = () =>
    c.op('Log', [c.op('Where', [c.op('Greater', [x, c.builder.scalar(0)]), x, c.builder.scalar(1)])]);
  return [
    c.needs(0) ? c.op('Mul', [c.g(), slope()]) : undefined,
    c.needs(1) ? c.op('Mul', [c.g(), c.op('Mul', [c.y(), logSafe()])]) : undefined,
  ];
};

/** A function of one tensor: gradient times derivative. */
const derivative =
  (slope: (c: RuleContext) => string): Rule =>
  (c) => [c.op('Mul', [c.g(), slope(c)])];

export const arithmeticRules: RuleTable = {
  Add: elementwise((c) => [c.g(), c.g()]),
  Sub: elementwise((c) => [c.g(), c.needs(1) ? c.op('Neg', [c.g()]) : undefined]),
  Mul: elementwise((c) => [
    c.needs(0) ? c.op('Mul', [c.g(), c.x(1)]) : undefined,
    c.needs(1) ? c.op('Mul', [c.g(), c.x(0)]) : undefined,
  ]),
  Div: elementwise((c) => [
    c.needs(0) ? c.op('Div', [c.g(), c.x(1)]) : undefined,
    c.needs(1) ? c.op('Neg', [c.op('Mul', [c.g(), c.op('Div', [c.y(), c.x(1)])])]) : undefined,
  ]),
  Pow: elementwise(power),
  Sum: elementwise((c) => c.node.input.map(() => c.g())),
  Mean: elementwise((c) => c.node.input.map(() => scale(c.builder, c.g(), 1 / c.node.input.length))),
  Max: elementwise(extremum),
  Min: elementwise(extremum),
  Where: elementwise((c) => [
    undefined,
    c.needs(1) ? keepWhere(c.builder, c.x(0), c.g()) : undefined,
    c.needs(2) ? c.op('Where', [c.x(0), c.builder.scalar(0), c.g()]) : undefined,
  ]),
  Neg: elementwise((c) => [c.op('Neg', [c.g()])]),
  Abs: elementwise(derivative((c) => c.op('Sign', [c.x()]))),
  Exp: elementwise(derivative((c) => c.y())),
  Log: elementwise((c) => [c.op('Div', [c.g(), c.x()])]),
  // At 0 the slope is infinite; 0 keeps an attack's other coordinates alive.
  Sqrt: elementwise((c) => {
    const positive = c.op('Greater', [c.y(), c.builder.scalar(0)]);
    const safe = c.op('Where', [positive, c.y(), c.builder.scalar(1)]);
    return [keepWhere(c.builder, positive, c.op('Div', [scale(c.builder, c.g(), 0.5), safe]))];
  }),
  Reciprocal: elementwise((c) => [c.op('Neg', [c.op('Mul', [c.g(), c.op('Mul', [c.y(), c.y()])])])]),
  Sin: elementwise(derivative((c) => c.op('Cos', [c.x()]))),
  Cos: elementwise(derivative((c) => c.op('Neg', [c.op('Sin', [c.x()])]))),
  Erf: elementwise(
    derivative((c) =>
      scale(c.builder, c.op('Exp', [c.op('Neg', [c.op('Mul', [c.x(), c.x()])])]), 2 / Math.sqrt(Math.PI)),
    ),
  ),
};
