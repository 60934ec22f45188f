import fc from 'fast-check';
import type { Constant } from '../../../../src/engine/onnx/tensor';
import { Random } from '../../../../src/engine/random';
import type { SingleNode } from '../singleNode';

/** Random single-operator graphs by operator. Inputs keep clear of kinks by more than the step of the differences. */
export type Cases = Record<string, fc.Arbitrary<SingleNode>>;

export const total = (dims: readonly number[]) => dims.reduce((a, d) => a * d, 1);

export type Draw = (random: Random) => number;
export const normal: Draw = (r) => r.normal();
export const positive: Draw = (r) => r.between(0.3, 2);
/** Away from 0 by 0.05. */
export const awayFromZero: Draw = (r) => (r.uniform() < 0.5 ? -1 : 1) * r.between(0.05, 2);
export const awayFrom =
  (...kinks: number[]): Draw =>
  (r) => {
    for (;;) {
      const v = 2.5 * r.normal();
      if (kinks.every((k) => Math.abs(v - k) > 0.05)) return v;
    }
  };

/** Values that all differ by at least 0.03, so that no maximum is tied or changes hands under the step. */
export function distinct(count: number, random: Random): Float32Array {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return Float32Array.from(order, (rank) => (rank - count / 2) * 0.04);
}

export const values = (dims: readonly number[], seed: number, draw: Draw) => {
  const random = Random.of(seed, 'case');
  return Float32Array.from({ length: total(dims) }, () => draw(random));
};
export const constant = (dims: readonly number[], seed: number, draw: Draw = normal): Constant => ({
  type: 'float32',
  dims,
  data: values(dims, seed + 1, draw),
});
export const ints = (...v: number[]): Constant => ({
  type: 'int64',
  dims: [v.length],
  data: BigInt64Array.from(v, BigInt),
});
export const scalarInt = (v: number): Constant => ({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(v)) });
export const scalar = (v: number): Constant => ({ type: 'float32', dims: [], data: Float32Array.of(v) });

export const seed = fc.integer({ min: 0, max: 1e6 });
export const dim = fc.integer({ min: 1, max: 4 });
export const shape = fc.array(dim, { minLength: 1, maxLength: 4 });

/** An operator of one tensor of any shape. */
export function unary(op: string, draw: Draw, attributes: NonNullable<SingleNode['attributes']> = {}) {
  return fc.record({ dims: shape, seed }).map(
    ({ dims, seed }): SingleNode => ({
      op,
      x: { dims, data: values(dims, seed, draw) },
      inputs: ['x'],
      attributes,
    }),
  );
}

/** An operator of two tensors that broadcast against each other, either of which is differentiated. */
export function binary(op: string, draw: Draw, other: Draw = draw): fc.Arbitrary<SingleNode> {
  return fc
    .record({
      full: shape,
      seed,
      ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      drop: fc.boolean(),
      side: fc.integer({ min: 0, max: 1 }),
      small: fc.boolean(),
    })
    .map(({ full, seed, ones, drop, side, small }) => {
      const thin = full.map((d, i) => (ones[i] ? 1 : d)).slice(drop && full.length > 1 ? 1 : 0);
      const [dims, others] = small ? [thin, full] : [full, thin];
      const x = { dims, data: values(dims, seed, side === 0 ? draw : other) };
      const fixed = constant(others, seed, side === 0 ? other : draw);
      return { op, x, inputs: side === 0 ? ['x', fixed] : [fixed, 'x'] };
    });
}

export const picture = fc.record({ n: dim, c: dim, h: dim, w: dim, seed });
