import { mismatchedPreprocessing } from '../../../../src/engine/pitfall/rule/mismatched-preprocessing';
import { reportBase } from '../../../fixtures/reportBase';
import { testRule } from '../ruleTester';

const tried = (stated: number, best: number) =>
  reportBase((report) => {
    const yaml = '{mean: 0.1307, std: 0.3081, layout: nchw}';
    report.checks.preprocessing = { examples: 100, stated, best, title: 'MNIST', yaml };
  });

testRule(mismatchedPreprocessing, {
  valid: {
    'the best there is': tried(0.85, 0.85),
    'one that is better by chance': tried(0.8, 0.9),
  },
  invalid: {
    'one that is surely better': { report: tried(0.6, 0.95), severity: 'error', says: ['60 %', '95 %', 'MNIST'] },
    'a model that guesses': {
      report: reportBase((report) => {
        const error = { code: 'evaluate/at-chance', message: 'The model guesses.', hint: 'Write `preprocess`.' };
        report.status = { state: 'failed', stage: 'Clean accuracy', done: 1, total: 2, error };
      }),
      severity: 'error',
      says: ['guesses'],
    },
  },
});
