import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { calibrationError } from '../../../src/engine/metric/calibration';
import { confusionFigures, confusionOf } from '../../../src/engine/metric/confusion';
import { shareDifference } from '../../../src/engine/metric/difference';
import { discrepancy } from '../../../src/engine/metric/discrepancy';
import { maximumMeanDiscrepancy } from '../../../src/engine/metric/drift';
import { detection, outlierScore, outlierScores } from '../../../src/engine/metric/outOfDistribution';
import { predictions, softmax } from '../../../src/engine/metric/prediction';
import { detectionRows, meanDifference, shiftFigures } from '../../../src/engine/metric/shift';
import { Random } from '../../../src/engine/random';

const random = Random.of(3, 'shift');
const normals = (n: number, mean = 0) => Float32Array.from({ length: n }, () => mean + random.normal());

describe('shareDifference', () => {
  // Newcombe 1998, table II, method 10.
  it.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [10, 10, 0, 20, 0.6791, 1],
  ])('gives the published interval of %i/%i − %i/%i', (a, n, b, m, low, high) => {
    const found = shareDifference(a, n, b, m);
    expect(found.value).toBeCloseTo(a / n - b / m, 12);
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  });

  it('agrees with statsmodels to 1e-9 on random and degenerate counts', () => {
    const rows = JSON.parse(readFileSync('test/fixtures/difference-parity.json', 'utf8')) as number[][];
    expect(rows.length).toBeGreaterThan(30);
    for (const [a, n, b, m, low, high] of rows) {
      const found = shareDifference(a!, n!, b!, m!);
      expect(Math.abs(found.low - low!)).toBeLessThan(1e-9);
      expect(Math.abs(found.high - high!)).toBeLessThan(1e-9);
    }
  });

  it('knows nothing of an empty sample', () => {
    expect(shareDifference(3, 4, 0, 0)).toMatchObject({ low: -1, high: 1 });
  });
});

describe('discrepancy', () => {
  it('has the value of the estimate without a test, whatever the sizes', () => {
    for (const [n, m, size] of [
      [12, 9, 3],
      [2, 2, 1],
      [30, 31, 5],
    ] as const) {
      const a = normals(n * size);
      const b = normals(m * size, 0.7);
      expect(discrepancy(a, b, size, 0)!.value).toBeCloseTo(maximumMeanDiscrepancy(a, b, size)!, 12);
    }
  });

  it('tells samples that differ from those that do not, and equal ones least of all', () => {
    const a = normals(80 * 2);
    expect(discrepancy(a, normals(80 * 2, 1), 2, 0)!.pValue).toBe(1 / 200);
    expect(discrepancy(a, normals(80 * 2), 2, 0)!.pValue).toBeGreaterThan(0.05);
    expect(discrepancy(a, a.slice(), 2, 0)!.pValue).toBeGreaterThan(0.5);
  });

  it('is not defined of single points and of samples that are one point', () => {
    expect(discrepancy(Float32Array.of(1), Float32Array.of(1, 2), 1, 0)).toBeNull();
    expect(discrepancy(new Float32Array(8), new Float32Array(6), 1, 0)).toBeNull();
  });
});

describe('shiftFigures', () => {
  it('agrees with the confusion matrix and the calibration error of the same data', () => {
    const classes = 3;
    const labels = Int32Array.from({ length: 60 }, (_, i) => (i < 40 ? 0 : i < 55 ? 1 : 2));
    const logits = normals(60 * classes);
    for (let i = 0; i < 60; i++) logits[i * classes + labels[i]!]! += 1;
    const predicted = predictions(logits, classes);
    const probabilities = softmax(logits, classes);
    const figures = confusionFigures(confusionOf(labels, predicted, classes));
    const found = shiftFigures({ logits, labels, classes, seed: 0 });
    expect(found.accuracy.value).toBeCloseTo(figures.accuracy, 12);
    expect(found.balancedAccuracy!.value).toBeCloseTo(figures.balancedAccuracy!, 12);
    expect(found.balancedAccuracy!.value).not.toBeCloseTo(figures.accuracy, 3);
    const confidence = Float64Array.from(predicted, (c, i) => probabilities[i * classes + c]!);
    const correct = Uint8Array.from(predicted, (c, i) => Number(c === labels[i]));
    expect(found.ece!.value).toBeCloseTo(calibrationError(confidence, correct, new Float64Array(60).fill(1))!, 12);
    for (const { low, value, high } of [found.balancedAccuracy!, found.ece!]) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
    expect(shiftFigures({ logits, labels, classes, seed: 0, labelsOnly: true }).ece).toBeNull();
  });
});

describe('detectionRows', () => {
  it('has the figures of the detection without intervals, ties and all', () => {
    const classes = 4;
    const ordinary = normals(50 * classes).map((v) => Math.round(2 * v));
    const outliers = normals(37 * classes).map((v) => Math.round(v));
    const rows = detectionRows(ordinary, outliers, classes, 0);
    expect(rows.map(({ score }) => score)).toEqual(outlierScores);
    for (const { score, auroc, aupr, fpr95 } of rows) {
      const plain = detection(outlierScore(ordinary, classes, score), outlierScore(outliers, classes, score))!;
      expect([auroc.value, aupr.value, fpr95.value]).toEqual([plain.auroc, plain.aupr, plain.fpr95]);
      for (const { low, value, high } of [auroc, aupr, fpr95]) {
        expect(low).toBeLessThanOrEqual(value);
        expect(high).toBeGreaterThan(low);
        expect(high).toBeLessThanOrEqual(1);
      }
    }
  });

  it('has none where a side is empty', () => {
    expect(detectionRows(new Float32Array(4), new Float32Array(0), 2, 0)).toEqual([]);
  });
});

describe('meanDifference', () => {
  it('holds the difference, and not 0 where the samples are apart', () => {
    const a = Float64Array.from(normals(200, 2));
    const b = Float64Array.from(normals(100));
    const { value, low, high } = meanDifference(a, b, 0);
    expect(value).toBeCloseTo(a.reduce((s, v) => s + v, 0) / 200 - b.reduce((s, v) => s + v, 0) / 100, 12);
    // Two standard errors to each side, about.
    const error = Math.sqrt(1 / 200 + 1 / 100);
    expect(high - low).toBeGreaterThan(3.2 * error);
    expect(high - low).toBeLessThan(4.6 * error);
    expect(low).toBeGreaterThan(1);
  });
});
