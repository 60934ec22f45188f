import fc from 'fast-check';
import { float } from '../../../../src/engine/onnx/attribute';
import type { SingleNode } from '../singleNode';
import { type Cases, constant, dim, normal, seed, values } from './draw';

export const matmulCases: Cases = {};

matmulCases.MatMul = fc
  .record({
    m: dim,
    k: dim,
    n: dim,
    a: fc.constantFrom('1', '2', '3', '4'),
    b: fc.constantFrom('1', '2', '3', '4'),
    batch: dim,
    side: fc.boolean(),
    seed,
  })
  .map(({ m, k, n, a, b, batch, side, seed }) => {
    const left = { '1': [k], '2': [m, k], '3': [batch, m, k], '4': [2, 1, m, k] }[a]!;
    const right = { '1': [k], '2': [k, n], '3': [batch, k, n], '4': [2, batch, k, n] }[b]!;
    const dims = side ? left : right;
    const fixed = constant(side ? right : left, seed);
    return { op: 'MatMul', x: { dims, data: values(dims, seed, normal) }, inputs: side ? ['x', fixed] : [fixed, 'x'] };
  });
matmulCases.Gemm = fc
  .record({
    m: dim,
    k: dim,
    n: dim,
    ta: fc.nat(1),
    tb: fc.nat(1),
    which: fc.nat(2),
    alpha: fc.double({ min: 0.3, max: 2, noNaN: true }),
    seed,
  })
  .map(({ m, k, n, ta, tb, which, alpha, seed }) => {
    const all = [ta ? [k, m] : [m, k], tb ? [n, k] : [k, n], [1, n]];
    const dims = all[which]!;
    return {
      op: 'Gemm',
      x: { dims, data: values(dims, seed, normal) },
      inputs: all.map((d, i) => (i === which ? 'x' : constant(d, seed + i))),
      attributes: { transA: ta, transB: tb, alpha: float(alpha), beta: float(0.7) },
    } as SingleNode;
  });
