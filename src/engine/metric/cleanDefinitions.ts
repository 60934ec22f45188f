import type { Definition } from './definitions';

/** What the figures of clean performance mean beyond the first ones; the same words stand in docs/metrics.md. */
export const cleanDefinitions = {
  balancedAccuracy: {
    title: 'Balanced accuracy',
    text: 'Mean recall over the classes that have examples: accuracy as it would be if all classes were equally frequent.',
    formula: 'mean over classes with examples of TP / (TP + FN)',
  },
  precisionMicro: {
    title: 'Precision (micro)',
    text: 'Precision over all classes together: of the examples that are assigned to any class, the share that belong to it. With one class an example it is the accuracy.',
    formula: 'Σ TP / Σ (TP + FP)',
  },
  recallMicro: {
    title: 'Recall (micro)',
    text: 'Recall over all classes together. With one class an example it is the accuracy.',
    formula: 'Σ TP / Σ (TP + FN)',
  },
  f1Micro: {
    title: 'F1 (micro)',
    text: 'Harmonic mean of micro precision and micro recall. With one class an example it is the accuracy.',
    formula: '2·Σ TP / Σ (2·TP + FP + FN)',
  },
  precisionWeighted: {
    title: 'Precision (weighted)',
    text: 'Precision averaged over the classes that occur, each counting by its examples.',
    formula: 'Σ over classes of (n of class / n) · TP / (TP + FP)',
  },
  recallWeighted: {
    title: 'Recall (weighted)',
    text: 'Recall averaged over the classes, each counting by its examples: it is the accuracy.',
    formula: 'Σ over classes of (n of class / n) · TP / (TP + FN)',
  },
  f1Weighted: {
    title: 'F1 (weighted)',
    text: 'F1 averaged over the classes that occur, each counting by its examples.',
    formula: 'Σ over classes of (n of class / n) · 2·TP / (2·TP + FP + FN)',
  },
  matthews: {
    title: 'Matthews correlation',
    text: 'Correlation of labels and predictions over the whole confusion matrix (Gorodkin 2004): 1 for perfect, 0 for guesses, also where classes are unbalanced.',
    formula: '(s·n − Σ tₖ·pₖ) / √((n² − Σ pₖ²)·(n² − Σ tₖ²)), s correct, tₖ examples and pₖ predictions of class k',
  },
  prAuc: {
    title: 'PR AUC (one against the rest, macro)',
    text: 'Average precision of each class against the rest as its threshold falls, without interpolation, averaged over the classes that have examples. Unlike ROC AUC it falls with the rarity of the class.',
    formula: 'mean over classes of Σ (R(i) − R(i − 1)) · P(i)',
  },
  logLoss: {
    title: 'Log loss (cross-entropy)',
    text: 'Mean of −ln of the probability that the true class was given; 0 is best, ln of the number of classes is a guess. Sure errors cost most.',
    formula: 'mean of −ln p(true class), p kept within [2⁻⁵², 1 − 2⁻⁵²]',
  },
  brier: {
    title: 'Brier score',
    text: 'Mean over examples of the squared distance of the probabilities from the truth, summed over classes (Brier 1950): 0 is best, 2 worst. With two classes it is twice the score that is customary for them.',
    formula: 'mean of Σ over classes of (p − [class is the true one])²',
  },
  top5Accuracy: {
    title: 'Top-5 accuracy',
    text: 'Share of the examples whose class is among the five with the greatest scores.',
    formula: 'examples with the true class among the first 5 / n',
  },
  confusion: {
    title: 'Confusion matrix',
    text: 'Examples by their true class (row) and the class that the model predicts (column). The diagonal is what is right.',
    formula: 'C[t, p] = examples of class t predicted as p',
  },
  adaptiveEce: {
    title: 'Adaptive calibration error',
    text: "As the expected calibration error, over 15 bins that hold the same number of examples (Nguyen & O'Connor 2015), so that no bin rests on a few.",
    formula: 'Σ over bins of equal counts of |bin| / n · |accuracy(bin) − confidence(bin)|',
  },
  maximumCe: {
    title: 'Maximum calibration error',
    text: 'The largest gap of accuracy and confidence in any of 15 equal-width bins (Guo et al. 2017); a bin of few examples may set it.',
    formula: 'max over bins of |accuracy(bin) − confidence(bin)|',
  },
  overconfidence: {
    title: 'Overconfidence',
    text: 'Mean confidence in the predicted class less the accuracy: above 0 the model is surer than it is right, below 0 less sure.',
    formula: 'mean confidence − accuracy',
  },
  aurc: {
    title: 'Area under the risk-coverage curve (AURC)',
    text: 'Mean share of errors among the accepted examples, as the model refuses those that it is least sure of (Geifman et al. 2019): low where it knows when it is wrong.',
    formula: 'mean over examples of the risk at their coverage',
  },
  excessAurc: {
    title: 'Excess AURC',
    text: 'AURC less that of the best order there can be: 0 where every error is less sure than every success, whatever the accuracy (Geifman et al. 2019).',
    formula: 'AURC − AURC of the best order',
  },
  worstGroup: {
    title: 'Worst group',
    text: 'The group of examples (a column, an array, a folder) with the lowest accuracy (Sagawa et al. 2020): an average hides whom a model fails. The smaller the groups, the lower the worst of them is by chance alone; read the intervals.',
    formula: 'min over groups of correct in group / n of group',
  },
  groupGap: {
    title: 'Gap between groups',
    text: 'Highest less lowest accuracy of a group.',
    formula: 'max over groups − min over groups',
  },
  generalisationGap: {
    title: 'Generalisation gap',
    text: 'Accuracy on the training data less that on the test data, with the same pre-processing; of the training data a sample that is drawn from each class by its share. Large where the model has learnt its training examples by heart (overfitting). The interval is that of Newcombe (1998).',
    formula: 'accuracy(train) − accuracy(test)',
  },
} as const satisfies Record<string, Definition>;
