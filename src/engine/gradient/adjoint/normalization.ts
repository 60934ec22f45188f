import { floatAttribute, intAttribute } from '../../onnx/attribute';
import { fromEnd, reduceSum, scale } from '../emit';
import { adjoint, type Rule, type RuleContext, type RuleTable } from '../rule';

/** A per-channel vector [C] shaped to broadcast against [N, C, …]. */
export function perChannel(c: RuleContext, vector: string): string {
  const rank = c.shapeOf(0).length;
  if (rank <= 2) return vector;
  return c.op('Reshape', [vector, c.builder.ints([-1, ...Array<number>(rank - 2).fill(1)])]);
}

/** Sums a gradient of shape [N, C, …] down to [C]. */
export function sumToChannels(c: RuleContext, tensor: string): string {
  const rank = c.shapeOf(0).length;
  const others = c.shapeOf(0).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return reduceSum(c.builder, tensor, fromEnd(others, rank), false);
}

/**
 * Inference: y = scale·(x − mean)·r + B with stored statistics and r = 1/√(var + ε). dx = g·scale·r, dscale = Σ g·x̂,
 * dB = Σ g, dmean = −scale·r·Σ g, dvar = −½·scale·r²·Σ g·x̂, where x̂ = (x − mean)·r and sums leave the channels.
 */
const batchNormalization: Rule = (c) => {
  if (intAttribute(c.node, 'training_mode', 0) === 1) c.unavailable('it is in training mode');
  const b = c.builder;
  const epsilon = b.scalar(floatAttribute(c.node, 'epsilon', 1e-5));
  const deviation = c.op('Sqrt', [c.op('Add', [c.x(4), epsilon])]);
  const factor = () => c.op('Div', [c.x(1), deviation]);
  const total = c.needs(2) || c.needs(3) ? sumToChannels(c, c.g()) : '';
  const scaleGradient = () => {
    const centred = c.op('Sub', [c.x(0), perChannel(c, c.x(3))]);
    return c.op('Div', [sumToChannels(c, c.op('Mul', [c.g(), centred])), deviation]);
  };
  const dScale = c.needs(1) || c.needs(4) ? scaleGradient() : '';
  return [
    c.needs(0) ? c.op('Mul', [c.g(), perChannel(c, factor())]) : undefined,
    c.needs(1) ? dScale : undefined,
    c.needs(2) ? total : undefined,
    c.needs(3) ? c.op('Neg', [c.op('Mul', [total, factor()])]) : undefined,
    c.needs(4) ? scale(b, c.op('Mul', [dScale, c.op('Div', [factor(), deviation])]), -0.5) : undefined,
  ];
};

export const batchNormalizationRules: RuleTable = { BatchNormalization: adjoint(batchNormalization, [0, 1, 2]) };
