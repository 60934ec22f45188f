import { unstableScores } from '../../../../src/engine/pitfall/rule/unstable-scores';
import type { Report } from '../../../../src/engine/report/schema';
import { collapsedReport, reportBase } from '../../../fixtures/reportBase';
import { testRule } from '../ruleTester';

const unstable = (value: number, agreement: number | null) => (report: Report) => {
  report.checks.instability = { examples: 16, draws: 100, radius: 4 / 255, value, agreement, indices: [2, 5] };
};

testRule(unstableScores, {
  valid: {
    'scores that move a little, as the gradient says': reportBase(unstable(0.1, 0.65)),
    'a model without gradient': reportBase(unstable(0.05, null)),
    'a random model, whose noise is its own': reportBase((report) => {
      unstable(0.9, 0)(report);
      report.model.random = ['RandomNormalLike'];
    }),
  },
  invalid: {
    'scores that jump': { report: reportBase(unstable(0.2, 0.7)), severity: 'warning', says: ['20 %', '0.0157'] },
    'scores that jump far': { report: reportBase(unstable(0.5, null)), severity: 'error', says: ['50 %'] },
    'gradients that foretell little': { report: reportBase(unstable(0.05, 0.2)), severity: 'warning', says: ['0.2'] },
    'gradients that foretell nothing': {
      report: reportBase(unstable(0.05, -0.03)),
      severity: 'error',
      says: ['-0.03'],
    },
    'the same, where everything broke': { report: collapsedReport(unstable(0.5, 0)), severity: 'info', says: ['50 %'] },
  },
});
