import { unboundedAttackFails } from '../../../../src/engine/pitfall/rule/unbounded-attack-fails';
import { figure, reportBase } from '../../../fixtures/reportBase';
import { testRule } from '../ruleTester';

const left = (accuracy: number, bounds: [number, number] | null = [0, 1], n = 100) =>
  reportBase((report) => {
    report.checks.unbounded = [{ threatModel: 'linf-8', accuracy: figure(accuracy, n) }];
    report.threatModels[0]!.bounds = bounds;
  });

testRule(unboundedAttackFails, {
  valid: {
    'one odd example': left(0.01),
    'fewer than two of a hundred': left(0.015, [0, 1], 1000),
    'a check that did not run': reportBase((report) => {
      report.checks.unbounded = [];
    }),
  },
  invalid: {
    'a third that stands': { report: left(0.33), severity: 'error', says: ['33 %', 'linf-8'] },
    'two of a hundred': { report: left(0.02), severity: 'warning', says: ['2 %'] },
    'a few that stand': { report: left(0.04), severity: 'warning', says: ['4 %'] },
    'a third that stands where data have no bounds': { report: left(0.33, null), severity: 'warning', says: ['33 %'] },
  },
});
