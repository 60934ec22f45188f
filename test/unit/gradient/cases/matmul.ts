import fc from 'fast-check';
import { float } from '../../../../src/engine/onnx/attribute';
import type { SingleNode } from '../singleNode';
import { type Cases, constant, dim, normal, seed, values } from './draw';

export const matmulCases: Cases = {};

/** Stacks of matrices that broadcast against each other: none, one, two; some of one matrix. */
const stack = fc.array(fc.boolean(), { minLength: 0, maxLength: 2 });

matmulCases.MatMul = fc
  .record({
    m: dim,
    k: dim,
    n: dim,
    left: fc.oneof(fc.constant('vector' as const), stack),
    right: fc.oneof(fc.constant('vector' as const), stack),
    stacks: fc.array(dim, { minLength: 2, maxLength: 2 }),
    side: fc.nat(1),
    weights: fc.boolean(),
    seed,
  })
  .map(({ m, k, n, left, right, stacks, side, weights, seed }): SingleNode => {
    const lead = (ones: readonly boolean[]) => ones.map((one, i) => (one ? 1 : stacks[i + 2 - ones.length]!));
    const shapes = [
      left === 'vector' ? [k] : [...lead(left), m, k],
      right === 'vector' ? [k] : [...lead(right), k, n],
    ] as const;
    const dims = shapes[side]!;
    const fixed = constant(shapes[1 - side]!, seed);
    return {
      op: 'MatMul',
      x: { dims, data: values(dims, seed, normal) },
      inputs: side === 0 ? ['x', fixed] : [fixed, 'x'],
      ...(weights ? { weights: [1 - side] } : {}),
    };
  });

matmulCases.Gemm = fc
  .record({
    m: dim,
    k: dim,
    n: dim,
    transA: fc.nat(1),
    transB: fc.nat(1),
    which: fc.nat(2),
    alpha: fc.constantFrom(1, 2, 0.7),
    beta: fc.constantFrom(1, 0, 1.3),
    third: fc.constantFrom('none', 'full', 'row', 'column', 'vector', 'one', 'scalar'),
    weights: fc.boolean(),
    seed,
  })
  .map(({ m, k, n, transA, transB, which, alpha, beta, third, weights, seed }): SingleNode => {
    const c = { none: undefined, full: [m, n], row: [1, n], column: [m, 1], vector: [n], one: [1], scalar: [] }[third];
    const all = [transA ? [k, m] : [m, k], transB ? [n, k] : [k, n], ...(c ? [c] : [])];
    const x = which % all.length;
    const dims = all[x]!;
    return {
      op: 'Gemm',
      x: { dims, data: values(dims, seed, normal) },
      inputs: all.map((d, i) => (i === x ? 'x' : constant(d, seed + i))),
      ...(weights ? { weights: all.flatMap((_, i) => (i === x ? [] : [i])) } : {}),
      attributes: { transA, transB, alpha: float(alpha), beta: float(beta) },
    };
  });
