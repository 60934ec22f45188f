import { tooFewExamples } from '../../../../src/engine/pitfall/rule/too-few-examples';
import { figure, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const sample = (n: number, clean: number, robust: number) =>
  reportBase((report) => {
    report.data.count = n;
    report.clean!.accuracy = figure(clean, n);
    report.threatModels[0]!.robustAccuracy = figure(robust, n);
    report.threatModels[0]!.examplesDone = n;
  });

testRule(tooFewExamples, {
  valid: {
    '400 examples': sample(400, 0.85, 0.5),
    'a small sample whose intervals are narrow all the same': sample(100, 1, 0),
    'the first examples of a run': running(sample(40, 0.85, 0.5)),
  },
  invalid: {
    '100 examples about one half': { report: sample(100, 0.85, 0.5), severity: 'warning', says: ['100', '9.6 points'] },
    'a handful': { report: sample(10, 1, 0), severity: 'warning', says: ['10 examples'] },
    'a clean figure alone': {
      report: reportBase((report) => {
        report.data.count = 50;
        report.clean!.accuracy = figure(0.8, 50);
        report.threatModels = [];
      }),
      severity: 'warning',
      says: ['50 examples'],
    },
  },
});
