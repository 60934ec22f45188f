import type { PitfallRule } from '../types';
import { figureText, points } from '../words';

/** Lower end of the gap's interval from which it is more than the usual difference of training and test data. */
const large = 0.05;

/** A model that knows its training data far better than others has learnt examples, and not only what they have in common. */
export const overfitting: PitfallRule = {
  name: 'overfitting',
  severity: 'warning',
  source:
    'Zhang et al., Understanding deep learning requires rethinking generalization, ICLR 2017; Rice, Wong & Kolter, Overfitting in adversarially robust deep learning, ICML 2020',
  check({ generalisation }) {
    if (generalisation === undefined || generalisation.gap.low < large) return [];
    const { train, test, gap, trainPath } = generalisation;
    return [
      {
        message: `Accuracy on the training data is ${points(gap.value)} above that on the test data (at least ${points(gap.low)} by the 95 % interval): the model fits its training examples better than new ones.`,
        evidence: [`training data (${trainPath}): ${figureText(train)}`, `test data: ${figureText(test)}`],
        advice:
          'Quote no figure of training data; regularise, stop training earlier, augment, or collect more data, and evaluate again.',
      },
    ];
  },
};
