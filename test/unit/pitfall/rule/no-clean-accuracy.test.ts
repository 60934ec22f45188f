import { noCleanAccuracy } from '../../../../src/engine/pitfall/rule/no-clean-accuracy';
import { reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const withoutClean = () =>
  reportBase((report) => {
    report.clean = null;
  });

testRule(noCleanAccuracy, {
  valid: {
    'a run in progress': running(withoutClean()),
    'a run that failed before it measured anything': reportBase((report) => {
      report.clean = null;
      report.status.state = 'failed';
      report.threatModels[0]!.robustAccuracy = null;
    }),
  },
  invalid: {
    'a robust figure alone': { report: withoutClean(), severity: 'error', says: ['clean accuracy'] },
  },
});
