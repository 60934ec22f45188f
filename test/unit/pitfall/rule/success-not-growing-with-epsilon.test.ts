import { successNotGrowingWithEpsilon } from '../../../../src/engine/pitfall/rule/success-not-growing-with-epsilon';
import { figure, reportBase } from '../../../fixtures/reportBase';
import { running, testRule } from '../ruleTester';

const multiples = [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 4];
const curve = (accuracies: readonly number[], epsilon = 8 / 255) =>
  reportBase((report) => {
    report.threatModels[0]!.epsilon = epsilon;
    report.threatModels[0]!.curve = accuracies.map((accuracy, i) => ({
      epsilon: multiples[i]! * epsilon,
      accuracy: figure(accuracy),
    }));
  });
const stuck = [0.85, 0.74, 0.7, 0.69, 0.69, 0.69, 0.69, 0.69];

testRule(successNotGrowingWithEpsilon, {
  valid: {
    'an ε so small that nothing happens yet': curve([0.85, 0.85, 0.85, 0.85, 0.85, 0.85, 0.84, 0.84], 1e-4),
    'a collapse that stays at zero': curve([0.85, 0.2, 0, 0, 0, 0, 0, 0]),
    'a constant classifier at the level of guessing': curve([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]),
    'a curve whose larger ε are not measured yet': running(curve(stuck)),
    'a curve cut off at its own ε': curve([0.85, 0.74, 0.7, 0.69, 0.69]),
    'no curve': curve([]),
  },
  invalid: {
    'a plateau from the threat model on': { report: curve(stuck), severity: 'error', says: ['69 %', 'linf-8'] },
    'accuracy that rises again': {
      report: curve([0.85, 0.7, 0.6, 0.5, 0.48, 0.55, 0.3, 0]),
      severity: 'error',
      says: ['rises'],
    },
    'examples that stand where everything can be made grey': {
      report: curve([0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.5, 0.4], 0.2),
      severity: 'error',
      says: ['40 %', '0.8'],
    },
  },
});
