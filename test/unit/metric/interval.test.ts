import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrap, quantile, share } from '../../../src/engine/metric/interval';
import { Random } from '../../../src/engine/random';
import vectors from '../../fixtures/metric-vectors.json';

describe('share', () => {
  it.each(vectors.wilson)("equals scipy's Wilson interval for $successes of $n", ({ successes, n, low, high }) => {
    const figure = share(successes, n);
    expect(figure.value).toBe(successes / n);
    expect(figure.low).toBeCloseTo(low, 9);
    expect(figure.high).toBeCloseTo(high, 9);
  });

  it('knows nothing of no examples', () => {
    expect(share(0, 0)).toEqual({ value: 0, low: 0, high: 1, n: 0 });
  });

  it('holds its value, stays in [0, 1], and mirrors', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, part) => {
        const successes = Math.round(part * n);
        const { value, low, high } = share(successes, n);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThanOrEqual(value);
        expect(high).toBeLessThanOrEqual(1);
        expect(1 - share(n - successes, n).high).toBeCloseTo(low, 9);
      }),
    );
  });
});

describe('quantile', () => {
  it('interpolates as numpy does', () => {
    const sorted = Float64Array.of(1, 2, 4, 8);
    expect(quantile(sorted, 0)).toBe(1);
    expect(quantile(sorted, 0.5)).toBe(3);
    expect(quantile(sorted, 0.9)).toBeCloseTo(6.8, 12);
    expect(quantile(sorted, 1)).toBe(8);
  });
});

describe('bootstrap', () => {
  const values = Array.from({ length: 400 }, (_, i) => Random.of(3, i).normal());
  const mean = (weights: Float64Array) => [values.reduce((sum, value, i) => sum + value * weights[i]!, 0) / 400];

  it('gives the normal interval for a mean', () => {
    const [figure] = bootstrap(400, mean, { seed: 0 });
    const average = values.reduce((sum, value) => sum + value, 0) / 400;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - average) ** 2, 0) / 400);
    const half = (1.96 * deviation) / 20;
    expect(figure?.value).toBeCloseTo(average, 12);
    expect(Math.abs(figure!.low - (average - half))).toBeLessThan(0.15 * half);
    expect(Math.abs(figure!.high - (average + half))).toBeLessThan(0.15 * half);
  });

  it('repeats for a seed, and not for another', () => {
    expect(bootstrap(400, mean, { seed: 1 })).toEqual(bootstrap(400, mean, { seed: 1 }));
    expect(bootstrap(400, mean, { seed: 2 })[0]?.low).not.toBe(bootstrap(400, mean, { seed: 1 })[0]?.low);
  });

  it('keeps the count of each class', () => {
    const labels = Int32Array.of(0, 0, 0, 1, 1, 2);
    const counted = new Set<string>();
    bootstrap(
      6,
      (weights) => {
        const counts = [0, 0, 0];
        labels.forEach((label, i) => {
          counts[label]! += weights[i]!;
        });
        counted.add(counts.join());
        return [0];
      },
      { seed: 0, strata: labels, replicates: 50 },
    );
    expect([...counted]).toEqual(['3,2,1']);
  });

  it('leaves what is undefined undefined, and widens to the estimate', () => {
    let first = true;
    const [undefinedOne, notANumber, biased] = bootstrap(
      10,
      () => {
        const values = [null, Number.NaN, first ? 0 : 1];
        first = false;
        return values;
      },
      { seed: 0, replicates: 20 },
    );
    expect(undefinedOne).toBeNull();
    expect(notANumber).toBeNull();
    expect(biased).toEqual({ value: 0, low: 0, high: 1, n: 10 });
  });
});
