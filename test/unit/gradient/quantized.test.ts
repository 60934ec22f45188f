import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/engine/random';
import { apart, grid, least, middle, pairs, run, types } from './cases/quantizedPairs';

describe('straight-through estimates of quantised operators', () => {
  it.each(Object.entries(pairs))('%s has the gradient of the operator on real numbers', async (_, pairOf) => {
    await fc.assert(
      fc.asyncProperty(types, async (t) => {
        const { dims, x, quantised, real, step } = pairOf(t);
        const [estimate, exact] = [await run(quantised, x, dims), await run(real, x, dims)];
        // It is the same function but for rounding, and not by chance the same gradient.
        for (const [i, y] of estimate.y.entries()) expect(Math.abs(y - exact.y[i]!)).toBeLessThanOrEqual(step);
        expect(Math.hypot(...exact.gradient)).toBeGreaterThan(1e-3);
        expect(apart(estimate.gradient, exact.gradient)).toBeLessThan(1e-4);
        const both = await run(quantised, x, dims, 2);
        expect(both.gradient.length).toBe(2 * estimate.gradient.length);
        expect(
          apart(both.gradient.subarray(0, x.length), (await run(real, x, dims, 2)).gradient.subarray(0, x.length)),
        ).toBeLessThan(1e-4);
        expect(
          apart(both.gradient.subarray(x.length), (await run(real, x, dims, 2)).gradient.subarray(x.length)),
        ).toBeLessThan(1e-4);
      }),
      { numRuns: 6, seed: 3 },
    );
  });

  it.each(['uint8', 'int8'] as const)('passes no gradient where %s clips the value', async (type) => {
    const point = middle[type];
    const [low, high] = [-12.8, 12.7];
    const x = Float32Array.of(low - 0.2, low - 0.02, low, 0, 3.14, high, high + 0.02, high + 0.2);
    const { gradient } = await run((q) => q.real(q.quantised('x', 0.1, type, point), 0.1, type, point), x, [8]);
    const seed = Array.from(x, (_, i) => Math.sin(1.7 * i + 0.3) + 0.2);
    for (const [i, g] of gradient.entries()) {
      if (i === 0 || i === 7) expect(g).toBe(0);
      else expect(g).toBeCloseTo(seed[i]!, 5);
    }
  });

  it.each(['uint8', 'int8'] as const)('passes none through a rectifier that was fused into %s', async (type) => {
    const x = Float32Array.of(-1, -0.3, 0.3, 1);
    const { gradient, y } = await run(
      (q) => {
        const qx = q.quantised('x', 0.01, type, middle[type]);
        const [s, z] = [q.b.scalar(0.01), q.zero(type, middle[type])];
        const [qw, zw] = [q.integers(type, [middle[type] + 100], [1, 1]), q.zero(type, middle[type])];
        const outputs = [q.b.scalar(0.01), q.zero(type, least[type])];
        const product = q.node('QLinearMatMul', [qx, s, z, qw, s, zw, ...outputs]);
        return q.real(product, 0.01, type, least[type]);
      },
      x,
      [4, 1],
    );
    expect(Array.from(y, (v) => Math.round(100 * v))).toEqual([0, 0, 30, 100]);
    expect([...gradient.subarray(0, 2)]).toEqual([0, 0]);
    for (const g of gradient.subarray(2)) expect(Math.abs(g)).toBeGreaterThan(0.01);
  });

  it('differentiates a scale as learned step size quantisation does', async () => {
    const values = [-30, -0.37, 0.42, 1.26, 40];
    const { gradient } = await run(
      (q) => {
        const points = [q.zero('int8', 0), q.zero('int8', 0)];
        const x = q.b.floats(values);
        const quantised = q.b.op('QuantizeLinear', [x, 'x', points[0]!]);
        return q.b.op('DequantizeLinear', [quantised, 'x', points[1]!]);
      },
      Float32Array.of(0.1),
      [],
    );
    // Esser et al. 2020, eq. 3: round(v/s) − v/s inside, the end of the range where clipped.
    const slope = (v: number) => (v / 0.1 <= -128 ? -128 : v / 0.1 >= 127 ? 127 : Math.round(v / 0.1) - v / 0.1);
    const expected = values.reduce((sum, v, i) => sum + slope(v) * (Math.sin(1.7 * i + 0.3) + 0.2), 0);
    expect(gradient[0]!).toBeCloseTo(expected, 2);
  });

  it('takes scales of blocks', async () => {
    const x = grid(12, Random.of(5, 'x'), 0.02);
    const scales = [0.02, 0.04, 0.01, 0.05];
    const { gradient } = await run(
      (q) => {
        const s = q.b.floats(scales, [2, 2]);
        const z = q.integers('int8', [0, 0, 0, 0], [2, 2]);
        const attributes = { axis: 1, block_size: 3 };
        return q.b.op('Cast', [q.b.op('QuantizeLinear', ['x', s, z], attributes)], { to: 1 });
      },
      x,
      [2, 6],
    );
    for (const [i, g] of gradient.entries()) {
      const scale = scales[2 * Math.floor(i / 6) + Math.floor((i % 6) / 3)]!;
      const inside = Math.abs(x[i]! / scale) < 127;
      expect(g * scale).toBeCloseTo(inside ? Math.sin(1.7 * i + 0.3) + 0.2 : 0, 4);
    }
  });
});
