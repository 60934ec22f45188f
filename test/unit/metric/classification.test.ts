import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RobustnessError } from '../../../src/engine/error';
import { type CleanReport, cleanMetrics, withoutScores } from '../../../src/engine/metric/classification';
import { predictions, softmax } from '../../../src/engine/metric/prediction';
import { calibrationFigures, reliability } from '../../../src/engine/metric/reliability';
import { rankingOf } from '../../../src/engine/metric/roc';
import { riskCoverage, selectiveArea, thinned } from '../../../src/engine/metric/selective';
import { reportSchema } from '../../../src/engine/report/schema';
import parity from '../../fixtures/metric-parity.json';
import vectors from '../../fixtures/metric-vectors.json';

const names = (k: number) => Array.from({ length: k }, (_, c) => `class ${c}`);

/** Every number of a report. */
function numbers(report: CleanReport): number[] {
  const found: number[] = [];
  JSON.stringify(report, (_, value) => {
    if (typeof value === 'number') found.push(value);
    return value;
  });
  return found;
}

describe('cleanMetrics', () => {
  it.each(vectors.classification)('equals scikit-learn: $name', (vector) => {
    const report = cleanMetrics({
      logits: Float32Array.from(vector.logits),
      labels: Int32Array.from(vector.labels),
      classes: names(vector.classes),
      seed: 0,
      replicates: 50,
    });
    expect(report.accuracy.value).toBeCloseTo(vector.accuracy, 12);
    expect(report.precisionMacro.value).toBeCloseTo(vector.precisionMacro, 12);
    expect(report.recallMacro.value).toBeCloseTo(vector.recallMacro, 12);
    expect(report.f1Macro.value).toBeCloseTo(vector.f1Macro, 12);
    expect(report.ece?.value).toBeCloseTo(vector.ece, 9);
    close(report.rocAuc?.value ?? null, vector.rocAucMacro);
    report.perClass.forEach((row, c) => {
      expect(row.support).toBe(vector.support[c]);
      // scikit-learn says 0 for what we say is undefined.
      expect(row.precision?.value ?? 0).toBeCloseTo(vector.precision[c]!, 12);
      expect(row.recall?.value ?? 0).toBeCloseTo(vector.recall[c]!, 12);
      expect(row.f1?.value ?? 0).toBeCloseTo(vector.f1[c]!, 12);
      expect(row.accuracy).toEqual(row.recall);
      close(row.rocAuc?.value ?? null, vector.rocAuc[c]!);
    });
  });

  it.each(parity.classification)('and in detail: $name', (vector) => {
    const { classes: k } = vector;
    const report = cleanMetrics({
      logits: Float32Array.from(vector.logits),
      labels: Int32Array.from(vector.labels),
      classes: names(k),
      seed: 0,
      replicates: 20,
    });
    const known = (vector.averagePrecision as readonly (number | null)[]).filter((value) => value !== null);
    const expected = {
      balancedAccuracy: vector.balancedAccuracy,
      precisionMicro: vector.precision.micro,
      recallMicro: vector.recall.micro,
      f1Micro: vector.f1.micro,
      precisionWeighted: vector.precision.weighted,
      recallWeighted: vector.recall.weighted,
      f1Weighted: vector.f1.weighted,
      matthews: vector.matthews,
      logLoss: vector.logLoss,
      brier: vector.brier,
      prAuc: known.reduce((sum, value) => sum + value, 0) / known.length,
    };
    for (const [name, value] of Object.entries(expected))
      expect(report[name as keyof typeof expected]?.value, name).toBeCloseTo(value, 10);
    expect(report.calibration?.adaptiveEce.value).toBeCloseTo(vector.adaptive, 10);
    expect(report.calibration?.maximumCe.value).toBeCloseTo(vector.maximum, 10);
    expect(report.calibration?.overconfidence.value).toBeCloseTo(vector.overconfidence, 10);
    expect(report.selective?.aurc.value).toBeCloseTo(vector.aurc, 10);
    expect(report.confusion?.flat()).toEqual(vector.confusion);
    expect(report.top5Accuracy === undefined).toBe(k <= 5);
    expect(reportSchema.shape.clean.parse(report)).toEqual(report);
    expect(withoutScores(report)).toMatchObject({ logLoss: null, calibration: null, selective: null, brier: null });
    expect(withoutScores(report)).not.toHaveProperty('top5Accuracy');
  });

  it('makes what the schema of the report asks for', () => {
    const { logits, labels, classes } = vectors.classification[1]!;
    const report = cleanMetrics({
      logits: Float32Array.from(logits),
      labels: Int32Array.from(labels),
      classes: names(classes),
      seed: 0,
    });
    expect(reportSchema.shape.clean.parse(report)).toEqual(report);
    expect(report.f1Macro.low).toBeLessThan(report.f1Macro.value);
    expect(report.f1Macro.high).toBeGreaterThan(report.f1Macro.value);
    expect(report.perClass.every((row) => Object.keys(row.robustAccuracy).length === 0)).toBe(true);
  });

  it('says null for a class that does not occur', () => {
    const report = cleanMetrics({
      logits: Float32Array.of(2, 1, 0, 1, 2, 0),
      labels: Int32Array.of(0, 1),
      classes: names(3),
      seed: 0,
    });
    expect(report.perClass[2]).toEqual({
      label: 'class 2',
      support: 0,
      accuracy: null,
      precision: null,
      recall: null,
      f1: null,
      rocAuc: null,
      prAuc: null,
      robustAccuracy: {},
    });
    expect(report.recallMacro.value).toBe(1);
    expect(report.rocAuc?.value).toBe(1);
  });

  it('is defined without examples', () => {
    const report = cleanMetrics({ logits: new Float32Array(0), labels: new Int32Array(0), classes: names(3), seed: 0 });
    expect(report.accuracy).toEqual({ value: 0, low: 0, high: 1, n: 0 });
    expect(report.rocAuc).toBeNull();
    expect(report.ece).toBeNull();
    expect(reportSchema.shape.clean.parse(report)).toEqual(report);
  });

  it('never says NaN, whatever the logits', () => {
    const logit = fc.oneof(
      fc.float(),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1),
    );
    const example = fc.record({ label: fc.integer({ min: 0, max: 2 }), logits: fc.tuple(logit, logit, logit) });
    fc.assert(
      fc.property(fc.array(example, { maxLength: 12 }), (examples) => {
        const report = cleanMetrics({
          logits: Float32Array.from(examples.flatMap(({ logits }) => logits)),
          labels: Int32Array.from(examples, ({ label }) => label),
          classes: names(3),
          seed: 0,
          replicates: 10,
        });
        expect(numbers(report).every(Number.isFinite)).toBe(true);
        expect(reportSchema.shape.clean.parse(report)).toEqual(report);
      }),
    );
  });

  it('takes logits that are not numbers for errors', () => {
    const logits = new Float32Array(6).fill(Number.NaN);
    const report = cleanMetrics({ logits, labels: Int32Array.of(0, 0), classes: names(3), seed: 0 });
    expect(report.accuracy.value).toBe(0);
  });

  it('refuses labels that the model does not have, and shapes that do not fit', () => {
    const logits = new Float32Array(6);
    const attempt = (labels: number[], k: number) => () =>
      cleanMetrics({ logits, labels: Int32Array.from(labels), classes: names(k), seed: 0 });
    const codeOf = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return RobustnessError.is(error) ? error.code : error;
      }
      return null;
    };
    expect(codeOf(attempt([0, 3], 3))).toBe('data/labels');
    expect(codeOf(attempt([0, -1], 3))).toBe('data/labels');
    expect(codeOf(attempt([0, 1], 4))).toBe('data/shape');
    expect(codeOf(attempt([], 0))).toBe('data/shape');
  });

  it('is quick enough to be shown while a run goes on', () => {
    const [n, k] = [10_000, 10];
    const logits = Float32Array.from({ length: n * k }, (_, i) => Math.sin(i * 12.9898));
    const labels = Int32Array.from({ length: n }, (_, i) => i % k);
    // Processor time, since other processes share the machine.
    const began = process.cpuUsage();
    cleanMetrics({ logits, labels, classes: names(k), seed: 0 });
    expect(process.cpuUsage(began).user / 1e6).toBeLessThan(10);
  });
});

describe('predictions', () => {
  it('takes the first of equals, passes over NaN, and gives -1 for nothing', () => {
    const scores = [1, 1, 0, Number.NaN, 2, 1, Number.NaN, Number.NaN, Number.NaN, -Infinity, -Infinity, Number.NaN];
    expect([...predictions(scores, 3)]).toEqual([0, 1, -1, 0]);
  });
});

describe('softmax', () => {
  it('sums to one for finite logits of any size', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (logits) => {
        expect(softmax(logits, logits.length).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
      }),
    );
  });
});

describe('figures of a weighted sample', () => {
  const sample = fc
    .array(
      fc.record({
        confidence: fc.constantFrom(0.1, 0.25, 1 / 3, 0.5, 0.8, 0.81, 0.99, 1),
        correct: fc.boolean(),
        weight: fc.integer({ min: 0, max: 4 }),
      }),
      { minLength: 1, maxLength: 60 },
    )
    .filter((rows) => rows.some(({ weight }) => weight > 0))
    .map((rows) => rows.sort((a, b) => a.confidence - b.confidence));

  it('are those of the sample with each example repeated as often', () => {
    fc.assert(
      fc.property(sample, (rows) => {
        const arrays = (some: typeof rows) => ({
          confidence: Float64Array.from(some, (row) => row.confidence),
          correct: Uint8Array.from(some, (row) => Number(row.correct)),
        });
        const own = arrays(rows);
        const weights = Float64Array.from(rows, ({ weight }) => weight);
        const ranking = rankingOf(own.confidence, 1, 0);
        const repeated = arrays(rows.flatMap((row) => Array.from({ length: row.weight }, () => row)));
        const area = selectiveArea(ranking, own.correct, weights)!;
        const curve = riskCoverage(repeated.confidence, repeated.correct);
        expect(area.area).toBeCloseTo(curve.area!, 12);
        expect(area.excess).toBeCloseTo(curve.excess!, 12);
        const figures = calibrationFigures(ranking.order, own.confidence, own.correct, weights)!;
        const all = reliability(repeated.confidence, repeated.correct);
        expect(figures.adaptive).toBeCloseTo(all.adaptive!, 12);
        expect(figures.maximum).toBeCloseTo(all.maximum!, 12);
        expect(figures.overconfidence).toBeCloseTo(all.overconfidence!, 12);
      }),
    );
  });

  it('do not exist without examples', () => {
    const ranking = rankingOf([0.5], 1, 0);
    expect(selectiveArea(ranking, Uint8Array.of(1), Float64Array.of(0))).toBeNull();
    expect(calibrationFigures(ranking.order, Float64Array.of(0.5), Uint8Array.of(1), Float64Array.of(0))).toBeNull();
  });
});

describe('thinned', () => {
  it('leaves out what follows closely, after a run of equal confidences too', () => {
    const points = [0.5, 0.51, 0.52, 0.8, 1].map((coverage, risk) => ({ coverage, risk }));
    expect(thinned(points, 4).map(({ coverage }) => coverage)).toEqual([0.5, 0.8, 1]);
  });

  it('keeps the last point and at most as many as asked for, in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 60 }), (n, most) => {
        const points = Array.from({ length: n }, (_, i) => ({ coverage: (i + 1) / n, risk: i }));
        const kept = thinned(points, most);
        expect(kept.length).toBe(Math.min(n, most));
        expect(kept.at(-1)).toEqual(points.at(-1));
        expect(kept.every(({ risk }, i) => i === 0 || risk > kept[i - 1]!.risk)).toBe(true);
      }),
    );
  });
});

function close(actual: number | null, expected: number | null): void {
  if (expected === null || actual === null) expect(actual).toBe(expected);
  else expect(actual).toBeCloseTo(expected, 12);
}
