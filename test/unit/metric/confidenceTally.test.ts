import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { calibrationError } from '../../../src/engine/metric/calibration';
import { confidences } from '../../../src/engine/metric/confidence';
import {
  addConfidence,
  type ConfidenceTally,
  emptyConfidenceTally,
  mergedTallies,
  talliedBins,
  talliedFigures,
  talliedRisk,
} from '../../../src/engine/metric/confidenceTally';
import { predictions } from '../../../src/engine/metric/prediction';
import { adaptiveCalibrationError, reliability } from '../../../src/engine/metric/reliability';
import { riskCoverage } from '../../../src/engine/metric/selective';
import { worstCaseCalibration } from '../../../src/engine/metric/worstCaseCalibration';
import { Random } from '../../../src/engine/random';

const figureNames = [
  'accuracy',
  'meanConfidence',
  'overconfidence',
  'ece',
  'adaptiveEce',
  'aurc',
  'excessAurc',
  'brier',
] as const;
type Vector = { name: string; labels: number[]; logits: number[]; classes: number } & Record<
  (typeof figureNames)[number] | 'exactAdaptiveEce' | 'exactAurc',
  number
>;

// Written by bench/parity/calibration.py.
const vectors = JSON.parse(
  readFileSync(new URL('../../fixtures/calibration-parity.json', import.meta.url), 'utf8'),
) as Vector[];

function tallied({ labels, logits, classes }: Vector): {
  tally: ConfidenceTally;
  confidence: Float64Array;
  correct: Uint8Array;
  brier: Float64Array;
} {
  const own = Int32Array.from(labels);
  const scores = Float32Array.from(logits);
  const { confidence, brier } = confidences(scores, own, classes);
  const correct = Uint8Array.from(predictions(scores, classes), (p, i) => (p === own[i] ? 1 : 0));
  const tally = emptyConfidenceTally();
  for (let i = 0; i < own.length; i++) addConfidence(tally, confidence[i]!, correct[i]!, brier[i]!);
  return { tally, confidence: Float64Array.from(confidence), correct, brier: Float64Array.from(brier) };
}

function agree(own: number, theirs: number): void {
  expect(Math.abs(own - theirs)).toBeLessThanOrEqual(1e-9 * Math.abs(theirs) + 1e-12);
}

describe.each(vectors)('a tally of confidences: $name', (vector) => {
  const { tally, confidence, correct, brier } = tallied(vector);

  it('has the figures of an independent computation', () => {
    const figures = talliedFigures(tally)!;
    for (const name of figureNames) agree(figures[name], vector[name]);
  });

  it('has the bars that the whole stream has', () => {
    for (const [b, bin] of reliability(confidence, correct).bins.entries()) {
      const own = talliedBins(tally)[b]!;
      expect([own.low, own.high, own.n]).toEqual([bin.low, bin.high, bin.n]);
      agree(own.confidence ?? 0, bin.confidence ?? 0);
      agree(own.accuracy ?? 0, bin.accuracy ?? 0);
    }
  });

  it('is the same whichever way the stream was cut', () => {
    const parts = [emptyConfidenceTally(), emptyConfidenceTally(), emptyConfidenceTally()];
    for (let i = 0; i < confidence.length; i++) addConfidence(parts[i % 3]!, confidence[i]!, correct[i]!, brier[i]!);
    const merged = talliedFigures(mergedTallies(parts))!;
    for (const name of figureNames) expect(merged[name]).toBeCloseTo(talliedFigures(tally)![name], 12);
  });

  it('gives the worst case exactly where all values are held', () => {
    const figures = worstCaseCalibration(
      {
        confidence,
        brier,
        correct,
        labels: Int32Array.from(vector.labels),
        broken: correct.map((c) => 1 - c),
        leftOut: 0,
      },
      0,
    );
    agree(figures.ece.value, vector.ece);
    agree(figures.adaptiveEce.value, vector.exactAdaptiveEce);
    agree(figures.aurc.value, vector.exactAurc);
    agree(figures.meanConfidence.value, vector.meanConfidence);
    agree(figures.overconfidence.value, vector.overconfidence);
    agree(figures.brier.value, vector.brier);
    const wrong = confidence.filter((_, i) => correct[i] === 0);
    expect(figures.broken.n).toBe(wrong.length);
    expect(figures.broken.sure.value * Math.max(1, wrong.length)).toBeCloseTo(wrong.filter((c) => c >= 0.9).length, 9);
  });
});

describe('steps of confidence', () => {
  it('lose less than 0.005 of the adaptive error and of AURC, at any sharpness', () => {
    const random = Random.of(1, 'tally');
    for (const sharpness of [0.5, 2, 8]) {
      const n = 5000;
      const confidence = Float64Array.from({ length: n }, () => 1 / (1 + Math.exp(-sharpness * (1 + random.normal()))));
      const correct = Uint8Array.from(confidence, (c) => (random.uniform() < 0.9 * c ? 1 : 0));
      const tally = emptyConfidenceTally();
      for (let i = 0; i < n; i++) addConfidence(tally, confidence[i]!, correct[i]!, 0);
      const figures = talliedFigures(tally)!;
      expect(Math.abs(figures.adaptiveEce - adaptiveCalibrationError(confidence, correct)!)).toBeLessThan(5e-3);
      expect(Math.abs(figures.aurc - riskCoverage(confidence, correct).area!)).toBeLessThan(5e-3);
      agree(figures.ece, calibrationError(confidence, correct, new Float64Array(n).fill(1))!);
    }
  });

  it('hold what is no probability at their ends', () => {
    const tally = emptyConfidenceTally();
    for (const confidence of [0, 1]) addConfidence(tally, confidence, 1, 0);
    expect(talliedRisk(tally).points.at(-1)).toEqual({ coverage: 1, risk: 0 });
    expect(talliedFigures(tally)?.ece).toBe(0.5);
  });

  it('are nothing without predictions', () => {
    expect(talliedFigures(emptyConfidenceTally())).toBeNull();
    expect(talliedRisk(emptyConfidenceTally()).area).toBeNull();
  });
});
