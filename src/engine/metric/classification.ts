import { RobustnessError } from '../error';
import type { PerClass, Report } from '../report/schema';
import { calibrationError } from './calibration';
import { bootstrap, share } from './interval';
import { predictions, softmax } from './prediction';
import { rankingOf, rocAuc } from './roc';

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

/**
 * Accuracy, macro precision, recall and F1, one-vs-rest ROC AUC, calibration error and the table by class. Shares have Wilson
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

  const counts = countClasses(labels, predicted, new Float64Array(n).fill(1), k);
  const intervals = bootstrap(
    n,
    (weights) => {
      const { f1, macro } = scores(countClasses(labels, predicted, weights, k));
      const auc = rankings.map((ranking, c) => rocAuc(ranking, labels, c, weights));
      return [...macro, mean(auc), calibrationError(confidence, correct, weights), ...f1, ...auc];
    },
    { seed, strata: labels, replicates: input.replicates ?? affordable(n * k) },
  );
  const [precisionMacro, recallMacro, f1Macro, auc, ece] = intervals;
  return {
    accuracy: share(
      correct.reduce((sum, value) => sum + value, 0),
      n,
    ),
    precisionMacro: precisionMacro ?? share(0, 0),
    recallMacro: recallMacro ?? share(0, 0),
    f1Macro: f1Macro ?? share(0, 0),
    rocAuc: auc ?? null,
    ece: ece ?? null,
    perClass: classes.map((label, c): PerClass => {
      const hits = counts.hits[c]!;
      const support = counts.support[c]!;
      const claimed = counts.claimed[c]!;
      const recall = support > 0 ? share(hits, support) : null;
      const f1 = intervals[5 + c] ?? null;
      return {
        label,
        support,
        // Within one class the share classified correctly is the recall; both names are customary.
        accuracy: recall,
        precision: claimed > 0 ? share(hits, claimed) : null,
        recall,
        f1: f1 && { ...f1, n: support },
        rocAuc: intervals[5 + k + c] ?? null,
        robustAccuracy: {},
      };
    }),
  };
}

interface ClassCounts {
  /** By class: examples of it that are predicted as it. */
  readonly hits: Float64Array;
  /** Examples of the class. */
  readonly support: Float64Array;
  /** Examples predicted as the class. */
  readonly claimed: Float64Array;
}

function countClasses(labels: Int32Array, predicted: Int32Array, weights: Float64Array, k: number): ClassCounts {
  const counts = { hits: new Float64Array(k), support: new Float64Array(k), claimed: new Float64Array(k) };
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    const guess = predicted[i]!;
    counts.support[label]! += weights[i]!;
    if (guess >= 0) counts.claimed[guess]! += weights[i]!;
    if (guess === label) counts.hits[label]! += weights[i]!;
  }
  return counts;
}

/** F1 by class (null for a class that does not occur), and macro [precision, recall, F1]. */
function scores({ hits, support, claimed }: ClassCounts): { f1: (number | null)[]; macro: number[] } {
  const f1: (number | null)[] = [];
  const sums = [0, 0, 0];
  let occurring = 0;
  hits.forEach((hit, c) => {
    const either = support[c]! + claimed[c]!;
    f1.push(either > 0 ? (2 * hit) / either : null);
    if (either === 0) return;
    occurring++;
    sums[0]! += claimed[c]! > 0 ? hit / claimed[c]! : 0;
    sums[1]! += support[c]! > 0 ? hit / support[c]! : 0;
    sums[2]! += (2 * hit) / either;
  });
  return { f1, macro: sums.map((sum) => (occurring > 0 ? sum / occurring : 0)) };
}

function mean(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length > 0 ? defined.reduce((sum, value) => sum + value, 0) / defined.length : null;
}

/** Replicates that keep the bootstrap to about a second; below 100 the percentiles would mean little. */
function affordable(size: number): number {
  return Math.max(100, Math.min(1000, Math.floor(5e7 / (size + 1))));
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
