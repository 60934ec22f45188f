import { RobustnessError } from '../error';
import type { Figure, PerClass, Report } from '../report/schema';
import { calibrationError } from './calibration';
import { type Confusion, type ConfusionMargins, confusionOf, countMargins, figuresOfMargins } from './confusion';
import { type BootstrapOptions, bootstrap, share } from './interval';
import { averagePrecision } from './precisionRecall';
import { predictions, softmax } from './prediction';
import { brierScores, logLosses, topK, weightedMean } from './probabilistic';
import { calibrationFigures, reliability } from './reliability';
import { rankingOf, rocAuc } from './roc';
import { riskCoverage, selectiveArea, thinned } from './selective';

export type CleanReport = NonNullable<Report['clean']>;

export interface CleanInput {
  /** [n, classes]; the probabilities are their softmax. */
  readonly logits: Float32Array;
  /** [n] class indices. */
  readonly labels: Int32Array;
  /** Names by class index. */
  readonly classes: readonly string[];
  readonly seed: number;
  /** Of the bootstrap; by default 1000, fewer where examples times classes are many. */
  readonly replicates?: number;
}

/** Models with more classes also get the share of examples whose class is among the first five. */
const topClasses = 5;
/** A confusion matrix of more classes than this is for no reader. */
const mostConfused = 100;
/** Points of the risk-coverage curve. */
const mostPoints = 50;

/**
 * All figures of clean performance: of the confusion matrix, of the probabilities (ROC and PR AUC one against the rest, log loss, Brier
 * score, the first five), of calibration and of selective prediction, and the table by class. Shares have Wilson
 * intervals, the others stratified bootstrap ones. Macro averages run over the classes that occur among labels or predictions, an undefined
 * term counting 0 (as scikit-learn does); the AUC's over the classes that have examples and counter-examples.
 * Without examples every figure is null or says that it rests on none. Throws `data/shape` and `data/labels`.
 */
export function cleanMetrics(input: CleanInput): CleanReport {
  const { logits, labels, classes, seed } = input;
  check(input);
  const n = labels.length;
  const k = classes.length;
  const probabilities = softmax(logits, k);
  const predicted = predictions(logits, k);
  const correct = Uint8Array.from(labels, (label, i) => (label === predicted[i] ? 1 : 0));
  const confidence = Float64Array.from(predicted, (c, i) => (c < 0 ? 0 : probabilities[i * k + c]!));
  const rankings = classes.map((_, c) => rankingOf(probabilities, k, c));

  const once = new Float64Array(n).fill(1);
  const counts = countMargins(labels, predicted, k, once);
  const right = sum(correct);
  const losses = logLosses(probabilities, labels, k);
  const brier = brierScores(probabilities, labels, k);
  const byConfidence = rankingOf(confidence, 1, 0);
  const intervals = namedBootstrap(
    n,
    (weights) => {
      const margins = countMargins(labels, predicted, k, weights);
      const figures = figuresOfMargins(margins);
      const roc = rankings.map((ranking, c) => rocAuc(ranking, labels, c, weights));
      const pr = rankings.map((ranking, c) => averagePrecision(ranking, labels, c, weights));
      const calibration = calibrationFigures(byConfidence.order, confidence, correct, weights);
      const selective = selectiveArea(byConfidence, correct, weights);
      return {
        precisionMacro: [figures.precision.macro],
        recallMacro: [figures.recall.macro],
        f1Macro: [figures.f1.macro],
        f1Micro: [figures.f1.micro],
        precisionWeighted: [figures.precision.weighted],
        recallWeighted: [figures.recall.weighted],
        f1Weighted: [figures.f1.weighted],
        balancedAccuracy: [figures.balancedAccuracy],
        matthews: [figures.matthews],
        rocAuc: [mean(roc)],
        prAuc: [mean(pr)],
        ece: [calibrationError(confidence, correct, weights)],
        adaptiveEce: [calibration?.adaptive ?? null],
        maximumCe: [calibration?.maximum ?? null],
        overconfidence: [calibration?.overconfidence ?? null],
        aurc: [selective?.area ?? null],
        excessAurc: [selective?.excess ?? null],
        logLoss: [weightedMean(losses, weights)],
        brier: [weightedMean(brier, weights)],
        classF1: f1ByClass(margins),
        classRoc: roc,
        classPr: pr,
      };
    },
    { seed, strata: labels, replicates: input.replicates ?? affordable(n * k) },
  );
  const figure = (name: Exclude<keyof typeof intervals, `class${string}`>): Figure | null => intervals[name][0] ?? null;
  const orNone = (name: Parameters<typeof figure>[0]): Figure => figure(name) ?? share(0, 0);
  return {
    accuracy: share(right, n),
    precisionMacro: orNone('precisionMacro'),
    recallMacro: orNone('recallMacro'),
    f1Macro: orNone('f1Macro'),
    rocAuc: figure('rocAuc'),
    ece: figure('ece'),
    balancedAccuracy: figure('balancedAccuracy'),
    precisionMicro: share(right, sum(counts.claimed)),
    recallMicro: share(right, n),
    f1Micro: orNone('f1Micro'),
    precisionWeighted: orNone('precisionWeighted'),
    recallWeighted: orNone('recallWeighted'),
    f1Weighted: orNone('f1Weighted'),
    matthews: orNone('matthews'),
    prAuc: figure('prAuc'),
    logLoss: figure('logLoss'),
    brier: figure('brier'),
    ...(k > topClasses ? { top5Accuracy: share(sum(topK(logits, labels, k, topClasses)), n) } : {}),
    ...(k <= mostConfused ? { confusion: rowsOf(confusionOf(labels, predicted, k)) } : {}),
    calibration:
      n === 0
        ? null
        : {
            adaptiveEce: orNone('adaptiveEce'),
            maximumCe: orNone('maximumCe'),
            overconfidence: orNone('overconfidence'),
            bins: reliability(confidence, correct).bins.map((bin) => ({
              ...bin,
              accuracy: bin.accuracy === null ? null : share(Math.round(bin.accuracy * bin.n), bin.n),
            })),
          },
    selective:
      n === 0
        ? null
        : {
            aurc: orNone('aurc'),
            excessAurc: orNone('excessAurc'),
            points: [...thinned(riskCoverage(confidence, correct).points, mostPoints)],
          },
    perClass: classes.map((label, c): PerClass => {
      const hits = counts.hits[c]!;
      const support = counts.support[c]!;
      const claimed = counts.claimed[c]!;
      const recall = support > 0 ? share(hits, support) : null;
      const f1 = intervals.classF1[c] ?? null;
      return {
        label,
        support,
        // Within one class the share classified correctly is the recall; both names are customary.
        accuracy: recall,
        precision: claimed > 0 ? share(hits, claimed) : null,
        recall,
        f1: f1 && { ...f1, n: support },
        rocAuc: intervals.classRoc[c] ?? null,
        prAuc: intervals.classPr[c] ?? null,
        robustAccuracy: {},
      };
    }),
  };
}

/** What rests on scores, where a model gives labels alone: there is no confidence that could be ranked or calibrated. */
export function withoutScores(clean: CleanReport): CleanReport {
  const { top5Accuracy: _, ...labels } = clean;
  return {
    ...labels,
    rocAuc: null,
    prAuc: null,
    ece: null,
    logLoss: null,
    brier: null,
    calibration: null,
    selective: null,
    perClass: clean.perClass.map((row) => ({ ...row, rocAuc: null, prAuc: null })),
  };
}

/** `bootstrap` of statistics that have names, each a list. */
function namedBootstrap<Name extends string>(
  n: number,
  statistics: (weights: Float64Array) => Readonly<Record<Name, readonly (number | null)[]>>,
  options: BootstrapOptions,
): Record<Name, (Figure | null)[]> {
  const shape = statistics(new Float64Array(n).fill(1));
  const figures = bootstrap(
    n,
    (weights) => Object.values<readonly (number | null)[]>(statistics(weights)).flat(),
    options,
  );
  let at = 0;
  const named = Object.entries<readonly (number | null)[]>(shape).map(([name, values]) => {
    at += values.length;
    return [name, figures.slice(at - values.length, at)];
  });
  return Object.fromEntries(named) as Record<Name, (Figure | null)[]>;
}

function rowsOf({ classes, counts }: Confusion): number[][] {
  return Array.from({ length: classes }, (_, t) => [...counts.subarray(t * classes, (t + 1) * classes)]);
}

/** Null for a class that does not occur. */
function f1ByClass({ hits, support, claimed }: ConfusionMargins): (number | null)[] {
  return Array.from(hits, (hit, c) => {
    const either = support[c]! + claimed[c]!;
    return either > 0 ? (2 * hit) / either : null;
  });
}

function sum(values: Float64Array | Uint8Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function mean(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length > 0 ? defined.reduce((sum, value) => sum + value, 0) / defined.length : null;
}

/** Replicates that keep the bootstrap to about a second; below 100 the percentiles would mean little. */
function affordable(size: number): number {
  return Math.max(100, Math.min(1000, Math.floor(2.5e7 / (size + 1))));
}

function check({ logits, labels, classes }: CleanInput): void {
  if (classes.length === 0 || logits.length !== labels.length * classes.length) {
    throw new RobustnessError(
      'data/shape',
      `${logits.length} scores do not make ${labels.length} examples of ${classes.length} classes.`,
      "Check that the model's output has one score a class, and that `data.classes` lists each class once.",
    );
  }
  const stray = labels.find((label) => label < 0 || label >= classes.length);
  if (stray !== undefined) {
    throw new RobustnessError(
      'data/labels',
      `The data has label ${stray}, but the model tells ${classes.length} classes apart (0 to ${classes.length - 1}).`,
      'Check the label column or array, and that labels count from 0.',
    );
  }
}
