import { TensorProto_DataType } from '../../onnx/generated/onnx_pb';
import { keepWhere, scale } from '../emit';
import type { Rule, RuleContext } from '../rule';
import { finite, reciprocalSlope } from './slope';

/**
 * y = x^p: dx = g·p·x^(p−1), dp = g·y·log x. As in PyTorch, x^0 is flat (at 0 too), and dp is 0 at x = 0. Where the slope
 * is infinite (0 < p < 1 at x = 0) it is 0, as for Sqrt; and dp, which does not exist below 0, is 0 there.
 */
export const powerRule: Rule = (c) => {
  const scalar = scalarExponent(c);
  const gradient = () => {
    if (scalar === 0) return undefined;
    if (scalar === 1) return c.g();
    return c.op('Mul', [c.g(), scalar === undefined ? slopeOfAny(c) : slope(c, scalar)]);
  };
  return [c.needs(0) ? gradient() : undefined, c.needs(1) ? c.op('Mul', [c.g(), exponentSlope(c)]) : undefined];
};

function scalarExponent(c: RuleContext): number | undefined {
  const constant = c.constant(1);
  return constant?.data.length === 1 ? Number(constant.data[0]) : undefined;
}

const power = (c: RuleContext, p: number) => c.op('Pow', [c.x(), c.builder.scalar(p)]);

/** p·x^(p−1). Products for the common exponents: ONNX Runtime has fast ways for x² and x³ alone. */
function slope(c: RuleContext, p: number): string {
  if (p === 2) return scale(c.builder, c.x(), 2);
  if (p === 3) return scale(c.builder, c.op('Mul', [c.x(), c.x()]), 3);
  if (p === 0.5) return reciprocalSlope(c, c.y(), 0.5);
  if (p === -1) return finite(c, scale(c.builder, c.op('Mul', [c.y(), c.y()]), -1));
  const raw = scale(c.builder, power(c, p - 1), p);
  if (p > 1) return raw;
  const origin = c.op('Equal', [c.x(), c.builder.scalar(0)]);
  return c.op('Where', [origin, c.builder.scalar(0), finite(c, raw)]);
}

/** The same where exponents differ or are computed. */
function slopeOfAny(c: RuleContext): string {
  const b = c.builder;
  // Exponents may be whole numbers by type.
  const p = c.op('Cast', [c.x(1)], { to: TensorProto_DataType.FLOAT });
  // Clipped before p = 0 multiplies it.
  const raw = c.op('Mul', [p, finite(c, c.op('Pow', [c.x(), c.op('Sub', [p, b.scalar(1)])]))]);
  const steep = c.op('And', [c.op('Equal', [c.x(), b.scalar(0)]), c.op('Less', [p, b.scalar(1)])]);
  return c.op('Where', [steep, b.scalar(0), finite(c, raw)]);
}

function exponentSlope(c: RuleContext): string {
  const positive = c.op('Greater', [c.x(), c.builder.scalar(0)]);
  return keepWhere(c.builder, positive, c.op('Mul', [c.y(), c.op('Log', [c.x()])]));
}
