import fc from 'fast-check';
import type { Constant } from '../../../../src/engine/onnx/tensor';
import { Random } from '../../../../src/engine/random';
import type { SingleNode } from '../singleNode';
import {
  awayFromZero,
  binary,
  type Cases,
  constant,
  dim,
  distinct,
  ints,
  normal,
  positive,
  scalar,
  seed,
  shape,
  total,
  unary,
  values,
} from './draw';

export const arithmeticCases: Cases = {};

/** Both operands differentiated. */
const both = (single: SingleNode): SingleNode => ({ ...single, weights: [single.inputs.indexOf('x') === 0 ? 1 : 0] });

arithmeticCases.Neg = unary('Neg', normal);
arithmeticCases.Abs = unary('Abs', awayFromZero);
arithmeticCases.Exp = unary('Exp', normal);
arithmeticCases.Log = unary('Log', positive);
arithmeticCases.Sqrt = unary('Sqrt', positive);
arithmeticCases.Reciprocal = unary('Reciprocal', awayFrom0());
arithmeticCases.Erf = unary('Erf', normal);
arithmeticCases.Add = binary('Add', normal).map(both);
arithmeticCases.Sub = binary('Sub', normal).map(both);
arithmeticCases.Mul = binary('Mul', normal).map(both);
arithmeticCases.Div = binary('Div', normal, positive).map(both);
arithmeticCases.Sum = binary('Sum', normal).map(both);
arithmeticCases.Mean = binary('Mean', normal).map(both);

/** At least 0.3 from zero, so that a step of 5e-3 stays a small part of it. */
function awayFrom0() {
  return (r: Random) => (r.uniform() < 0.5 ? -1 : 1) * r.between(0.3, 2);
}

const exponents = [-2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4] as const;
/** One exponent for all, float or integer by type: negative bases where it is a whole number. */
const scalarPower = fc
  .record({ dims: shape, seed, p: fc.constantFrom(...exponents), typed: fc.boolean() })
  .map(({ dims, seed, p, typed }): SingleNode => {
    const whole = Number.isInteger(p);
    const exponent: Constant = whole && typed ? { ...ints(p), dims: [] } : scalar(p);
    return {
      op: 'Pow',
      x: { dims, data: values(dims, seed, whole ? awayFrom0() : positive) },
      inputs: ['x', exponent],
    };
  });
/**
 * An exponent a column, with both operands differentiated and either broadcast. Bases are 0 only under exponents of 1 and
 * above: below, the slope is infinite there.
 */
const tensorPower = fc
  .record({
    rows: dim,
    columns: fc.integer({ min: 3, max: 5 }),
    thin: fc.nat(2),
    base: fc.boolean(),
    side: fc.nat(1),
    seed,
  })
  .map(({ rows, columns, thin, base, side, seed }): SingleNode => {
    const r = Random.of(seed, 'power');
    const exponents = Array.from({ length: columns }, (_, j) => [1, 0.5, 2][j] ?? r.normal());
    const full = [rows, columns];
    const thinned = [full, [1, columns], [columns]][thin]!;
    const tensor = (dims: readonly number[], value: (j: number, i: number) => number): Constant => ({
      type: 'float32',
      dims,
      data: Float32Array.from({ length: total(dims) }, (_, i) => value(i % columns, i)),
    });
    const zero = (j: number, i: number) => j === 0 || (j === 2 && i % 2 === 0);
    const x = tensor(base ? thinned : full, (j, i) => (zero(j, i) ? 0 : r.between(0.3, 2)));
    const p = tensor(base ? full : thinned, (j) => exponents[j]!);
    const named = (side === 0 ? x : p) as typeof x & { data: Float32Array };
    return { op: 'Pow', x: named, inputs: side === 0 ? ['x', p] : [x, 'x'], weights: [1 - side] };
  });
arithmeticCases.Pow = fc.oneof(tensorPower, scalarPower);

/** Quotients away from whole numbers, where the remainder jumps. */
arithmeticCases.Mod = fc.record({ dims: shape, seed, side: fc.boolean() }).map(({ dims, seed, side }) => {
  const r = Random.of(seed, 'mod');
  const b = values(dims, seed, (random) => (random.uniform() < 0.5 ? -1 : 1) * random.between(0.8, 2));
  const a = b.map((v) => v * ((r.uniform() < 0.5 ? -1 : 1) * (r.integer(4) + r.between(0.15, 0.85))));
  const of = (data: Float32Array): Constant => ({ type: 'float32', dims, data });
  return {
    op: 'Mod',
    x: { dims, data: side ? a : b },
    inputs: side ? ['x', of(b)] : [of(a), 'x'],
    weights: [side ? 1 : 0],
    attributes: { fmod: 1 },
  };
});

for (const op of ['Max', 'Min']) {
  arithmeticCases[op] = fc
    .record({ dims: shape, seed, third: fc.boolean(), thin: fc.boolean() })
    .map(({ dims, seed, third, thin }) => {
      const n = total(dims);
      const all = distinct(3 * n, Random.of(seed, op));
      const fixed = (k: number): Constant => ({ type: 'float32', dims, data: all.slice(k * n, (k + 1) * n) });
      // One value against all.
      const other: Constant = thin ? { type: 'float32', dims: [], data: all.slice(n, n + 1) } : fixed(1);
      const x = { dims, data: all.slice(0, n) };
      return third
        ? { op, x, inputs: ['x', other, fixed(2)], weights: [1] }
        : { op, x, inputs: [other, 'x'], weights: [0] };
    });
}

arithmeticCases.Where = fc.record({ dims: shape, seed, side: fc.boolean() }).map(({ dims, seed, side }) => {
  const r = Random.of(seed, 'where');
  const mask: Constant = {
    type: 'int64',
    dims,
    data: BigInt64Array.from({ length: total(dims) }, () => BigInt(r.integer(2))),
  };
  const other = constant(dims.slice(-1), seed);
  return {
    op: 'Where',
    x: { dims, data: values(dims, seed, normal) },
    inputs: side ? [{ mask }, 'x', other] : [{ mask }, other, 'x'],
    weights: [side ? 2 : 1],
  };
});

/** The limit is clear of where the length changes. */
arithmeticCases.Range = fc
  .record({ seed, count: fc.integer({ min: 1, max: 6 }), down: fc.boolean(), first: fc.boolean() })
  .map(({ seed, count, down, first }) => {
    const r = Random.of(seed, 'range');
    const start = r.normal();
    const delta = (down ? -1 : 1) * r.between(0.5, 1.5);
    const limit = scalar(start + delta * (count - 0.5));
    return first
      ? {
          op: 'Range',
          x: { dims: [], data: Float32Array.of(start) },
          inputs: ['x', limit, scalar(delta)],
          weights: [2],
        }
      : {
          op: 'Range',
          x: { dims: [], data: Float32Array.of(delta) },
          inputs: [scalar(start), limit, 'x'],
          weights: [0],
        };
  });
