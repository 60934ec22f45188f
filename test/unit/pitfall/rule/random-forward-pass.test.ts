import { randomForwardPass } from '../../../../src/engine/pitfall/rule/random-forward-pass';
import { reportBase } from '../../../fixtures/reportBase';
import { testRule } from '../ruleTester';

const passes = (correct: number[], spread: number, operators?: string[], eot?: number) =>
  reportBase((report) => {
    const { forward } = report.checks;
    report.checks.forward = { ...forward!, correct, spread };
    if (operators) report.model.random = operators;
    if (eot) report.spec = { eot };
  });

testRule(randomForwardPass, {
  valid: {
    'rounding between passes': passes([85, 85, 85, 85, 85], 0.00009),
    'an evaluation from before the probe': reportBase((report) => {
      delete report.checks.forward;
    }),
  },
  invalid: {
    'a noise layer, attacked in the mean': {
      report: passes([85, 83, 86, 85, 84], 0.3, ['RandomNormalLike']),
      severity: 'warning',
      says: ['RandomNormalLike', 'expected'],
    },
    'a noise layer, attacked one draw at a time': {
      report: passes([85, 83, 86, 85, 84], 0.3, ['Dropout'], 1),
      severity: 'error',
      says: ['Dropout', 'one draw'],
    },
    'scores that differ and nobody knows why': {
      report: passes([85, 85, 85, 85, 85], 0.0002),
      severity: 'error',
      says: ['other scores in every pass'],
    },
    'right answers that differ': {
      report: passes([85, 84, 85, 85, 85], 0),
      severity: 'error',
      says: ['other scores'],
    },
  },
});
