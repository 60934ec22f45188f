/** Counts of examples by true class (row) and predicted class (column): [classes, classes]; what is predicted as none is left out. */
export interface Confusion {
  readonly classes: number;
  /** [classes × classes], row by row. */
  readonly counts: Float64Array;
  /** [classes] examples of each class, those predicted as none too. */
  readonly support: Float64Array;
}

/** The three customary ways to average a figure of classes. */
export interface Averages {
  /** Each class that occurs counts the same. */
  readonly macro: number;
  /** Each example counts the same. */
  readonly micro: number;
  /** Each class counts by its examples. */
  readonly weighted: number;
}

export interface ConfusionFigures {
  readonly accuracy: number;
  /** Mean recall over the classes that have examples; null without examples. */
  readonly balancedAccuracy: number | null;
  readonly precision: Averages;
  readonly recall: Averages;
  readonly f1: Averages;
  /** Matthews correlation of labels and predictions (Gorodkin 2004, R_K); 0 where one of them does not vary. */
  readonly matthews: number;
}

/**
 * Confusion matrix of a weighted sample.
 * @param labels [n] class indices
 * @param predicted [n] class indices, -1 for none
 * @param weights [n]; each example once if absent
 */
export function confusionOf(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
  weights?: Float64Array,
): Confusion {
  const counts = new Float64Array(classes * classes);
  const support = new Float64Array(classes);
  for (let i = 0; i < labels.length; i++) {
    const weight = weights === undefined ? 1 : weights[i]!;
    support[labels[i]!]! += weight;
    if (predicted[i]! >= 0) counts[labels[i]! * classes + predicted[i]!]! += weight;
  }
  return { classes, counts, support };
}

/** What the figures of a confusion matrix follow from: all [classes], sums of weights. */
export interface ConfusionMargins {
  /** Examples of the class that are predicted as it. */
  readonly hits: Float64Array;
  /** Examples of the class. */
  readonly support: Float64Array;
  /** Examples predicted as the class. */
  readonly claimed: Float64Array;
}

/** The diagonal and the sums of the rows and columns. */
export function marginsOf({ classes, counts, support }: Confusion): ConfusionMargins {
  const hits = new Float64Array(classes);
  const claimed = new Float64Array(classes);
  for (let t = 0; t < classes; t++) {
    hits[t] = counts[t * classes + t]!;
    for (let p = 0; p < classes; p++) claimed[p]! += counts[t * classes + p]!;
  }
  return { hits, support, claimed };
}

/** The same of labels and predictions, without the matrix: what a resample needs. Arguments as in `confusionOf`. */
export function countMargins(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
  weights: Float64Array,
): ConfusionMargins {
  const hits = new Float64Array(classes);
  const support = new Float64Array(classes);
  const claimed = new Float64Array(classes);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    const guess = predicted[i]!;
    support[label]! += weights[i]!;
    if (guess >= 0) claimed[guess]! += weights[i]!;
    if (guess === label) hits[label]! += weights[i]!;
  }
  return { hits, support, claimed };
}

/** The figures of a confusion matrix; see `figuresOfMargins`. */
export function confusionFigures(confusion: Confusion): ConfusionFigures {
  return figuresOfMargins(marginsOf(confusion));
}

/**
 * The figures of a confusion matrix as scikit-learn defines them (`zero_division=0`): averages run over the classes that occur
 * among labels or predictions, a term that is undefined counts 0. Without examples all are 0 or null.
 */
export function figuresOfMargins({ hits: own, support, claimed }: ConfusionMargins): ConfusionFigures {
  const classes = own.length;
  let hits = 0;
  let total = 0;
  let predictedAtAll = 0;
  for (let c = 0; c < classes; c++) {
    total += support[c]!;
    hits += own[c]!;
    predictedAtAll += claimed[c]!;
  }
  const macro = [0, 0, 0];
  const weighted = [0, 0, 0];
  let occurring = 0;
  let present = 0;
  let recalls = 0;
  for (let c = 0; c < classes; c++) {
    if (support[c]! + claimed[c]! === 0) continue;
    occurring++;
    const hit = own[c]!;
    const terms = [ratio(hit, claimed[c]!), ratio(hit, support[c]!), ratio(2 * hit, support[c]! + claimed[c]!)];
    for (let k = 0; k < 3; k++) {
      macro[k]! += terms[k]!;
      weighted[k]! += terms[k]! * support[c]!;
    }
    if (support[c] === 0) continue;
    present++;
    recalls += terms[1]!;
  }
  const micro = [ratio(hits, predictedAtAll), ratio(hits, total), ratio(2 * hits, total + predictedAtAll)];
  const averages = (k: number): Averages => ({
    macro: ratio(macro[k]!, occurring),
    micro: micro[k]!,
    weighted: ratio(weighted[k]!, total),
  });
  return {
    accuracy: ratio(hits, total),
    balancedAccuracy: present > 0 ? recalls / present : null,
    precision: averages(0),
    recall: averages(1),
    f1: averages(2),
    matthews: matthews(hits, total, support, claimed),
  };
}

/** Gorodkin 2004, Comparing two K-category assignments by a K-category correlation coefficient, equation 8. */
function matthews(hits: number, total: number, support: Float64Array, claimed: Float64Array): number {
  let both = 0;
  let truths = 0;
  let guesses = 0;
  for (let c = 0; c < support.length; c++) {
    both += support[c]! * claimed[c]!;
    truths += support[c]! ** 2;
    guesses += claimed[c]! ** 2;
  }
  const spread = Math.sqrt((total ** 2 - truths) * (total ** 2 - guesses));
  return spread > 0 ? (hits * total - both) / spread : 0;
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
