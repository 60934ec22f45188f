import { epsilonOutOfScale } from '../../../../src/engine/pitfall/rule/epsilon-out-of-scale';
import type { ThreatModelReport } from '../../../../src/engine/report/schema';
import { collapsedReport, reportBase } from '../../../fixtures/reportBase';
import { testRule } from '../ruleTester';

const ball = (threat: Partial<ThreatModelReport>) =>
  reportBase((report) => {
    Object.assign(report.threatModels[0]!, { epsilonText: String(threat.epsilon), ...threat });
  });

testRule(epsilonOutOfScale, {
  valid: {
    'l2 of one half': ball({ norm: 'l2', epsilon: 0.5 }),
    'l2 of three, above the range of one value': ball({ norm: 'l2', epsilon: 3 }),
    'one grey level': ball({ epsilon: 1 / 255 }),
    'ε = 8 where data are in 0..255': reportBase((report) => {
      report.data.range = [0, 255];
      report.data.unit = 1;
      Object.assign(report.threatModels[0]!, { epsilon: 8, epsilonText: '8', bounds: [0, 255] });
    }),
    'features without bounds': reportBase((report) => {
      report.data.kind = 'vector';
      report.data.range = null;
      Object.assign(report.threatModels[0]!, { epsilon: 50, epsilonText: '50', bounds: null });
    }),
    'a tiny ε where values are not quantised': reportBase((report) => {
      report.data.unit = 1;
      report.threatModels[0]!.epsilon = 1e-4;
    }),
  },
  invalid: {
    'ε in grey levels': { report: ball({ epsilon: 8 }), severity: 'error', says: ['ε = 8', 'other units'] },
    'l2 in grey levels': { report: ball({ norm: 'l2', epsilon: 128 }), severity: 'error', says: ['ε = 128'] },
    'half of the range, and robust all the same': {
      report: ball({ epsilon: 0.5 }),
      severity: 'error',
      says: ['48 %', 'cannot be'],
    },
    'half of the range': {
      report: collapsedReport((report) => {
        Object.assign(report.threatModels[0]!, { epsilon: 0.5, epsilonText: '0.5' });
      }),
      severity: 'warning',
      says: ['0.5', 'grey'],
    },
    'half of the diagonal in l2': {
      report: ball({ norm: 'l2', epsilon: 28 }),
      severity: 'error',
      says: ['28', 'cannot be'],
    },
    'less than one grey level': {
      report: ball({ epsilon: 0.5 / 255, epsilonText: '0.5/255' }),
      severity: 'warning',
      says: ['0.5/255', 'one step'],
    },
    zero: { report: ball({ epsilon: 0 }), severity: 'error', says: ['ε = 0'] },
  },
});
