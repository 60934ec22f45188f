import fc from 'fast-check';
import { type Cases, constant, dim, normal, picture, positive, seed, values } from './draw';

export const normalizationCases: Cases = {};

normalizationCases.BatchNormalization = picture.map(({ n, c, h, w, seed }) => ({
  op: 'BatchNormalization',
  x: { dims: [n, c, h, w], data: values([n, c, h, w], seed, normal) },
  inputs: [
    'x',
    constant([c], seed),
    constant([c], seed + 1),
    constant([c], seed + 2),
    constant([c], seed + 3, positive),
  ],
}));
normalizationCases.InstanceNormalization = picture.map(({ n, c, seed }) => ({
  op: 'InstanceNormalization',
  x: { dims: [n, c, 3, 3], data: values([n, c, 3, 3], seed, normal) },
  inputs: ['x', constant([c], seed), constant([c], seed + 1)],
  attributes: { epsilon: 0.01 },
}));
normalizationCases.LayerNormalization = fc
  .record({ a: dim, b: dim, whole: fc.boolean(), seed })
  .map(({ a, b, whole, seed }) => {
    const dims = [2, a, b + 3];
    const scaled = whole ? [a, b + 3] : [b + 3];
    return {
      op: 'LayerNormalization',
      x: { dims, data: values(dims, seed, normal) },
      inputs: ['x', constant(scaled, seed), constant(scaled, seed + 1)],
      attributes: { axis: whole ? 1 : -1, epsilon: 0.01 },
    };
  });
// ONNX Runtime takes odd sizes only.
normalizationCases.LRN = fc
  .record({ c: fc.integer({ min: 1, max: 6 }), size: fc.constantFrom(1, 3, 5), seed })
  .map(({ c, size, seed }) => ({
    op: 'LRN',
    x: { dims: [2, c, 2, 3], data: values([2, c, 2, 3], seed, normal) },
    inputs: ['x'],
    attributes: { size, alpha: 0.5, beta: 0.75, bias: 1.5 },
  }));
