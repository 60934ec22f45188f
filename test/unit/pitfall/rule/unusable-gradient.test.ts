import { unusableGradient } from '../../../../src/engine/pitfall/rule/unusable-gradient';
import type { Report } from '../../../../src/engine/report/schema';
import { collapsedReport, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const gradients = (faults: { zero?: number; notFinite?: number; flat?: number }) => (report: Report) => {
  const sound = { examples: 32, zero: 0, notFinite: 0, flat: 0, indices: [] };
  report.checks.gradients = [
    { loss: 'ce', ...sound },
    { loss: 'margin', ...sound, indices: [3, 17], ...faults },
  ];
};

testRule(unusableGradient, {
  valid: {
    'gradients that are there': reportBase(gradients({})),
    'a single odd example': reportBase(gradients({ flat: 1 })),
    'zero gradients, which is another pitfall': reportBase(gradients({ zero: 32 })),
    'half of a run': running(reportBase(gradients({ notFinite: 32 }))),
  },
  invalid: {
    'gradients that are not numbers': {
      report: reportBase(gradients({ notFinite: 16 })),
      severity: 'error',
      says: ['not a finite number', '50 %'],
    },
    'gradients too small for anything': {
      report: reportBase(gradients({ flat: 4 })),
      severity: 'warning',
      says: ['too small', '12.5 %'],
    },
    'a sixteenth of them': { report: reportBase(gradients({ flat: 2 })), severity: 'warning', says: ['6.3 %'] },
    'the same, where everything broke': {
      report: collapsedReport(gradients({ flat: 32 })),
      severity: 'info',
      says: ['100 %'],
    },
  },
});
