import fc from 'fast-check';
import type { Constant } from '../../../../src/engine/onnx/tensor';
import { Random } from '../../../../src/engine/random';
import {
  awayFromZero,
  binary,
  type Cases,
  constant,
  distinct,
  normal,
  positive,
  seed,
  shape,
  total,
  unary,
  values,
} from './draw';

export const arithmeticCases: Cases = {};

arithmeticCases.Neg = unary('Neg', normal);
arithmeticCases.Abs = unary('Abs', awayFromZero);
arithmeticCases.Exp = unary('Exp', normal);
arithmeticCases.Log = unary('Log', positive);
arithmeticCases.Sqrt = unary('Sqrt', positive);
arithmeticCases.Reciprocal = unary('Reciprocal', positive);
arithmeticCases.Sin = unary('Sin', normal);
arithmeticCases.Cos = unary('Cos', normal);
arithmeticCases.Erf = unary('Erf', normal);
arithmeticCases.Add = binary('Add', normal);
arithmeticCases.Sub = binary('Sub', normal);
arithmeticCases.Mul = binary('Mul', normal);
arithmeticCases.Div = binary('Div', normal, positive);
arithmeticCases.Pow = binary('Pow', positive, normal);
arithmeticCases.Sum = binary('Sum', normal);
arithmeticCases.Mean = binary('Mean', normal);

for (const op of ['Max', 'Min']) {
  arithmeticCases[op] = fc.record({ dims: shape, seed, third: fc.boolean() }).map(({ dims, seed, third }) => {
    const n = total(dims);
    const all = distinct(3 * n, Random.of(seed, op));
    const fixed = (k: number): Constant => ({ type: 'float32', dims, data: all.slice(k * n, (k + 1) * n) });
    return { op, x: { dims, data: all.slice(0, n) }, inputs: third ? ['x', fixed(1), fixed(2)] : [fixed(1), 'x'] };
  });
}

arithmeticCases.Where = fc.record({ dims: shape, seed, side: fc.boolean() }).map(({ dims, seed, side }) => {
  const r = Random.of(seed, 'where');
  const mask: Constant = {
    type: 'int64',
    dims,
    data: BigInt64Array.from({ length: total(dims) }, () => BigInt(r.integer(2))),
  };
  const other = constant(dims, seed);
  return {
    op: 'Where',
    x: { dims, data: values(dims, seed, normal) },
    inputs: side ? [{ mask }, 'x', other] : [{ mask }, other, 'x'],
  };
});
