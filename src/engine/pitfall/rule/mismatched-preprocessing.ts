import type { PitfallRule } from '../types';
import { percent } from '../words';

/** Standard errors of the difference from which another pre-processing is surely better. */
const sure = 3;

/** The model does not see what it was trained on: its accuracy, clean or robust, is that of another system. */
export const mismatchedPreprocessing: PitfallRule = {
  name: 'mismatched-preprocessing',
  severity: 'error',
  source:
    'RobustBench (Croce et al. 2021), issues on normalisation outside of the model; Carlini et al., On Evaluating Adversarial Robustness, 2019, "Report Clean Model Accuracy"',
  check(report) {
    const { error } = report.status;
    if (error?.code === 'evaluate/at-chance') {
      return [
        {
          message: error.message,
          evidence: [error.hint],
          advice: 'Correct `preprocess`, or the data, and evaluate again.',
        },
      ];
    }
    const found = report.checks.preprocessing;
    if (found === undefined || found.examples === 0) return [];
    const pooled = (found.stated + found.best) / 2;
    const error2 = Math.sqrt((2 * pooled * (1 - pooled)) / found.examples);
    if (found.best - found.stated <= sure * error2) return [];
    return [
      {
        message: `The model is right about ${percent(found.stated)} with the pre-processing of the spec, but about ${percent(found.best)} with “${found.title}”.`,
        evidence: [
          `accuracy over ${found.examples} examples, as stated: ${percent(found.stated)}`,
          `with ${found.yaml}: ${percent(found.best)}`,
        ],
        advice: `Write \`preprocess: ${found.yaml}\` into the spec, unless the model was trained otherwise.`,
      },
    ];
  },
};
