import { noThreatModel } from '../../../../src/engine/pitfall/rule/no-threat-model';
import { reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const unstated = () =>
  reportBase((report) => {
    report.threatModelStated = false;
  });

testRule(noThreatModel, {
  valid: {
    'a black-box threat model': reportBase((report) => {
      report.threatModels[0]!.knowledge = 'black-box-score';
    }),
  },
  invalid: {
    'a threat model that the tool picked': { report: unstated(), severity: 'warning', says: ['linf-8'] },
    'the same in the middle of the run: it is known from the start': {
      report: running(unstated()),
      severity: 'warning',
      says: ['linf-8'],
    },
    'no threat model at all': {
      report: reportBase((report) => {
        report.threatModelStated = false;
        report.threatModels = [];
      }),
      severity: 'warning',
      says: ['No threat model'],
    },
  },
});
