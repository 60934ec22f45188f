import { adversarialWords, corruptionWords, has, metricWords, securityWords, shiftWords } from '../lexicon';
import type { ClaimContext, ClaimRule } from './types';

const conclusion =
  /\b(?:demonstrat|confirm|indicat|highlight|validat|show|prov|suggest|reflect|underscor|evidenc|impl|verif|signif|thus|thereby|hence|therefore|mak)\w*\b[^.;]{0,60}\b(?:robust|reliab|generali[sz]|stab|resilien)|\b(?:is|are) (?:\w+ )?robust\w* and (?:achiev|attain|reach|obtain|outperform)/i;

/** Whether the only evidence in the sentence is a score on undisturbed data. */
export function offersCleanAccuracy(claim: ClaimContext): boolean {
  if (claim.kind !== 'general' && claim.kind !== 'stability') return false;
  const { prose } = claim.sentence;
  const disturbed = [adversarialWords, securityWords, shiftWords, corruptionWords].some((pattern) =>
    has(pattern, prose),
  );
  const figure =
    claim.facts.figures.some((one) => one.role === 'clean' || one.role === 'plain') &&
    !claim.facts.figures.some((one) => one.role === 'robust');
  return !disturbed && has(metricWords, prose) && (figure || conclusion.test(prose));
}

export const cleanAccuracyAsRobustness: ClaimRule = {
  name: 'clean-accuracy-as-robustness',
  severity: 'warning',
  source:
    'Szegedy et al. 2014, Intriguing properties of neural networks; Tsipras et al. 2019, Robustness May Be at Odds with Accuracy',
  summary: 'A score on undisturbed test data says nothing about robustness.',
  check: (claim) =>
    offersCleanAccuracy(claim)
      ? 'This offers a score on undisturbed data as evidence of robustness; measure the score under attack, corruption or shift.'
      : null,
};
