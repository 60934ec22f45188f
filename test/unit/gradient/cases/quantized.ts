import fc from 'fast-check';
import type { Constant } from '../../../../src/engine/onnx/tensor';
import { Random } from '../../../../src/engine/random';
import type { SingleNode } from '../singleNode';
import { type Cases, constant, normal, positive, seed, values } from './draw';

const bytes = (dims: readonly number[], random: Random): { readonly bytes: Constant } => ({
  bytes: {
    type: 'int64',
    dims,
    data: BigInt64Array.from({ length: dims.reduce((a, d) => a * d, 1) }, () => BigInt(random.integer(256))),
  },
});

const packed = fc.record({
  rows: fc.integer({ min: 1, max: 3 }),
  columns: fc.integer({ min: 1, max: 4 }),
  depth: fc.constantFrom(16, 40, 48),
  batched: fc.boolean(),
  zeros: fc.constantFrom('none', 'packed', 'float'),
  seed,
});

/** Straight-through estimates are held against operators on real numbers in `../quantized.test.ts`. */
export const quantizedCases: Cases = {
  'com.microsoft:MatMulNBits': packed.map(({ rows, columns, depth, batched, zeros, seed: s }): SingleNode => {
    const random = Random.of(s, 'packed');
    const blocks = Math.ceil(depth / 16);
    const dims = batched ? [2, rows, depth] : [rows, depth];
    const points = {
      none: '' as const,
      packed: bytes([columns * Math.ceil(blocks / 2)], random),
      float: constant([columns * blocks], s, (r) => r.between(0, 15)),
    }[zeros];
    return {
      op: 'MatMulNBits',
      domain: 'com.microsoft',
      x: { dims, data: values(dims, s, normal) },
      inputs: ['x', bytes([columns, blocks, 8], random), constant([columns * blocks], s, positive), points],
      attributes: { N: columns, K: depth, bits: 4, block_size: 16 },
    };
  }),
};
