import { differenceOf } from '../../../../src/engine/metric/difference';
import { share } from '../../../../src/engine/metric/interval';
import { overfitting } from '../../../../src/engine/pitfall/rule/overfitting';
import { reportBase } from '../../../fixtures/reportBase';
import { testRule } from '../ruleTester';

const fitted = (train: number, test: number, n = 1000) =>
  reportBase((report) => {
    const [ours, theirs] = [share(train, n), share(test, n)];
    report.generalisation = {
      trainPath: 'data/train.npz',
      trainExamples: 50_000,
      train: ours,
      test: theirs,
      gap: { ...differenceOf(ours, theirs), n },
    };
  });

testRule(overfitting, {
  valid: {
    'no training data': reportBase(() => {}),
    'as good on both': fitted(980, 978),
    'better on test data': fitted(900, 978),
    'a gap that the interval may explain': fitted(30, 26, 30),
    'a gap of five points whose interval reaches below': fitted(990, 935),
  },
  invalid: {
    'a model that learnt by heart': {
      report: fitted(1000, 700),
      severity: 'warning',
      says: ['30 points', '27.2 points'],
    },
    'just enough': { report: fitted(995, 915), severity: 'warning', says: ['8 points'] },
  },
});
