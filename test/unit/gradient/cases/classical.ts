import fc from 'fast-check';
import { Random } from '../../../../src/engine/random';
import type { SingleNode } from '../singleNode';
import { awayFromZero, type Cases, distinct, seed, values } from './draw';

const rows = fc.record({ n: fc.integer({ min: 1, max: 4 }), features: fc.integer({ min: 2, max: 6 }), seed });

export const classicalCases: Cases = {
  'ai.onnx.ml:Normalizer': fc
    .record({ rows, norm: fc.constantFrom('L1', 'L2', 'MAX') })
    .map(({ rows: { n, features, seed: s }, norm }): SingleNode => {
      const dims = [n, features];
      // No largest element near 0, which the others are divided by, nor two that the step exchanges.
      const apart = () => distinct(n * features, Random.of(s, 'case')).map((v) => v + 0.04 * n * features + 0.5);
      return {
        op: 'Normalizer',
        domain: 'ai.onnx.ml',
        x: { dims, data: norm === 'MAX' ? apart() : values(dims, s, awayFromZero) },
        inputs: ['x'],
        attributes: { norm },
      };
    }),
};
