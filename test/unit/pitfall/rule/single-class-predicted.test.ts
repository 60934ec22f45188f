import { singleClassPredicted } from '../../../../src/engine/pitfall/rule/single-class-predicted';
import type { Report } from '../../../../src/engine/report/schema';
import { reportBase } from '../../../fixtures/reportBase';
import { testRule } from '../ruleTester';

const predicted =
  (predictedClasses: number, constant = false) =>
  (report: Report) => {
    report.checks.scores = { ...report.checks.scores!, predictedClasses, constant };
    if (predictedClasses === 1) report.outcomes.prediction = report.outcomes.label.map(() => 3);
  };

testRule(singleClassPredicted, {
  valid: {
    'some classes that are never predicted': reportBase(predicted(7)),
    'data of one class': reportBase((report) => {
      predicted(1)(report);
      report.outcomes.label = report.outcomes.label.map(() => 3);
    }),
  },
  invalid: {
    'one class for everything': { report: reportBase(predicted(1)), severity: 'error', says: ['cat', '1000'] },
    'the same scores for everything': {
      report: reportBase(predicted(1, true)),
      severity: 'error',
      says: ['same scores'],
    },
  },
});
