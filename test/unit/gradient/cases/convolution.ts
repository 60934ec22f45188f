import fc from 'fast-check';
import { Random } from '../../../../src/engine/random';
import type { SingleNode } from '../singleNode';
import { type Cases, constant, dim, distinct, normal, picture, seed, total, values } from './draw';

export const convolutionCases: Cases = {};

const windowed = fc.record({
  rank: fc.integer({ min: 1, max: 2 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  before: fc.nat(1),
  after: fc.nat(1),
  size: fc.integer({ min: 5, max: 7 }),
  auto: fc.constantFrom('NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'),
  flag: fc.boolean(),
  ceil: fc.boolean(),
  seed,
});
type Windowed = typeof windowed extends fc.Arbitrary<infer T> ? T : never;
const each = (w: Windowed, v: number) => Array<number>(w.rank).fill(v);
const padding = (w: Windowed, most: number): NonNullable<SingleNode['attributes']> =>
  w.auto === 'NOTSET'
    ? { pads: [...each(w, Math.min(w.before, most)), ...each(w, Math.min(w.after, most))] }
    : { auto_pad: w.auto };

convolutionCases.Conv = fc.tuple(windowed, fc.integer({ min: 1, max: 2 }), dim, dim).map(([w, group, ins, outs]) => {
  const dims = [2, ins * group, ...each(w, w.size)];
  return {
    op: 'Conv',
    x: { dims, data: values(dims, w.seed, normal) },
    inputs: ['x', constant([outs * group, ins, ...each(w, w.kernel)], w.seed)],
    attributes: {
      group,
      strides: each(w, w.stride),
      dilations: each(w, w.auto === 'NOTSET' ? w.dilation : 1),
      ...padding(w, 2),
    },
  };
});
convolutionCases.ConvTranspose = fc.tuple(windowed, fc.integer({ min: 1, max: 2 })).map(([w, group]) => {
  const dims = [1, 2 * group, ...each(w, 4)];
  const most = Math.min(1, w.kernel - 1);
  return {
    op: 'ConvTranspose',
    x: { dims, data: values(dims, w.seed, normal) },
    inputs: ['x', constant([2 * group, 3, ...each(w, w.kernel)], w.seed)],
    attributes: {
      group,
      strides: each(w, w.stride),
      dilations: each(w, w.dilation),
      pads: [...each(w, Math.min(w.before, most)), ...each(w, Math.min(w.after, most))],
      ...(w.flag && w.stride > 1 ? { output_padding: each(w, 1) } : {}),
    },
  };
});
convolutionCases.MaxPool = windowed.map((w) => {
  const dims = [2, 2, ...each(w, w.size)];
  return {
    op: 'MaxPool',
    x: { dims, data: distinct(total(dims), Random.of(w.seed, 'pool')) },
    inputs: ['x'],
    attributes: {
      kernel_shape: each(w, w.kernel + 1),
      strides: each(w, w.stride),
      ...(w.auto === 'NOTSET' ? { dilations: each(w, w.dilation), ceil_mode: w.ceil ? 1 : 0 } : {}),
      ...padding(w, 1),
    },
  };
});
convolutionCases.AveragePool = windowed.map((w) => {
  const dims = [2, 2, ...each(w, w.size)];
  return {
    op: 'AveragePool',
    x: { dims, data: values(dims, w.seed, normal) },
    inputs: ['x'],
    attributes: {
      kernel_shape: each(w, w.kernel + 1),
      strides: each(w, w.stride),
      count_include_pad: w.flag ? 1 : 0,
      ...(w.auto === 'NOTSET' && !w.flag ? { ceil_mode: w.ceil ? 1 : 0 } : {}),
      ...padding(w, 1),
    },
  };
});
convolutionCases.GlobalAveragePool = picture.map(({ n, c, h, w, seed }) => ({
  op: 'GlobalAveragePool',
  x: { dims: [n, c, h, w], data: values([n, c, h, w], seed, normal) },
  inputs: ['x'],
}));
convolutionCases.GlobalMaxPool = picture.map(({ n, c, h, w, seed }) => ({
  op: 'GlobalMaxPool',
  x: { dims: [n, c, h, w], data: distinct(n * c * h * w, Random.of(seed, 'gmp')) },
  inputs: ['x'],
}));
