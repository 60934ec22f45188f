import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HyperplaneProjection } from '../../../src/engine/attack/hyperplane';
import { leastStep } from './linearDistance';

const norms = ['linf', 'l2', 'l1'] as const;
const length = {
  linf: (d: Float64Array) => d.reduce((most, v) => Math.max(most, Math.abs(v)), 0),
  l2: (d: Float64Array) => Math.hypot(...d),
  l1: (d: Float64Array) => d.reduce((sum, v) => sum + Math.abs(v), 0),
};

/** No numbers so small that their products vanish: gradients are float32. */
const within = (low: number, high: number) =>
  fc.integer({ min: 0, max: 100_000 }).map((k) => low + ((high - low) * k) / 100_000);

/** Points on the box's edges, and weights that are equal or zero, are where a projection goes wrong. */
const cases = fc.integer({ min: 1, max: 9 }).chain((size) => {
  const vector = (value: fc.Arbitrary<number>) => fc.array(value, { minLength: size, maxLength: size });
  return fc.record({
    norm: fc.constantFrom(...norms),
    point: vector(fc.oneof(fc.constantFrom(0, 1, 0.5), within(0, 1))),
    weight: vector(fc.oneof(fc.constantFrom(0, 1, -1, 2), within(-3, 3))),
    share: within(-1.2, 1.2),
    bounded: fc.boolean(),
  });
});

describe('projection onto a hyperplane within a box', () => {
  it('changes the linear function by what is asked, inside the box, by the shortest step', () => {
    fc.assert(
      fc.property(cases, ({ norm, point, weight, share, bounded }) => {
        const size = point.length;
        const bounds = bounded ? ([0, 1] as const) : ([-Infinity, Infinity] as const);
        const largest = weight.reduce((sum, w) => sum + Math.abs(w), 0);
        fc.pre(largest > 1e-3);
        const change = share * largest;
        const box = { low: new Float64Array(size).fill(bounds[0]), high: new Float64Array(size).fill(bounds[1]) };
        const out = new Float64Array(size);
        const told = new HyperplaneProjection(norm, size).step(point, weight, change, box, out);
        expect(told).toBeCloseTo(length[norm](out), 9);
        out.forEach((d, i) => {
          expect(point[i]! + d).toBeGreaterThanOrEqual(bounds[0] - 1e-12);
          expect(point[i]! + d).toBeLessThanOrEqual(bounds[1] + 1e-12);
        });
        const gained = out.reduce((sum, d, i) => sum + d * weight[i]!, 0);
        const least = leastStep(norm, point, weight, change, bounds);
        if (Number.isFinite(least)) {
          expect(gained).toBeCloseTo(change, 9);
          expect(told).toBeCloseTo(least, 7);
        } else {
          // As far as the box goes, on every coordinate that has a weight.
          const most = weight.reduce(
            (sum, w, i) => sum + Math.abs(w) * (w * change > 0 ? 1 - point[i]! : point[i]!),
            0,
          );
          expect(Math.abs(gained)).toBeCloseTo(most, 9);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is not beaten by any other feasible step', () => {
    const feasible = fc.integer({ min: 2, max: 5 }).chain((size) =>
      fc.record({
        norm: fc.constantFrom(...norms),
        point: fc.array(within(0, 1), { minLength: size, maxLength: size }),
        other: fc.array(within(0, 1), { minLength: size, maxLength: size }),
        weight: fc.array(within(-3, 3), { minLength: size, maxLength: size }),
      }),
    );
    fc.assert(
      fc.property(feasible, ({ norm, point, other, weight }) => {
        const size = point.length;
        const rival = Float64Array.from(other, (v, i) => v - point[i]!);
        const change = rival.reduce((sum, d, i) => sum + d * weight[i]!, 0);
        const box = { low: new Float64Array(size), high: new Float64Array(size).fill(1) };
        const told = new HyperplaneProjection(norm, size).step(point, weight, change, box, new Float64Array(size));
        expect(told).toBeLessThanOrEqual(length[norm](rival) + 1e-9);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(norms)('stands still in %s where there is no weight, no room, or no number', (norm) => {
    const projection = new HyperplaneProjection(norm, 3);
    const box = { low: new Float64Array(3), high: new Float64Array(3).fill(1) };
    const out = new Float64Array(3).fill(9);
    expect(projection.step([0.5, 0.5, 0.5], [0, 0, 0], 1, box, out)).toBe(0);
    expect([...out]).toEqual([0, 0, 0]);
    expect(projection.step([1, 1, 0], [1, 1, -1], 1, box, out)).toBe(0);
    expect(projection.step([0.5, 0.5, 0.5], [1, 1, 1], Number.NaN, box, out)).toBe(0);
    expect(projection.step([0.5, 0.5, 0.5], [Number.NaN, Number.POSITIVE_INFINITY, 2], 0.5, box, out)).toBe(0.25);
    expect([...out]).toEqual([0, 0, 0.25]);
  });

  it('is exact for thousands of coordinates with equal weights and equal room', () => {
    for (const norm of norms) {
      const size = 2000;
      const point = Array.from({ length: size }, (_, i) => (i % 7) / 7);
      const weight = Array.from({ length: size }, (_, i) => ((i % 5) - 2) / 3);
      const box = { low: new Float64Array(size), high: new Float64Array(size).fill(1) };
      for (const change of [0.01, 1, 100, -300]) {
        const told = new HyperplaneProjection(norm, size).step(point, weight, change, box, new Float64Array(size));
        expect(told).toBeCloseTo(leastStep(norm, point, weight, change, [0, 1]), 7);
      }
    }
  });
});
