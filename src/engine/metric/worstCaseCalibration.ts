import type { AttackedCalibration } from '../report/calibration';
import { calibrationError } from './calibration';
import { bootstrap, share } from './interval';
import { weightedMean } from './probabilistic';
import { calibrationFigures, reliability } from './reliability';
import { rankingOf } from './roc';
import { riskCoverage, selectiveArea, thinned } from './selective';

/** Confidence from which a wrong answer counts as a sure one. */
export const SURE = 0.9;

const mostPoints = 50;
/** Replicates that keep the bootstrap short; below 100 the percentiles would mean little. */
const replicatesFor = (n: number) => Math.max(100, Math.min(1000, Math.floor(1e7 / (n + 1))));

export interface WorstCaseInput {
  /** [n] in the predicted class of each example in its worst case, 0..1. */
  readonly confidence: Float64Array;
  /** [n] Brier scores there, 0..2. */
  readonly brier: Float64Array;
  /** [n] true classes: the strata of the resamples. */
  readonly labels: Int32Array;
  /** [n] 1 where the model is right even so. */
  readonly correct: Uint8Array;
  /** [n] 1 where an attack broke it. */
  readonly broken: Uint8Array;
  /** Examples of which the confidence is not known. */
  readonly leftOut: number;
}

/** Calibration and selective prediction where each example is in the worst case that was found, with bootstrap intervals. */
export function worstCaseCalibration(input: WorstCaseInput, seed: number): Omit<AttackedCalibration, 'threatModel'> {
  const { confidence, brier, labels, correct, broken, leftOut } = input;
  const n = confidence.length;
  const ranking = rankingOf(confidence, 1, 0);
  const [meanConfidence, overconfidence, ece, adaptiveEce, aurc, excessAurc, brierScore] = bootstrap(
    n,
    (weights) => {
      const figures = calibrationFigures(ranking.order, confidence, correct, weights);
      const selective = selectiveArea(ranking, correct, weights);
      return [
        weightedMean(confidence, weights),
        figures?.overconfidence ?? null,
        calibrationError(confidence, correct, weights),
        figures?.adaptive ?? null,
        selective?.area ?? null,
        selective?.excess ?? null,
        weightedMean(brier, weights),
      ];
    },
    { seed, strata: labels, replicates: replicatesFor(n) },
  ).map((figure) => figure ?? share(0, 0));
  let [total, sum, sure] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    if (broken[i] !== 1) continue;
    total++;
    sum += confidence[i]!;
    if (confidence[i]! >= SURE) sure++;
  }
  return {
    n,
    leftOut,
    meanConfidence: meanConfidence!,
    overconfidence: overconfidence!,
    ece: ece!,
    adaptiveEce: adaptiveEce!,
    aurc: aurc!,
    excessAurc: excessAurc!,
    brier: brierScore!,
    broken: { n: total, meanConfidence: total === 0 ? null : sum / total, sure: share(sure, total) },
    bins: reliability(confidence, correct).bins.map((bin) => ({
      ...bin,
      accuracy: bin.accuracy === null ? null : share(Math.round(bin.accuracy * bin.n), bin.n),
    })),
    points: [...thinned(riskCoverage(confidence, correct).points, mostPoints)],
  };
}
