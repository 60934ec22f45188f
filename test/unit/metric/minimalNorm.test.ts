import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distanceDistribution, medianRank } from '../../../src/engine/metric/minimalNorm';

/** P(Binomial(n, ½) < r), in whole numbers. */
function below(n: number, r: number): number {
  let term = 1n;
  let sum = 0n;
  for (let k = 0; k < r; k++) {
    sum += term;
    term = (term * BigInt(n - k)) / BigInt(k + 1);
  }
  return Number((sum * 10n ** 15n) / 2n ** BigInt(n)) / 1e15;
}

describe('interval of a median from order statistics', () => {
  it.each([
    // Ranks as tables of nonparametric statistics have them (Conover 1999, table A3).
    [5, 0],
    [6, 1],
    [10, 2],
    [20, 6],
    [50, 18],
    [100, 40],
  ])('of %i values takes rank %i from either end', (n, rank) => {
    expect(medianRank(n)).toBe(rank);
  });

  it('takes the largest rank that covers 95 %, for any size', () => {
    for (const n of [1, 7, 33, 100, 999, 3000]) {
      const rank = medianRank(n);
      expect(below(n, rank)).toBeLessThanOrEqual(0.025);
      expect(below(n, rank + 1)).toBeGreaterThan(0.025);
    }
  });
});

describe('distribution of distances', () => {
  it('gives quantiles that are distances, with ∞ as null', () => {
    const { n, found, median, quantiles, distances } = distanceDistribution([
      3,
      Number.POSITIVE_INFINITY,
      1,
      0,
      2,
      Number.POSITIVE_INFINITY,
      4,
      5,
      6,
      7,
    ]);
    expect([n, found]).toEqual([10, 8]);
    expect(distances).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(median).toEqual({ value: 4, low: 1, high: null, n: 10 });
    expect(quantiles.map(({ value }) => value)).toEqual([0, 0, 2, 4, 7, null, null]);
  });

  it('has no median where half of the sample was never broken', () => {
    const never = Array.from({ length: 60 }, () => Number.POSITIVE_INFINITY);
    const { median } = distanceDistribution([...never, ...Array.from({ length: 40 }, (_, i) => i)]);
    expect(median).toEqual({ value: null, low: 39, high: null, n: 100 });
  });

  it('says nothing of an empty sample, and little of a small one', () => {
    expect(distanceDistribution([])).toMatchObject({ n: 0, found: 0, median: { value: null, low: 0, high: null } });
    expect(distanceDistribution([2]).median).toEqual({ value: 2, low: 0, high: null, n: 1 });
  });

  it('counts as the curve does: within a quantile at least its share is broken, and within less is not', () => {
    const distance = fc.oneof(
      fc.constantFrom(0, 1, Number.POSITIVE_INFINITY),
      fc.double({ min: 0, max: 9, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(distance, { minLength: 1, maxLength: 120 }), (distances) => {
        const share = (test: (d: number) => boolean) => distances.filter(test).length / distances.length;
        const { median, quantiles } = distanceDistribution(distances);
        for (const { q, value } of quantiles) {
          const at = value ?? Number.POSITIVE_INFINITY;
          expect(share((d) => d <= at)).toBeGreaterThanOrEqual(q - 1e-9);
          expect(share((d) => d < at)).toBeLessThan(q + 1e-9);
        }
        const open = (v: number | null) => v ?? Number.POSITIVE_INFINITY;
        expect(open(median.low)).toBeLessThanOrEqual(open(median.value));
        expect(open(median.high)).toBeGreaterThanOrEqual(open(median.value));
      }),
    );
  });
});
