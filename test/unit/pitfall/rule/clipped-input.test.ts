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
    'a few values without gradient': reportBase(dead(0.29, 0)),
    'values of which hardly half get one at lower contrast': reportBase(dead(0.8, 0.41)),
    'half of a run': running(reportBase(dead(0.9, 0))),
  },
  invalid: {
    'most values clipped': { report: reportBase(dead(0.95, 0)), severity: 'warning', says: ['95 %', 'clips'] },
    'three tenths clipped': { report: reportBase(dead(0.3, 0)), severity: 'warning', says: ['30 %'] },
    'half of them with a gradient at lower contrast': {
      report: reportBase(dead(0.8, 0.4)),
      severity: 'warning',
      says: ['80 %', '40 %'],
    },
    'the same, where everything broke': { report: collapsedReport(dead(0.95, 0)), severity: 'info', says: ['95 %'] },
  },
});
