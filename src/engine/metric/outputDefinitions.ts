import type { Definition } from './definitions';
import { outputCorruptionDefinitions } from './outputCorruptionDefinitions';

/** What the figures of a regression mean; the same words stand in docs/metrics.md. */
export const outputDefinitions = {
  mae: {
    title: 'Mean absolute error (MAE)',
    text: 'Mean over examples, and over outputs, of how far the prediction is from its target.',
    formula: 'mean |prediction − target|',
  },
  rmse: {
    title: 'Root mean squared error (RMSE)',
    text: 'Root of the mean over examples, and over outputs, of the squared error: large errors weigh more.',
    formula: '√ mean (prediction − target)²',
  },
  r2: {
    title: 'Coefficient of determination (R²)',
    text: 'Share of the variance of the targets that the predictions explain; the mean over outputs whose targets vary. It can be negative.',
    formula: '1 − Σ(target − prediction)² / Σ(target − mean target)²',
  },
  medianError: {
    title: 'Median error',
    text: 'Half of the examples have a mean absolute error below it.',
    formula: 'median over examples of mean over outputs |prediction − target|',
  },
  worstCase: {
    title: 'Worst case',
    text: 'The error of each example at the perturbation, within the threat model, where the attacks that ran found it largest; then MAE and RMSE over these. Stronger attacks can only raise it.',
    formula: 'mean over examples of max over attacks |prediction(x + δ) − target|',
  },
  meanChange: {
    title: 'Mean change',
    text: 'How far attacks moved an output from what the model predicts without them, the mean over examples.',
    formula: 'mean over examples of max |prediction(x + δ) − prediction(x)|',
  },
  maxChange: {
    title: 'Largest change',
    text: 'How far attacks moved an output of any example from what the model predicts without them.',
    formula: 'max |prediction(x + δ) − prediction(x)|',
  },
  withinTolerance: {
    title: 'Within tolerance',
    text: 'Share of the examples of which every output stays within the tolerance of its target, whatever the attacks that ran did.',
    formula: '|{examples: |prediction(x + δ) − target| ≤ tolerance for all δ tried}| / n',
  },
  ...outputCorruptionDefinitions,
} as const satisfies Record<string, Definition>;
