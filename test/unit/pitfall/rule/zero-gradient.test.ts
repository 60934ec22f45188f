import { zeroGradient } from '../../../../src/engine/pitfall/rule/zero-gradient';
import { collapsedReport, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const zero = (share: number) =>
  reportBase((report) => {
    report.checks.zeroGradient = share;
  });

testRule(zeroGradient, {
  valid: {
    'less than one example of a hundred': zero(0.009),
    'an evaluation without gradients': reportBase((report) => {
      report.checks.zeroGradient = null;
    }),
    'half of a run': running(zero(0.9)),
  },
  invalid: {
    'most gradients': { report: zero(0.9), severity: 'error', says: ['90 %'] },
    'one of a hundred': { report: zero(0.01), severity: 'warning', says: ['1 %'] },
    'nearly a tenth': { report: zero(0.09), severity: 'warning', says: ['9 %'] },
    'a tenth': { report: zero(0.1), severity: 'error', says: ['10 %'] },
    'most gradients, where other attacks broke everything': {
      report: collapsedReport((report) => {
        report.checks.zeroGradient = 0.6;
      }),
      severity: 'info',
      says: ['60 %'],
    },
  },
});
