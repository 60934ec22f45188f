import type { Technique } from '../types';
import { above, atMost } from '../words';

/** Lower end of the gap's interval from which it is more than the usual difference; that of the pitfall of overfitting. */
const most = 0.05;

/** Where the training data are known better than others. */
export const regularisation: Technique = {
  name: 'regularisation',
  title: 'More data, or regularisation',
  sources: ['mixup', 'unlabelled'],
  recovered: (5.6 - 4.2) / 5.6,
  lost: (4.2 - 5.6) / 100,
  check({ generalisation }) {
    if (generalisation === undefined || generalisation.gap.low <= most) return null;
    const { gap } = generalisation;
    return {
      triggers: [above('/generalisation/gap/low', 'generalisation gap, at least', gap.low, most)],
      why: `Accuracy on the training data is ${(100 * gap.value).toFixed(1)} points above that on the test data: examples were learnt by heart.`,
      action:
        'Collect more data, labelled or not; else mixup, weight decay, and training that stops by held-out accuracy. Adversarial training needs it more: it overfits earlier (Rice, Wong & Kolter, ICML 2020).',
      gates: [`generalisation.gap <= ${atMost(most)}`],
      shortfall: { clean: gap.value },
    };
  },
};
