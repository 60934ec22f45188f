import { intAttribute } from '../../onnx/attribute';
import { fixedIntegers } from '../fixedIntegers';
import { adjoint, type Rule, type RuleTable } from '../rule';
import { axisFromEnd } from './axis';
import { fourierRules } from './fourier';

/** yₖ = Σ_{j ≤ k} xⱼ: x̄ⱼ = Σ_{k ≥ j} gₖ, the sum from the other end. */
const cumSum: Rule = (c) => {
  const [axis] = fixedIntegers(c, 1) ?? c.unavailable('its axis depends on the data');
  return [
    c.op('CumSum', [c.g(), c.builder.intScalar(axisFromEnd(c, axis!))], {
      exclusive: intAttribute(c.node, 'exclusive', 0),
      reverse: 1 - intAttribute(c.node, 'reverse', 0),
    }),
  ];
};

/** A triangle keeps the same elements of the gradient. */
const trilu: Rule = (c) => [
  c.op('Trilu', c.node.input[1] ? [c.g(), c.x(1)] : [c.g()], { upper: intAttribute(c.node, 'upper', 1) }),
];

/** Reversal of the first steps of each sequence undoes itself. */
const reverseSequence: Rule = (c) => {
  const attributes = {
    batch_axis: intAttribute(c.node, 'batch_axis', 1),
    time_axis: intAttribute(c.node, 'time_axis', 0),
  };
  if (c.seeds === null) return [c.op('ReverseSequence', [c.g(), c.x(1)], attributes)];
  // Batch and time must be the first two axes: the seeds go behind them and come back.
  const rest = c
    .shapeOf(0)
    .slice(2)
    .map((_, k) => k + 3);
  const behind = c.op('Transpose', [c.g()], { perm: [1, 2, 0, ...rest] });
  const reversed = c.op('ReverseSequence', [behind, c.x(1)], attributes);
  return [c.op('Transpose', [reversed], { perm: [2, 0, 1, ...rest] })];
};

export const scanRules: RuleTable = {
  ...fourierRules,
  CumSum: adjoint(cumSum, [0]),
  Trilu: adjoint(trilu, [0]),
  ReverseSequence: adjoint(reverseSequence, [0]),
};
