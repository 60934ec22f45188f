import { noGradient } from '../../../../src/engine/pitfall/rule/no-gradient';
import { attackRow, collapsedReport, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const without = () =>
  reportBase((report) => {
    report.model.gradient = { available: false, unavailable: ['TopK', 'NonZero'], straightThrough: [] };
    report.threatModels[0]!.attacks = [attackRow({ name: 'square', broken: 370 })];
    report.checks = { zeroGradient: null, singleStep: [], unbounded: [] };
  });

testRule(noGradient, {
  valid: {
    'a threat model that grants no gradient': reportBase((report) => {
      report.model.gradient = { available: false, unavailable: ['TopK'], straightThrough: [] };
      report.threatModels[0]!.knowledge = 'black-box-score';
    }),
  },
  invalid: {
    'a white-box figure from a black-box attack': {
      report: without(),
      severity: 'error',
      says: ['TopK and NonZero', 'No white-box attack'],
    },
    'the same in the middle of the run: it is known from the start': {
      report: running(without()),
      severity: 'error',
      says: ['TopK'],
    },
    'a black-box attack that broke everything anyway': {
      report: collapsedReport((report) => {
        report.model.gradient = { available: false, unavailable: ['TopK'], straightThrough: [] };
      }),
      severity: 'warning',
      says: ['TopK'],
    },
  },
});
