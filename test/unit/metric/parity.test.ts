import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { confusionFigures, confusionOf } from '../../../src/engine/metric/confusion';
import { columnDrift, maximumMeanDiscrepancy } from '../../../src/engine/metric/drift';
import { baselineTrend, effectiveRobustness } from '../../../src/engine/metric/effectiveRobustness';
import { groupAccuracies } from '../../../src/engine/metric/groups';
import { detection, outlierScore, outlierScores } from '../../../src/engine/metric/outOfDistribution';
import { pairedComparison } from '../../../src/engine/metric/paired';
import { averagePrecision } from '../../../src/engine/metric/precisionRecall';
import { predictions, softmax } from '../../../src/engine/metric/prediction';
import { brierScores, logLosses, topK, weightedMean } from '../../../src/engine/metric/probabilistic';
import { regressionMetrics } from '../../../src/engine/metric/regression';
import { reliability } from '../../../src/engine/metric/reliability';
import { rankingOf } from '../../../src/engine/metric/roc';
import { riskCoverage } from '../../../src/engine/metric/selective';

interface Averages {
  macro: number;
  micro: number;
  weighted: number;
}
interface Vectors {
  classification: {
    name: string;
    labels: number[];
    logits: number[];
    classes: number;
    confusion: number[];
    accuracy: number;
    balancedAccuracy: number;
    precision: Averages;
    recall: Averages;
    f1: Averages;
    matthews: number;
    logLoss: number;
    brier: number;
    topTwo: number | null;
    averagePrecision: (number | null)[];
    adaptive: number;
    maximum: number;
    overconfidence: number;
    aurc: number;
    groups: Record<string, number>;
  }[];
  detection: {
    name: string;
    classes: number;
    inside: number[];
    outside: number[];
    figures: Record<string, { auroc: number; aupr: number; fpr95: number }>;
  }[];
  drift: { name: string; a: number[]; b: number[]; ks: number; pValue: number; psi: number }[];
  discrepancy: { name: string; size: number; a: number[]; b: number[]; mmd: number }[];
  paired: {
    name: string;
    first: number[];
    second: number[];
    onlyFirst: number;
    onlySecond: number;
    pValue: number;
  }[];
  trend: {
    points: { standard: number; shifted: number }[];
    slope: number;
    intercept: number;
    point: { standard: number; shifted: number };
    effective: number;
  };
  regression: {
    name: string;
    outputs: number;
    targets: number[];
    predictions: number[];
    mae: number;
    rmse: number;
    r2: number | null;
    medianError: number;
  }[];
}

// Written by bench/parity/metrics.py.
const vectors = JSON.parse(
  readFileSync(new URL('../../fixtures/metric-parity.json', import.meta.url), 'utf8'),
) as Vectors;

/** Equal to 1e-9 relative, or to 1e-12 where the value is about 0. */
function agree(own: number | null | undefined, theirs: number | null): void {
  if (theirs === null) {
    expect(own).toBeNull();
    return;
  }
  expect(own).toBeTypeOf('number');
  expect(Math.abs(own! - theirs)).toBeLessThanOrEqual(1e-9 * Math.abs(theirs) + 1e-12);
}

describe.each(vectors.classification)('figures of scikit-learn: $name', (vector) => {
  const { classes: k } = vector;
  const labels = Int32Array.from(vector.labels);
  const logits = Float32Array.from(vector.logits);
  const n = labels.length;
  const once = new Float64Array(n).fill(1);
  const p = softmax(logits, k);
  const predicted = predictions(logits, k);
  const correct = Uint8Array.from(labels, (label, i) => (label === predicted[i] ? 1 : 0));
  const confidence = Float64Array.from(predicted, (c, i) => p[i * k + c]!);

  it('confusion matrix and what follows from it', () => {
    const confusion = confusionOf(labels, predicted, k);
    expect([...confusion.counts]).toEqual(vector.confusion);
    const figures = confusionFigures(confusion);
    agree(figures.accuracy, vector.accuracy);
    agree(figures.balancedAccuracy, vector.balancedAccuracy);
    agree(figures.matthews, vector.matthews);
    for (const name of ['precision', 'recall', 'f1'] as const)
      for (const way of ['macro', 'micro', 'weighted'] as const) agree(figures[name][way], vector[name][way]);
  });

  it('log loss, Brier score and the first two classes', () => {
    agree(weightedMean(logLosses(p, labels, k), once), vector.logLoss);
    agree(weightedMean(brierScores(p, labels, k), once), vector.brier);
    if (vector.topTwo !== null) agree(weightedMean(topK(logits, labels, k, 2), once), vector.topTwo);
  });

  it('average precision of each class', () => {
    for (let c = 0; c < k; c++)
      agree(averagePrecision(rankingOf(p, k, c), labels, c, once), vector.averagePrecision[c]!);
  });

  it('reliability, and risk against coverage', () => {
    const figures = reliability(confidence, correct);
    agree(figures.adaptive, vector.adaptive);
    agree(figures.maximum, vector.maximum);
    agree(figures.overconfidence, vector.overconfidence);
    expect(figures.bins.reduce((sum, bin) => sum + bin.n, 0)).toBe(n);
    const curve = riskCoverage(confidence, correct);
    agree(curve.area, vector.aurc);
    expect(curve.excess).toBeGreaterThanOrEqual(-1e-12);
    expect(curve.points.at(-1)?.coverage).toBe(1);
    agree(curve.points.at(-1)?.risk, 1 - vector.accuracy);
  });

  it('accuracy of groups', () => {
    const { groups, worst } = groupAccuracies(
      vector.labels.map((label) => String(label % 3)),
      correct,
    );
    expect(groups.map(({ name }) => name)).toEqual(Object.keys(vector.groups).sort());
    for (const { name, accuracy } of groups) agree(accuracy.value, vector.groups[name]!);
    agree(worst?.accuracy.value, Math.min(...Object.values(vector.groups)));
  });
});

describe.each(vectors.detection)('detection of outliers: $name', ({ classes, inside, outside, figures }) => {
  it.each(outlierScores)('by %s', (score) => {
    // Rounded as the vectors are: sums in another order differ in the last bit.
    const scores = (logits: number[]) =>
      outlierScore(Float32Array.from(logits), classes, score).map((value) => Number(value.toFixed(12)));
    const own = detection(scores(inside), scores(outside));
    for (const name of ['auroc', 'aupr', 'fpr95'] as const) agree(own?.[name], figures[score]![name]);
  });
});

it.each(vectors.drift)('drift of a column: $name', ({ a, b, ks, pValue, psi }) => {
  const own = columnDrift(a, b);
  agree(own?.ks, ks);
  agree(own?.pValue, pValue);
  agree(own?.psi, psi);
});

it.each(vectors.discrepancy)('maximum mean discrepancy: $name', ({ a, b, size, mmd }) => {
  agree(maximumMeanDiscrepancy(a, b, size), mmd);
});

it.each(vectors.paired)('McNemar: $name', ({ first, second, ...theirs }) => {
  const own = pairedComparison(Uint8Array.from(first), Uint8Array.from(second));
  expect([own?.onlyFirst, own?.onlySecond]).toEqual([theirs.onlyFirst, theirs.onlySecond]);
  agree(own?.pValue, theirs.pValue);
});

it('effective robustness over a trend of baselines', () => {
  const { points, point, slope, intercept, effective } = vectors.trend;
  const trend = baselineTrend(points);
  agree(trend?.slope, slope);
  agree(trend?.intercept, intercept);
  agree(effectiveRobustness(point, trend!), effective);
});

it.each(vectors.regression)('regression: $name', ({ outputs, targets, predictions: p, ...theirs }) => {
  const own = regressionMetrics({
    predictions: Float32Array.from(p),
    targets: Float32Array.from(targets),
    outputs,
    seed: 0,
    replicates: 20,
  });
  agree(own.mae.value, theirs.mae);
  agree(own.rmse.value, theirs.rmse);
  agree(own.r2?.value ?? null, theirs.r2);
  agree(own.medianError.value, theirs.medianError);
});
