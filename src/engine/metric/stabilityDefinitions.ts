import type { Definition } from './definitions';

/** What the figures of sequences and of changes between versions mean; the same words stand in docs/metrics.md. */
export const stabilityDefinitions = {
  flipProbability: {
    title: 'Flip probability',
    text: 'Share of the steps of sequences of small perturbations at which the predicted class changes (Hendrycks & Dietterich 2019): from one frame to the next; of noise, which has no order, from the first frame to each other. Whether the prediction is right does not matter. The interval draws examples, each with all of its steps.',
    formula: 'mean over sequences and steps j of [prediction(j) ≠ prediction(j − 1)]',
  },
  meanFlipProbability: {
    title: 'Mean flip probability (mFP)',
    text: 'Mean of the flip probabilities over the kinds of sequences that were measured.',
    formula: 'mean over kinds of FP',
  },
  meanFlipRate: {
    title: 'Mean flip rate (mFR)',
    text: 'Mean over the kinds of sequences of the ratio of the flip probability to that of a reference model; 100 % is as unstable as the reference, less is steadier. Kinds in which the reference never flips have no ratio and are left out. The reference counts as exact.',
    formula: 'mean over kinds of FP / FP(reference)',
  },
  sequenceIndex: {
    title: 'Stability along sequences',
    text: 'Share of the steps at which the prediction stays, averaged over the kinds of sequences.',
    formula: '1 − mFP',
  },
  steadySequences: {
    title: 'Steady sequences',
    text: 'Share of the examples whose prediction never changes along the whole sequence.',
    formula: 'sequences without a flip / sequences',
  },
  top5Distance: {
    title: 'Top-5 distance',
    text: 'How far the five highest classes of a frame stand apart from their places in the frame that it is held against, all places from the sixth on counting as one; 0 where they are the same in the same order. Mean over steps (Hendrycks & Dietterich 2019). Relative to a reference and averaged over the kinds, it is the mean top-5 distance (mT5D).',
    formula: 'mean over steps of Σ for i = 1 … 5 of |i − min(σ(i), 6)|, σ(i) the new rank of class i',
  },
  churn: {
    title: 'Prediction churn',
    text: 'Share of the same examples whose predicted class is another than that of the baseline, right or wrong (Milani Fard et al. 2016). Under a threat model: share whose outcome is another, standing or not.',
    formula: 'predictions that differ / n',
  },
  negativeFlips: {
    title: 'Negative flips',
    text: 'Share of the same examples that the baseline gets right and this model gets wrong (Yan et al. 2021): what users lose by the change, however much the average gains. Under a threat model: that withstood its attacks and do no longer.',
    formula: 'right before and wrong now / n',
  },
  positiveFlips: {
    title: 'Positive flips',
    text: 'Share of the same examples that the baseline gets wrong and this model gets right.',
    formula: 'wrong before and right now / n',
  },
} as const satisfies Record<string, Definition>;
