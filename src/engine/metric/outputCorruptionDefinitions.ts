import type { Definition } from './definitions';

/** What the figures of a regression under corruptions mean; the same words stand in docs/metrics.md. */
export const outputCorruptionDefinitions = {
  corruptedMae: {
    title: 'Mean error under corruptions',
    text: 'Mean absolute error of each example under each corruption and severity, the mean over all of them, and over the examples.',
    formula: 'mean over examples of mean over corruptions and severities |prediction(c(x)) − target|',
  },
  errorRatio: {
    title: 'Times the clean error',
    text: 'Mean absolute error under the corruption over that of the same examples without it: 1 is no harm. Its interval is of pairs.',
    formula: 'MAE(c) / MAE(clean)',
  },
  outputChange: {
    title: 'Mean change under corruptions',
    text: 'How far a corruption moves the outputs from what the model predicts without it, right or wrong: the mean over outputs and examples.',
    formula: 'mean |prediction(c(x)) − prediction(x)|',
  },
  toleratedUnderCorruption: {
    title: 'Within tolerance under corruptions',
    text: 'Share of the examples of which every output is within the tolerance of its target under the corruption. An example for which the model gives no number is not.',
    formula: '|{examples: |prediction(c(x)) − target| ≤ tolerance}| / n',
  },
} as const satisfies Record<string, Definition>;
