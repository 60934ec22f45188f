import { cleanAccuracyAsRobustness } from '../../../../src/engine/pitfall/rule/clean-accuracy-as-robustness';
import { collapsedReport, figure, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

testRule(cleanAccuracyAsRobustness, {
  valid: {
    'the collapse while the attack is still running': running(collapsedReport()),
    'a figure at an ε at which nothing can be robust': collapsedReport((report) => {
      report.threatModels[0]!.epsilon = 0.5;
    }),
    'a model that nobody would call accurate': collapsedReport((report) => {
      report.clean!.accuracy = figure(0.4);
    }),
    'a robust model with an ordinary gap': reportBase((report) => {
      report.threatModels[0]!.robustAccuracy = figure(0.44);
    }),
    'a sample too small to be sure of the collapse': reportBase((report) => {
      report.clean!.accuracy = figure(0.8, 20);
      report.threatModels[0]!.robustAccuracy = figure(0.35, 20);
    }),
  },
  invalid: {
    'a plainly trained network: 98 % clean, nothing under attack': {
      report: collapsedReport(),
      severity: 'warning',
      says: ['97.8 %', '0 %', 'linf-0.3'],
    },
    'clean accuracy alone': {
      report: reportBase((report) => {
        report.threatModels = [];
        report.checks = { zeroGradient: null, singleStep: [], unbounded: [] };
      }),
      severity: 'warning',
      says: ['85 %'],
    },
    'a threat model whose attacks never reported': {
      report: reportBase((report) => {
        report.threatModels[0]!.robustAccuracy = null;
        report.threatModels[0]!.attacks = [];
      }),
      severity: 'warning',
      says: ['85 %'],
    },
  },
});
