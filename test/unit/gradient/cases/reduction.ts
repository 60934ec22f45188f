import fc from 'fast-check';
import { Random } from '../../../../src/engine/random';
import { awayFromZero, type Cases, distinct, ints, normal, seed, shape, total, values } from './draw';

export const reductionCases: Cases = {};

for (const [op, draw] of [
  ['ReduceSum', normal],
  ['ReduceMean', normal],
  ['ReduceMax', undefined],
  ['ReduceMin', undefined],
  ['ReduceL1', awayFromZero],
  ['ReduceL2', awayFromZero],
  ['ReduceSumSquare', normal],
  ['ReduceLogSumExp', normal],
] as const) {
  reductionCases[op] = fc
    .record({
      dims: shape,
      seed,
      axes: fc.uniqueArray(fc.nat(3), { maxLength: 3 }),
      keep: fc.nat(1),
      negative: fc.boolean(),
    })
    .map(({ dims, seed, axes, keep, negative }) => {
      const used = [...new Set(axes.map((a) => a % dims.length))].map((a) => (negative ? a - dims.length : a));
      const data = draw ? values(dims, seed, draw) : distinct(total(dims), Random.of(seed, op));
      return {
        op,
        x: { dims, data },
        inputs: used.length ? ['x', ints(...used)] : ['x'],
        attributes: { keepdims: keep },
      };
    });
}
