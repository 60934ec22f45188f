import { zeroGradient } from '../../../../src/engine/pitfall/rule/zero-gradient';
import { collapsedReport, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const zero = (share: number) =>
  reportBase((report) => {
    report.checks.zeroGradient = share;
  });

testRule(zeroGradient, {
  valid: {
    'one saturated example of a thousand': zero(0.001),
    'an evaluation without gradients': reportBase((report) => {
      report.checks.zeroGradient = null;
    }),
    'half of a run': running(zero(0.9)),
  },
  invalid: {
    'most gradients': { report: zero(0.9), severity: 'error', says: ['90 %'] },
    'some gradients': { report: zero(0.04), severity: 'warning', says: ['4 %'] },
    'most gradients, where other attacks broke everything': {
      report: collapsedReport((report) => {
        report.checks.zeroGradient = 0.6;
      }),
      severity: 'info',
      says: ['60 %'],
    },
  },
});
