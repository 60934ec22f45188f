import type { PitfallRule } from '../types';
import { percent } from '../words';

/** Share of the test examples from which it moves the figures. */
const decisive = 0.01;

/** Examples that the model may have learnt by heart count as if it had not seen them. */
export const trainTestOverlap: PitfallRule = {
  name: 'train-test-overlap',
  severity: 'error',
  source:
    'Barz & Denzler, Do We Train on Test Data? Purging CIFAR of Near-Duplicates, J. Imaging 2020; Kapoor & Narayanan, Leakage and the reproducibility crisis, Patterns 2023',
  check(report) {
    const { overlap } = report.checks;
    if (overlap === undefined || overlap.examples === 0) return [];
    const { identical, near, repeated, examples, trainExamples, trainPath, pairs } = overlap;
    const found = identical + near;
    const twice = repeated / examples;
    if (found === 0 && twice < decisive) return [];
    const share = found / examples;
    const evidence = [
      ...(trainPath === null
        ? []
        : [`${identical} identical and ${near} nearly identical to one of ${trainExamples} in ${trainPath}`]),
      ...(pairs.length > 0 ? [`test and training positions: ${pairs.map(([a, b]) => `${a} = ${b}`).join(', ')}`] : []),
      ...(repeated > 0 ? [`${repeated} occur earlier in the test data`] : []),
    ];
    if (found === 0) {
      return [
        {
          severity: 'warning',
          message: `${repeated} of ${examples} test examples (${percent(twice)}) repeat others, so the figures count them twice.`,
          evidence,
          advice: 'Remove the repetitions from the test data.',
        },
      ];
    }
    return [
      {
        severity: share >= decisive ? 'error' : 'warning',
        message: `${found} of ${examples} test examples (${percent(share)}) are in the training data too, identical or nearly so.`,
        evidence,
        advice: 'Remove them from the test data and evaluate again.',
      },
    ];
  },
};
