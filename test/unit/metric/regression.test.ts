import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorFigures, regressionMetrics, withinTolerance } from '../../../src/engine/metric/regression';

const number = fc.float({ min: -100, max: 100, noNaN: true });

describe('errors of a regression', () => {
  it('follow their definitions', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.tuple(number, number), { minLength: 6, maxLength: 30 }),
        (outputs, pairs) => {
          const n = Math.floor(pairs.length / outputs);
          const predictions = Float32Array.from(pairs.slice(0, n * outputs), ([p]) => p);
          const targets = Float32Array.from(pairs.slice(0, n * outputs), ([, t]) => t);
          const { mae, rmse, r2, medianError } = regressionMetrics({
            predictions,
            targets,
            outputs,
            seed: 1,
            replicates: 20,
          });
          const errors = [...predictions].map((p, i) => p - targets[i]!);
          const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
          expect(mae.value).toBeCloseTo(mean(errors.map(Math.abs)), 6);
          expect(rmse.value).toBeCloseTo(Math.sqrt(mean(errors.map((e) => e * e))), 6);
          const perExample = Array.from({ length: n }, (_, i) =>
            mean(errors.slice(i * outputs, (i + 1) * outputs).map(Math.abs)),
          ).sort((a, b) => a - b);
          const middle = (perExample[Math.floor((n - 1) / 2)]! + perExample[Math.ceil((n - 1) / 2)]!) / 2;
          expect(medianError.value).toBeCloseTo(middle, 6);
          const columns = Array.from({ length: outputs }, (_, j) => {
            const t = [...targets].filter((_, i) => i % outputs === j);
            const spread = t.reduce((sum, v) => sum + (v - mean(t)) ** 2, 0);
            const residual = errors.filter((_, i) => i % outputs === j).reduce((sum, e) => sum + e * e, 0);
            return spread > 0 ? [1 - residual / spread] : [];
          }).flat();
          if (columns.length === 0) expect(r2).toBeNull();
          else expect(r2!.value / mean(columns)).toBeCloseTo(1, 4);
          for (const figure of [mae, rmse, medianError]) {
            expect(figure.low).toBeLessThanOrEqual(figure.value);
            expect(figure.high).toBeGreaterThanOrEqual(figure.value);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are those of published code on a small sample', () => {
    // scikit-learn 1.7: mean_absolute_error, root_mean_squared_error, r2_score, median_absolute_error of these lists.
    const figures = regressionMetrics({
      predictions: Float32Array.of(2.5, 0, 2, 8),
      targets: Float32Array.of(3, -0.5, 2, 7),
      outputs: 1,
      seed: 0,
    });
    expect(figures.mae.value).toBeCloseTo(0.5, 6);
    expect(figures.rmse.value).toBeCloseTo(0.6123724, 6);
    expect(figures.r2!.value).toBeCloseTo(0.9486081, 6);
    expect(figures.medianError.value).toBeCloseTo(0.5, 6);
  });

  it('are within a tolerance in units of the target, or as a share of it', () => {
    const [p, t] = [Float32Array.of(11, -21), Float32Array.of(10, -20)];
    expect(withinTolerance(p, t, { value: 1, relative: false })).toBe(true);
    expect(withinTolerance(p, t, { value: 0.99, relative: false })).toBe(false);
    expect(withinTolerance(p, t, { value: 0.11, relative: true })).toBe(true);
    expect(withinTolerance(p, t, { value: 0.09, relative: true })).toBe(false);
    expect(withinTolerance(Float32Array.of(Number.NaN), Float32Array.of(0), { value: 9, relative: false })).toBe(false);
  });

  it('of given examples are their mean and root mean square', () => {
    const { mae, rmse } = errorFigures(Float64Array.of(1, 3), Float64Array.of(1, 9), 0);
    expect(mae.value).toBe(2);
    expect(rmse.value).toBeCloseTo(Math.sqrt(5), 12);
  });
});
