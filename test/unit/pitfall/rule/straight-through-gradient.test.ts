import { straightThroughGradient } from '../../../../src/engine/pitfall/rule/straight-through-gradient';
import type { Report } from '../../../../src/engine/report/schema';
import { attackRow, collapsedReport, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const quantised = (report: Report) => {
  report.model.gradient.straightThrough = ['QLinearConv', 'QuantizeLinear'];
};
const gradientOnly = (report: Report) => {
  quantised(report);
  report.threatModels[0]!.attacks = [
    attackRow({ name: 'pgd', title: 'PGD', broken: 350, attempted: 850 }),
    attackRow({ name: 'apgd-ce', title: 'APGD-CE', broken: 20, attempted: 500 }),
  ];
};

testRule(straightThroughGradient, {
  valid: {
    'a quantised model that a score-based attack has checked': reportBase(quantised),
    'gradient attacks alone, where the gradient is exact': reportBase((report) => {
      gradientOnly(report);
      report.model.gradient.straightThrough = [];
    }),
    'the middle of a run, where the other attack may yet come': running(reportBase(gradientOnly)),
    'a model without gradient, which is another pitfall': reportBase((report) => {
      gradientOnly(report);
      report.model.gradient = { available: false, unavailable: ['TopK'], straightThrough: ['QuantizeLinear'] };
    }),
    'a threat model that grants no gradient': reportBase((report) => {
      gradientOnly(report);
      report.threatModels[0]!.knowledge = 'black-box-score';
    }),
  },
  invalid: {
    'gradient attacks alone': {
      report: reportBase(gradientOnly),
      severity: 'warning',
      says: ['QLinearConv and QuantizeLinear', 'linf-8'],
    },
    'one step alone': {
      report: reportBase((report) => {
        quantised(report);
        report.threatModels[0]!.attacks = [attackRow({ name: 'fgsm', title: 'FGSM', iterations: 1 })];
      }),
      severity: 'warning',
      says: ['QLinearConv and QuantizeLinear', 'did without'],
    },
    'a score-based attack that was given nothing': {
      report: reportBase((report) => {
        gradientOnly(report);
        report.threatModels[0]!.attacks.push(attackRow({ name: 'square', title: 'Square', broken: 0, attempted: 0 }));
      }),
      severity: 'warning',
      says: ['linf-8'],
    },
    'a model that was broken all the same': {
      report: collapsedReport((report) => {
        quantised(report);
        const threat = report.threatModels[0]!;
        threat.attacks = threat.attacks.filter(({ name }) => name !== 'square');
      }),
      severity: 'info',
      says: ['an estimate'],
    },
  },
});
