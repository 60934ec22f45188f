import fc from 'fast-check';
import {
  awayFrom,
  awayFromZero,
  type Cases,
  constant,
  dim,
  normal,
  positive,
  scalar,
  seed,
  shape,
  unary,
  values,
} from './draw';

export const activationCases: Cases = {};

activationCases.Relu = unary('Relu', awayFromZero);
activationCases.LeakyRelu = unary('LeakyRelu', awayFromZero, { alpha: 0.1 });
activationCases.Sigmoid = unary('Sigmoid', normal);
activationCases.Tanh = unary('Tanh', normal);
activationCases.Softplus = unary('Softplus', normal);
activationCases.Softsign = unary('Softsign', normal);
activationCases.Elu = unary('Elu', awayFromZero, { alpha: 1.3 });
activationCases.Selu = unary('Selu', awayFromZero);
activationCases.Celu = unary('Celu', awayFromZero, { alpha: 0.7 });
activationCases.HardSigmoid = unary('HardSigmoid', awayFrom(-2.5, 2.5));
activationCases.HardSwish = unary('HardSwish', awayFrom(-3, 3));
activationCases.ThresholdedRelu = unary('ThresholdedRelu', awayFrom(1));
activationCases.Gelu = fc.record({ dims: shape, seed, tanh: fc.boolean() }).map(({ dims, seed, tanh }) => ({
  op: 'Gelu',
  opset: 20,
  x: { dims, data: values(dims, seed, normal) },
  inputs: ['x'],
  attributes: tanh ? { approximate: 'tanh' } : {},
}));

/** Two broadcasting operands, either of which is differentiated. */
activationCases.PRelu = fc.record({ c: dim, seed }).map(({ c, seed }) => ({
  op: 'PRelu',
  x: { dims: [2, c, 3], data: values([2, c, 3], seed, awayFromZero) },
  inputs: ['x', constant([c, 1], seed, positive)],
}));
activationCases.Clip = fc
  .record({ dims: shape, seed, low: fc.boolean(), high: fc.boolean() })
  .map(({ dims, seed, low, high }) => ({
    op: 'Clip',
    x: { dims, data: values(dims, seed, awayFrom(-1, 1)) },
    inputs: ['x', low ? scalar(-1) : '', high ? scalar(1) : ''],
  }));
for (const op of ['Softmax', 'LogSoftmax']) {
  activationCases[op] = fc.record({ dims: shape, seed, axis: fc.nat(3) }).map(({ dims, seed, axis }) => ({
    op,
    x: { dims, data: values(dims, seed, normal) },
    inputs: ['x'],
    attributes: { axis: (axis % dims.length) - (axis % 2 ? dims.length : 0) },
  }));
}
