import { TensorProto_DataType } from '../../onnx/generated/onnx_pb';
import { keepWhere, scale } from '../emit';
import { elementwise, pointwise, type Rule, type RuleContext, type RuleTable } from '../rule';
import { powerRule } from './power';
import { finite, reciprocalSlope } from './slope';

const asFloat = (c: RuleContext, condition: string) => c.op('Cast', [condition], { to: TensorProto_DataType.FLOAT });

/** y = max(x₀, x₁, …): the gradient goes to the largest; ties share it equally, as torch.maximum has it. */
const extremum: Rule = (c) => {
  const inputs = c.node.input;
  if (inputs.length === 1) return [c.g()];
  const wins = inputs.map((_, i) => c.op('Equal', [c.x(i), c.y()]));
  const ties = c.op(
    'Sum',
    wins.map((won) => asFloat(c, won)),
  );
  const share = c.op('Div', [c.g(), ties]);
  return wins.map((won, i) => (c.needs(i) ? keepWhere(c.builder, won, share) : undefined));
};

/** fmod: y = a − b·trunc(a/b), so da = g and db = −g·trunc(a/b); ONNX allows floats with fmod = 1 alone. */
const modulo: Rule = (c) => {
  const quotient = () => {
    // (a − y)/b is whole but for rounding, and a/b may round across a whole number that y did not cross.
    const whole = c.op('Round', [c.op('Div', [c.op('Sub', [c.x(0), c.y()]), c.x(1)])]);
    return keepWhere(c.builder, c.op('Not', [c.op('Equal', [c.x(1), c.builder.scalar(0)])]), whole);
  };
  return [c.g(), c.needs(1) ? c.op('Neg', [c.op('Mul', [c.g(), quotient()])]) : undefined];
};

const smallestNormal = 1.1754943508222875e-38;

export const arithmeticRules: RuleTable = {
  Max: elementwise(extremum),
  Min: elementwise(extremum),
  Mod: elementwise(modulo),
  Pow: elementwise(powerRule),
  // 0 at 0, as PyTorch.
  Abs: pointwise((c) => c.op('Sign', [c.x()])),
  // 1/(1 + eˣ) is finite where eˣ is not, and there the gradient that arrives is 0.
  Exp: pointwise((c) => finite(c, c.y())),
  // Finite at 0, for the same reason: softmax that underflowed, and x·log x behind a Where, multiply it by 0.
  Log: pointwise((c) => c.op('Reciprocal', [c.op('Max', [c.x(), c.builder.scalar(smallestNormal)])])),
  Sqrt: pointwise((c) => reciprocalSlope(c, c.y(), 0.5)),
  Reciprocal: pointwise((c) => c.op('Neg', [finite(c, c.op('Mul', [c.y(), c.y()]))])),
  Erf: pointwise((c) => {
    const density = c.op('Exp', [c.op('Neg', [c.op('Mul', [c.x(), c.x()])])]);
    return scale(c.builder, density, 2 / Math.sqrt(Math.PI));
  }),
};
