import { statesRobustFigure } from '../condition';
import { offersCleanAccuracy } from './clean-accuracy-as-robustness';
import type { ClaimRule } from './types';

export const binaryRobustness: ClaimRule = {
  name: 'binary-robustness',
  severity: 'warning',
  source: 'Carlini et al. 2019, On Evaluating Adversarial Robustness, section 4.2',
  summary: 'Robustness is a number under a condition, not a yes or no.',
  check: (claim) =>
    statesRobustFigure(claim) || claim.facts.figures.length > 0 || offersCleanAccuracy(claim)
      ? null
      : 'This states robustness as a yes or no; give the accuracy that remains under the condition, and the number of examples.',
};
