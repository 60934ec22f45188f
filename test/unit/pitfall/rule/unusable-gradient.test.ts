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

/** Small gradients, and no search without them. */
const withoutSearch = (faults: { notFinite?: number; flat?: number }) => (report: Report) => {
  gradients(faults)(report);
  for (const threat of report.threatModels) threat.attacks = threat.attacks.filter(({ name }) => name !== 'square');
};
/** The same, and a search that was given 40 examples. */
const searched =
  (broken: number, faults: { notFinite?: number; flat?: number }, iterations = 5000) =>
  (report: Report) => {
    withoutSearch(faults)(report);
    for (const { attacks } of report.threatModels)
      attacks.push({ ...attacks.at(-1)!, name: 'square', title: 'Square Attack', attempted: 40, broken, iterations });
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
    'half of them too small, and nothing else looked': {
      report: reportBase(withoutSearch({ flat: 16 })),
      severity: 'error',
      says: ['too small', '50 %'],
    },
    'half of them too small, and a search found what gradients had missed': {
      report: reportBase(searched(3, { flat: 16 })),
      severity: 'error',
      says: ['too small', '50 %'],
    },
    'half of them too small, and a search found next to nothing': {
      report: reportBase(searched(2, { flat: 16 })),
      severity: 'warning',
      says: ['too small', '50 %'],
    },
    'half of them too small, and a search had no time': {
      report: reportBase(searched(0, { flat: 16 }, 300)),
      severity: 'error',
      says: ['too small', '50 %'],
    },
    'half of them not numbers, whatever a search found': {
      report: reportBase(searched(0, { notFinite: 16 })),
      severity: 'error',
      says: ['not a finite number'],
    },
    'the same, where everything broke': {
      report: collapsedReport(gradients({ flat: 32 })),
      severity: 'info',
      says: ['100 %'],
    },
  },
});
