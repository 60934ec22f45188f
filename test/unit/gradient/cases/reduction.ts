import fc from 'fast-check';
import { Random } from '../../../../src/engine/random';
import type { SingleNode } from '../singleNode';
import {
  awayFromZero,
  type Cases,
  dim,
  distinct,
  ints,
  normal,
  positive,
  scalarInt,
  seed,
  shape,
  total,
  values,
} from './draw';

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
  ['ReduceLogSum', positive],
  ['ReduceProd', awayFromZero],
] as const) {
  reductionCases[op] = fc
    .record({
      dims: shape,
      seed,
      axes: fc.uniqueArray(fc.nat(3), { maxLength: 3 }),
      keep: fc.nat(1),
      negative: fc.boolean(),
      noop: fc.nat(1),
    })
    .map(({ dims, seed, axes, keep, negative, noop }): SingleNode => {
      const used = [...new Set(axes.map((a) => a % dims.length))].map((a) => (negative ? a - dims.length : a));
      const data = draw ? values(dims, seed, draw) : distinct(total(dims), Random.of(seed, op));
      return {
        op,
        x: { dims, data },
        inputs: used.length ? ['x', ints(...used)] : ['x'],
        attributes: { keepdims: keep, noop_with_empty_axes: noop },
      };
    });
}

/** Products with zeros have slopes too: one zero gets the product of the others. */
reductionCases.ReduceProd = fc
  .tuple(reductionCases.ReduceProd!, fc.integer({ min: 0, max: 3 }), seed)
  .map(([single, zeros, seed]) => ({
    ...single,
    x: { dims: single.x.dims, data: withZeros(single.x.data, zeros, seed) },
  }));

function withZeros(data: Float32Array, zeros: number, seed: number): Float32Array {
  const random = Random.of(seed, 'zeros');
  const changed = data.slice();
  for (let i = 0; i < zeros; i++) changed[random.integer(data.length)] = 0;
  return changed;
}

reductionCases.CumProd = fc
  .record({ outer: dim, inner: dim, seed, axis: fc.nat(2), exclusive: fc.nat(1), reverse: fc.nat(1), zeros: fc.nat(6) })
  .map(({ outer, inner, seed, axis, exclusive, reverse, zeros }) => {
    const dims = [outer, inner];
    dims.splice(axis, 0, 5);
    return {
      op: 'CumProd',
      opset: 26,
      x: { dims, data: withZeros(values(dims, seed, awayFromZero), zeros, seed) },
      inputs: ['x', scalarInt(seed % 2 ? axis : axis - 3)],
      attributes: { exclusive, reverse },
    };
  });
