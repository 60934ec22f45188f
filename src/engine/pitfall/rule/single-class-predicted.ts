import type { PitfallRule } from '../types';
import { figureText } from '../words';

/** A model that says the same whatever it sees is right by chance, and no attack can move it. */
export const singleClassPredicted: PitfallRule = {
  name: 'single-class-predicted',
  severity: 'error',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Perform Basic Sanity Tests" and "Report Clean Model Accuracy"',
  check(report) {
    const { scores } = report.checks;
    if (scores === undefined || scores.examples < 2 || scores.predictedClasses !== 1) return [];
    const labels = new Set(report.outcomes.label).size;
    if (labels < 2) return [];
    const [predicted = 0] = report.outcomes.prediction;
    const name = report.data.classes[predicted] ?? `class ${predicted}`;
    const what = scores.constant ? 'gives the same scores for' : `predicts ${name} for`;
    return [
      {
        message: `The model ${what} every one of ${scores.examples} examples, so nothing about its robustness can be measured.`,
        evidence: [
          `classes among the labels: ${labels}; among the predictions: 1 (${name})`,
          ...(report.clean === null ? [] : [`clean accuracy: ${figureText(report.clean.accuracy)}`]),
        ],
        advice: 'Check the export, the pre-processing and the output that is taken for scores.',
      },
    ];
  },
};
