import { iterativeWeakerThanSingleStep } from '../../../../src/engine/pitfall/rule/iterative-weaker-than-single-step';
import { figure, reportBase } from '../../../fixtures/reportBase';
import { testRule } from '../ruleTester';

const measured = (fgsm: number, iterative: number, n = 100) =>
  reportBase((report) => {
    report.checks.singleStep = [{ threatModel: 'linf-8', fgsm: figure(fgsm, n), iterative: figure(iterative, n) }];
  });

testRule(iterativeWeakerThanSingleStep, {
  valid: {
    'both alike': measured(0.5, 0.5),
    'one example of luck': measured(0.5, 0.51),
    'one example of luck in a small sample': measured(0.5, 0.55, 20),
    'less than two points of many examples': measured(0.5, 0.515, 1000),
    'a check that did not run': reportBase((report) => {
      report.checks.singleStep = [];
    }),
  },
  invalid: {
    'many steps that leave more standing': {
      report: measured(0.45, 0.7),
      severity: 'error',
      says: ['45 %', '70 %', 'linf-8'],
    },
    'five points': { report: measured(0.5, 0.55), severity: 'error', says: ['50 %', '55 %'] },
    'a little less': { report: measured(0.5, 0.54), severity: 'warning', says: ['50 %', '54 %'] },
    'a small difference': { report: measured(0.5, 0.53), severity: 'warning', says: ['50 %', '53 %'] },
  },
});
