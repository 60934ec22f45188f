import type { Technique } from '../types';
import { above, atMost } from '../words';

/** Calibration error under corruption from which the confidence no longer warns. */
const most = 0.1;

/** Several networks are surer where they agree, and they disagree on what none has seen. */
export const ensembling: Technique = {
  name: 'ensembling',
  title: 'An ensemble, for confidence that falls under corruption',
  sources: ['ovadia'],
  recovered: null,
  lost: 0,
  check({ calibration }) {
    const corrupted = calibration?.corrupted;
    if (corrupted === undefined || corrupted.ece <= most) return null;
    const hardest = corrupted.bySeverity.at(-1);
    return {
      triggers: [above('/calibration/corrupted/ece', 'mean calibration error under corruption', corrupted.ece, most)],
      why: `Under corruption the confidence does not fall as the accuracy does${hardest === undefined ? '' : `: at severity ${hardest.severity} the model is ${(100 * hardest.meanConfidence).toFixed(0)} % sure and ${(100 * hardest.accuracy).toFixed(0)} % right`}.`,
      action:
        'Average the probabilities of about five networks trained from different starts. Temperature scaling on clean data does not mend this.',
      gates: [`corruptions.ece <= ${atMost(most)}`],
      shortfall: { calibration: corrupted.ece },
    };
  },
};
