import fc from 'fast-check';
import { type Cases, constant, dim, normal, picture, positive, seed, shape, values } from './draw';

// Scales keep clear of zero: differences of a constant are rounding alone.
export const normalizationCases: Cases = {};

normalizationCases.BatchNormalization = fc
  .record({ n: dim, c: dim, space: fc.array(dim, { maxLength: 3 }), seed })
  .map(({ n, c, space, seed }) => ({
    op: 'BatchNormalization',
    x: { dims: [n, c, ...space], data: values([n, c, ...space], seed, normal) },
    inputs: [
      'x',
      constant([c], seed, positive),
      constant([c], seed + 1),
      constant([c], seed + 2),
      constant([c], seed + 3, positive),
    ],
    weights: [1, 2, 3, 4],
  }));
normalizationCases.InstanceNormalization = picture.map(({ n, c, seed }) => ({
  op: 'InstanceNormalization',
  x: { dims: [n, c, 3, 3], data: values([n, c, 3, 3], seed, normal) },
  inputs: ['x', constant([c], seed, positive), constant([c], seed + 1)],
  weights: [1, 2],
  attributes: { epsilon: 0.01 },
}));
normalizationCases.LayerNormalization = fc
  .record({ a: dim, b: dim, whole: fc.boolean(), bias: fc.boolean(), output: fc.nat(2), seed })
  .map(({ a, b, whole, bias, output, seed }) => {
    const dims = [2, a, b + 3];
    const scaled = whole ? [a, b + 3] : [b + 3];
    return {
      op: 'LayerNormalization',
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', constant(scaled, seed, positive), ...(bias ? [constant(scaled, seed + 1)] : [])],
      weights: bias ? [1, 2] : [1],
      attributes: { axis: whole ? 1 : -1, epsilon: 0.01 },
      outputs: 3,
      output,
    };
  });
normalizationCases.RMSNormalization = fc
  .record({ a: dim, b: dim, whole: fc.boolean(), seed })
  .map(({ a, b, whole, seed }) => {
    const dims = [2, a, b + 3];
    return {
      op: 'RMSNormalization',
      opset: 23,
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', constant(whole ? [a, b + 3] : [b + 3], seed, positive)],
      weights: [1],
      attributes: { axis: whole ? 1 : -1, epsilon: 0.01 },
    };
  });
// Scale and bias by group until opset 21.
normalizationCases.GroupNormalization = fc
  .record({
    n: dim,
    groups: dim,
    each: dim,
    space: fc.array(dim, { minLength: 1, maxLength: 2 }),
    old: fc.boolean(),
    seed,
  })
  .map(({ n, groups, each, space, old, seed }) => {
    const dims = [n, groups * each, 3, ...space];
    const scaled = [old ? groups : groups * each];
    return {
      op: 'GroupNormalization',
      opset: old ? 18 : 21,
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', constant(scaled, seed, positive), constant(scaled, seed + 1)],
      weights: [1, 2],
      attributes: { num_groups: groups, epsilon: 0.01 },
    };
  });
normalizationCases.MeanVarianceNormalization = fc
  .record({ c: dim, axes: fc.constantFrom(undefined, [2, 3], [0, 1, 2, 3], [-1]), seed })
  .map(({ c, axes, seed }) => ({
    op: 'MeanVarianceNormalization',
    x: { dims: [2, c, 3, 4], data: values([2, c, 3, 4], seed, normal) },
    inputs: ['x'],
    attributes: axes ? { axes } : {},
  }));
normalizationCases.LpNormalization = fc
  .record({ dims: shape, axis: fc.nat(3), p: fc.constantFrom(1, 2), seed })
  .map(({ dims, axis, p, seed }) => ({
    op: 'LpNormalization',
    x: { dims, data: values(dims, seed, (r) => (r.uniform() < 0.5 ? -1 : 1) * r.between(0.3, 2)) },
    inputs: ['x'],
    attributes: { p, axis: (axis % dims.length) - (axis % 2 ? dims.length : 0) },
  }));
// ONNX Runtime takes odd sizes and four dimensions only.
normalizationCases.LRN = fc
  .record({
    c: fc.integer({ min: 1, max: 6 }),
    size: fc.constantFrom(1, 3, 5),
    width: dim,
    seed,
  })
  .map(({ c, size, width, seed }) => ({
    op: 'LRN',
    x: { dims: [2, c, 2, width], data: values([2, c, 2, width], seed, normal) },
    inputs: ['x'],
    attributes: { size, alpha: 0.5, beta: 0.75, bias: 1.5 },
  }));
