import fc from 'fast-check';
import { float } from '../../../../src/engine/onnx/attribute';
import { Random } from '../../../../src/engine/random';
import type { SingleNode } from '../singleNode';
import {
  awayFrom,
  awayFromZero,
  type Cases,
  constant,
  dim,
  ints,
  normal,
  positive,
  scalar,
  seed,
  shape,
  total,
  unary,
  values,
} from './draw';

export const activationCases: Cases = {};

activationCases.Relu = unary('Relu', awayFromZero);
activationCases.LeakyRelu = fc.oneof(
  unary('LeakyRelu', awayFromZero, { alpha: 0.1 }),
  unary('LeakyRelu', awayFromZero, { alpha: -0.3 }),
);
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
activationCases.Mish = unary('Mish', (r) => 3 * r.normal());
activationCases.Swish = fc.record({ dims: shape, seed, alpha: fc.constantFrom(1, 1.702, -0.5) }).map(
  ({ dims, seed, alpha }): SingleNode => ({
    op: 'Swish',
    opset: 24,
    x: { dims, data: values(dims, seed, normal) },
    inputs: ['x'],
    attributes: { alpha: float(alpha) },
  }),
);
activationCases.Shrink = fc.oneof(
  unary('Shrink', awayFrom(-0.7, 0.7), { lambd: 0.7, bias: 0.2 }),
  unary('Shrink', awayFrom(-0.5, 0.5)),
);

/** The slope is one for all, one a channel, or one an element. */
activationCases.PRelu = fc.record({ c: dim, seed, slopes: fc.nat(2) }).map(({ c, seed, slopes }) => ({
  op: 'PRelu',
  x: { dims: [2, c, 3], data: values([2, c, 3], seed, awayFromZero) },
  inputs: ['x', constant([[1], [c, 1], [2, c, 3]][slopes]!, seed, positive)],
  weights: [1],
}));
activationCases.Clip = fc
  .record({ lead: dim, seed, low: fc.boolean(), high: fc.boolean(), bounds: fc.boolean(), six: fc.boolean() })
  .map(({ lead, seed, low, high, bounds, six }): SingleNode => {
    // Enough elements for some to be on each side.
    const dims = [lead, 8];
    if (six) {
      return {
        op: 'Clip',
        x: { dims, data: values(dims, seed, (r) => 2 * awayFrom(0, 3)(r)) },
        inputs: ['x', scalar(0), scalar(6)],
      };
    }
    return {
      op: 'Clip',
      x: { dims, data: values(dims, seed, awayFrom(-1, 1)) },
      inputs: ['x', low ? scalar(-1) : '', high ? scalar(1) : ''],
      weights: bounds ? [...(low ? [1] : []), ...(high ? [2] : [])] : [],
    };
  });
for (const op of ['Softmax', 'LogSoftmax']) {
  activationCases[op] = fc.record({ dims: shape, seed, axis: fc.nat(3) }).map(({ dims, seed, axis }) => ({
    op,
    x: { dims, data: values(dims, seed, normal) },
    inputs: ['x'],
    attributes: { axis: (axis % dims.length) - (axis % 2 ? dims.length : 0) },
  }));
}

for (const op of ['NegativeLogLikelihoodLoss', 'SoftmaxCrossEntropyLoss']) {
  activationCases[op] = fc
    .record({
      n: fc.integer({ min: 2, max: 4 }),
      classes: fc.integer({ min: 2, max: 5 }),
      space: fc.array(dim, { maxLength: 2 }),
      reduction: fc.constantFrom('none', 'sum', 'mean'),
      weighted: fc.boolean(),
      ignored: fc.constantFrom(undefined, 0, -1, 255),
      output: fc.nat(1),
      seed,
    })
    .map(({ n, classes, space, reduction, weighted, ignored, output, seed }): SingleNode => {
      const dims = [n, classes, ...space];
      const r = Random.of(seed, 'labels');
      const count = total([n, ...space]);
      // The first label always counts: the mean of nothing is NaN.
      const labels = Array.from({ length: count }, (_, i) =>
        ignored !== undefined && i > 0 && r.uniform() < 0.3 ? ignored : 1 + r.integer(classes - 1),
      );
      const both = op === 'SoftmaxCrossEntropyLoss' && output === 1;
      return {
        op,
        opset: 13,
        x: { dims, data: values(dims, seed, normal) },
        inputs: [
          'x',
          { ...ints(...labels), dims: [n, ...space] },
          ...(weighted ? [constant([classes], seed, positive)] : []),
        ],
        attributes: { reduction, ...(ignored === undefined ? {} : { ignore_index: ignored }) },
        ...(both ? { outputs: 2, output } : {}),
      };
    });
}
