import type { Technique } from '../types';
import { above, atMost, pointerTo } from '../words';

/** From here on the confidence misleads; well calibrated networks are at 1 to 2 % (Guo et al. 2017, table 1). */
const most = 0.05;

/** One number that divides the logits. */
export const temperatureScaling: Technique = {
  name: 'temperature-scaling',
  title: 'Calibration by temperature scaling',
  sources: ['temperature'],
  recovered: (16.53 - 1.26) / 16.53,
  lost: 0,
  check({ clean }) {
    const ece = clean?.ece;
    if (!ece || ece.value <= most) return null;
    const over = clean?.calibration?.overconfidence.value;
    return {
      triggers: [above(pointerTo('/clean/ece'), 'calibration error on clean data', ece.value, most)],
      why: `The confidence is off by ${(100 * ece.value).toFixed(1)} points on average${over === undefined ? '' : over > 0 ? ': the model is too sure of itself' : ': the model is less sure than it is right'}.`,
      action:
        'Fit one temperature on held-out data by its log loss, and put a division of the logits by it into the exported model.',
      gates: [`clean.ece <= ${atMost(most)}`],
      shortfall: { calibration: ece.value },
    };
  },
};
