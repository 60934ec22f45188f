import { trainTestOverlap } from '../../../../src/engine/pitfall/rule/train-test-overlap';
import { reportBase } from '../../../fixtures/reportBase';
import { testRule } from '../ruleTester';

const overlap = (identical: number, near: number, repeated = 0) =>
  reportBase((report) => {
    const pairs: [number, number][] = identical + near > 0 ? [[3, 170]] : [];
    report.checks.overlap = {
      trainPath: 'data/train.npz',
      trainExamples: 5000,
      examples: 1000,
      identical,
      near,
      pairs,
      repeated,
    };
  });

testRule(trainTestOverlap, {
  valid: {
    'data that were split well': overlap(0, 0),
    'one example that occurs twice': overlap(0, 0, 1),
    'fewer than one in a hundred that occur twice': overlap(0, 0, 9),
  },
  invalid: {
    'a few that are in both': { report: overlap(2, 1), severity: 'warning', says: ['3 of 1000'] },
    'one in a hundred': { report: overlap(9, 1), severity: 'error', says: ['10 of 1000'] },
    'a little less': { report: overlap(9, 0), severity: 'warning', says: ['9 of 1000'] },
    'many that are in both': { report: overlap(80, 20), severity: 'error', says: ['100 of 1000', '10 %'] },
    'a test set that repeats itself': { report: overlap(0, 0, 30), severity: 'warning', says: ['30 of 1000'] },
  },
});
