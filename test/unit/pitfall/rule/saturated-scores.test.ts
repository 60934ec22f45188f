import { saturatedScores } from '../../../../src/engine/pitfall/rule/saturated-scores';
import { attackRow, reportBase } from '../../../fixtures/reportBase';
import { testRule } from '../ruleTester';

const saturated = (count: number, attacks = ['pgd', 'apgd-ce']) =>
  reportBase((report) => {
    report.checks.scores = { ...report.checks.scores!, saturated: count, medianMargin: 700 };
    report.threatModels[0]!.attacks = attacks.map((name) => attackRow({ name }));
  });

testRule(saturatedScores, {
  valid: {
    'some confident examples': saturated(400),
    'a black-box threat model': reportBase((report) => {
      report.checks.scores = { ...report.checks.scores!, saturated: 900 };
      report.threatModels[0]!.knowledge = 'black-box-score';
    }),
  },
  invalid: {
    'large margins, and the cross-entropy alone': {
      report: saturated(900),
      severity: 'warning',
      says: ['90 %', 'linf-8'],
    },
    'large margins, and a loss that does not mind': {
      report: saturated(600, ['apgd-ce', 'apgd-dlr']),
      severity: 'info',
      says: ['60 %'],
    },
  },
});
