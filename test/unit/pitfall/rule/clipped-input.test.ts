import { clippedInput } from '../../../../src/engine/pitfall/rule/clipped-input';
import type { Report } from '../../../../src/engine/report/schema';
import { collapsedReport, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const dead = (clean: number, inside: number) => (report: Report) => {
  report.checks.deadInputs = { examples: 32, clean, inside };
};

testRule(clippedInput, {
  valid: {
    'values that never have a gradient': reportBase(dead(0.6, 0.5)),
    'a few values without gradient': reportBase(dead(0.2, 0)),
    'half of a run': running(reportBase(dead(0.9, 0))),
  },
  invalid: {
    'most values clipped': { report: reportBase(dead(0.95, 0)), severity: 'warning', says: ['95 %', 'clips'] },
    'the same, where everything broke': { report: collapsedReport(dead(0.95, 0)), severity: 'info', says: ['95 %'] },
  },
});
