import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confusionFigures, confusionOf } from '../../../src/engine/metric/confusion';
import {
  ALEXNET_CLEAN_ERROR,
  alexNetErrors,
  corruptionErrors,
  meanCorruptions,
} from '../../../src/engine/metric/corruptionError';
import { columnDrift, maximumMeanDiscrepancy } from '../../../src/engine/metric/drift';
import { baselineTrend, effectiveRobustness } from '../../../src/engine/metric/effectiveRobustness';
import { flipProbability, predictionChanges } from '../../../src/engine/metric/flip';
import { groupAccuracies } from '../../../src/engine/metric/groups';
import { detection, outlierScore } from '../../../src/engine/metric/outOfDistribution';
import { pairedComparison } from '../../../src/engine/metric/paired';
import { averagePrecision } from '../../../src/engine/metric/precisionRecall';
import { logLosses, topK, weightedMean } from '../../../src/engine/metric/probabilistic';
import { adaptiveCalibrationError, reliability } from '../../../src/engine/metric/reliability';
import { rankingOf } from '../../../src/engine/metric/roc';
import { coverageAt, riskAt, riskCoverage } from '../../../src/engine/metric/selective';

const none = new Float64Array(0);

describe('figures of nothing', () => {
  it('are null or 0, never NaN', () => {
    const empty = confusionFigures(confusionOf([], [], 3));
    expect(empty).toMatchObject({ accuracy: 0, balancedAccuracy: null, matthews: 0, f1: { macro: 0, micro: 0 } });
    expect(reliability(none, new Uint8Array(0))).toMatchObject({ maximum: null, adaptive: null, overconfidence: null });
    expect(riskCoverage(none, new Uint8Array(0))).toEqual({ points: [], area: null, excess: null });
    expect(detection(none, Float64Array.of(1))).toBeNull();
    expect(detection(Float64Array.of(1), none)).toBeNull();
    expect(columnDrift([], [1])).toBeNull();
    expect(columnDrift([Number.NaN], [1])).toBeNull();
    expect(maximumMeanDiscrepancy([1], [1, 2], 1)).toBeNull();
    expect(pairedComparison(new Uint8Array(0), new Uint8Array(0))).toBeNull();
    expect(groupAccuracies([], new Uint8Array(0))).toEqual({ groups: [], worst: null, gap: null });
    expect(weightedMean([], none)).toBeNull();
    expect(baselineTrend([])).toBeNull();
    expect(corruptionErrors({}, alexNetErrors)).toEqual({ byCorruption: {}, mean: null, relativeMean: null });
    expect(flipProbability([], false)).toBeNull();
    expect(predictionChanges([], [], [])).toEqual({ n: 0, changed: 0, gained: 0, lost: 0, otherError: 0 });
  });

  it('a class without examples has no average precision', () => {
    const weights = new Float64Array(2).fill(1);
    expect(averagePrecision(rankingOf([0.1, 0.9], 1, 0), [0, 0], 1, weights)).toBeNull();
  });
});

describe('scores that are no number', () => {
  it('are predicted as nothing, and looked on as outliers', () => {
    const figures = confusionFigures(confusionOf([0, 1], [-1, 1], 2));
    expect(figures.accuracy).toBe(0.5);
    expect(figures.precision.micro).toBe(1);
    expect(figures.recall.micro).toBe(0.5);
    const logits = [Number.NaN, Number.NaN, 1, 0];
    for (const score of ['confidence', 'energy', 'margin', 'entropy'] as const) {
      const [lost, found] = outlierScore(logits, 2, score);
      expect(lost).toBe(Number.POSITIVE_INFINITY);
      expect(found).toBeLessThan(1);
    }
    expect([...topK([Number.NaN, 1, 0], [0], 3, 3)]).toEqual([0]);
  });

  it('infinite logits give finite figures', () => {
    for (const score of ['confidence', 'energy', 'margin', 'entropy'] as const) {
      const [value] = outlierScore([Number.POSITIVE_INFINITY, 0], 2, score);
      expect(value).not.toBeNaN();
    }
    expect([...logLosses(Float64Array.of(0, 1), [0], 2)][0]).toBeCloseTo(36.04, 2);
  });
});

describe('corruption error', () => {
  it('of the reference itself is 1, and relative to itself 1', () => {
    const own = Object.fromEntries(Object.entries(alexNetErrors).map(([name, error]) => [name, [error]]));
    const figures = corruptionErrors(own, alexNetErrors, { own: ALEXNET_CLEAN_ERROR, reference: ALEXNET_CLEAN_ERROR });
    expect(Object.keys(figures.byCorruption)).toEqual([...meanCorruptions]);
    expect(figures.mean).toBeCloseTo(1, 12);
    expect(figures.relativeMean).toBeCloseTo(1, 12);
  });

  it('sums over severities before it divides', () => {
    const figures = corruptionErrors({ fog: [0.1, 0.5] }, { fog: [0.2, 0.4] });
    expect(figures.byCorruption.fog).toBeCloseTo(1, 12);
    expect(corruptionErrors({ fog: [0.1] }, { fog: [0] }).byCorruption.fog).toBeNull();
  });
});

describe('flips', () => {
  it('are counted from frame to frame, in noise from the first', () => {
    expect(flipProbability([[1, 1, 2, 2, 1]], false)).toBe(0.5);
    expect(flipProbability([[1, 1, 2, 2, 1]], true)).toBe(0.5);
    expect(flipProbability([[1, 2, 2, 2]], false)).toBeCloseTo(1 / 3);
    expect(flipProbability([[1, 2, 2, 2]], true)).toBe(1);
    expect(predictionChanges([1, 2, 3], [1, 2, 3], [1, 3, 3])).toMatchObject({ n: 3, changed: 1, lost: 1 });
  });
});

describe('laws', () => {
  const sample = fc
    .array(fc.record({ confidence: fc.float({ min: 0, max: 1, noNaN: true }), correct: fc.boolean() }), {
      minLength: 1,
      maxLength: 60,
    })
    .map((rows) => ({
      confidence: Float64Array.from(rows, (row) => row.confidence),
      correct: Uint8Array.from(rows, (row) => (row.correct ? 1 : 0)),
    }));

  it('no order of the examples changes the risk-coverage curve', () => {
    fc.assert(
      fc.property(sample, ({ confidence, correct }) => {
        const back = riskCoverage(confidence.slice().reverse(), correct.slice().reverse());
        const own = riskCoverage(confidence, correct);
        expect(back.points).toEqual(own.points);
        expect(back.area).toBeCloseTo(own.area!, 12);
        // Within a run of equal confidences no order is better than chance, so that the best order may be out of reach.
        expect(own.excess).toBeGreaterThanOrEqual(-1e-12);
        expect(riskAt(own, 1)).toBe(own.points.at(-1)!.risk);
        expect(coverageAt(own, 1)).toBe(1);
      }),
    );
  });

  it('adaptive calibration error is 0 of a model that is sure of what is right, 1 of one that is sure of what is wrong', () => {
    const sure = new Float64Array(40).fill(1);
    expect(adaptiveCalibrationError(sure, new Uint8Array(40).fill(1))).toBe(0);
    expect(adaptiveCalibrationError(sure, new Uint8Array(40))).toBe(1);
  });

  it('a model on the trend of its baselines has no effective robustness', () => {
    const points = [0.5, 0.6, 0.8].map((standard) => ({ standard, shifted: standard - 0.1 }));
    const trend = baselineTrend(points)!;
    const expected = 0.7 - effectiveRobustness({ standard: 0.7, shifted: 0.7 }, trend);
    expect(effectiveRobustness({ standard: 0.7, shifted: expected }, trend)).toBeCloseTo(0, 12);
    expect(baselineTrend([points[0]!, points[0]!])).toBeNull();
  });

  it('the interval of a paired difference holds it, and turns over with the models', () => {
    const right = fc.uint8Array({ min: 0, max: 1, minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(right, right, (a, b) => {
        const n = Math.min(a.length, b.length);
        const one = pairedComparison(a.subarray(0, n), b.subarray(0, n))!;
        const other = pairedComparison(b.subarray(0, n), a.subarray(0, n))!;
        expect(one.difference.low).toBeLessThanOrEqual(one.difference.value + 1e-12);
        expect(one.difference.high).toBeGreaterThanOrEqual(one.difference.value - 1e-12);
        expect(other.difference.low).toBeCloseTo(-one.difference.high, 12);
        expect(other.pValue).toBe(one.pValue);
        expect(one.both + one.onlyFirst + one.onlySecond + one.neither).toBe(n);
      }),
    );
  });

  it("Newcombe's published example", () => {
    // Newcombe 1998, table II: counts 36, 12, 2, 0.
    const rows = [...Array(36).fill([1, 1]), ...Array(12).fill([1, 0]), ...Array(2).fill([0, 1])] as [number, number][];
    const { difference } = pairedComparison(
      Uint8Array.from(rows, ([a]) => a),
      Uint8Array.from(rows, ([, b]) => b),
    )!;
    expect(difference.value).toBeCloseTo(0.2, 12);
    expect(difference.low).toBeCloseTo(0.0569, 3);
    expect(difference.high).toBeCloseTo(0.3404, 3);
  });

  it("Newcombe's interval corrects the correlation of large counts for continuity", () => {
    // φ̂ with and without the correction: bc − ad is brought n/2 nearer to 0, so that the interval is wider.
    const rows = [
      ...Array(60).fill([1, 1]),
      ...Array(10).fill([1, 0]),
      ...Array(5).fill([0, 1]),
      ...Array(25).fill([0, 0]),
    ] as [number, number][];
    const { difference } = pairedComparison(
      Uint8Array.from(rows, ([a]) => a),
      Uint8Array.from(rows, ([, b]) => b),
    )!;
    // By hand: p₁ = 0.7, p₂ = 0.65; Wilson [0.6042, 0.7811] and [0.5525, 0.7364]; φ̂ = (1450 − 50) / √4777500.
    const phi = 1400 / Math.sqrt(70 * 30 * 65 * 35);
    const [l1, u1, l2, u2] = [0.7 - 0.604151, 0.781051 - 0.7, 0.65 - 0.552546, 0.736358 - 0.65];
    expect(difference.low).toBeCloseTo(0.05 - Math.sqrt(l1 ** 2 - 2 * phi * l1 * u2 + u2 ** 2), 4);
    expect(difference.high).toBeCloseTo(0.05 + Math.sqrt(u1 ** 2 - 2 * phi * u1 * l2 + l2 ** 2), 4);
  });

  it("the limit of Smirnov's distribution at its published points", () => {
    // Of two samples of 200: D of 0.05 and 0.135, λ = 0.5 and 1.35 (Smirnov 1948: 0.9639, 0.0522).
    const shifted = (by: number) =>
      columnDrift(
        Array.from({ length: 200 }, (_, i) => i),
        Array.from({ length: 200 }, (_, i) => i + by),
      );
    expect(shifted(10)?.ks).toBeCloseTo(0.05, 12);
    expect(shifted(10)?.pValue).toBeCloseTo(0.9639, 4);
    expect(shifted(27)?.pValue).toBeCloseTo(0.0522, 3);
  });
});
