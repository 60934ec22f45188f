import { goodAccuracy } from '../condition';
import { extractFacts, type StatedFigure } from '../extract';
import { adversarialWords, corruptionWords, has, metricWords, securityWords, shiftWords } from '../lexicon';
import type { ClaimContext, ClaimRule } from './types';

const conclusion =
  /\b(?:(?:demonstrat|confirm|indicat|highlight|validat|show|suggest|reflect|underscor|evidenc|impl|verif|signif|thus|thereby|hence|therefore|mak)\w*|prov(?:es?|ed|en|ing))\b[^.;]{0,60}\b(?:robust|reliab|generali[sz]|stab|resilien)|\b(?:is|are) (?:\w+ )?robust\w* and (?:achiev|attain|reach|obtain|outperform)/i;

/** A conclusion from the sentence before: "These scores show that ...". */
const drawn = /^\P{L}*(?:this|these|those|it|such|overall|together|thus|hence|therefore|low|the|all)\b/iu;
/** Rank and comparison, without the score: "performed best among the models tested, highlighting its robustness". */
const rank =
  /\b(?:superior|best|better|higher|state-of-the-art|leading(?! to)|top|highest|strongest|competitive) (?:[\w-]+ ){0,2}(?:performance|results?|scores?|accuracy)\b|\bperform(?:s|ed|ing)? (?:the )?best\b|\boutperform\w*|\b(?:due to|because of|thanks to|owing to|given) (?:its |the |their )?(?:\w+ )?(?:accuracy|scores?)\b|\b(?:exceeds?|above|beats?|surpass\w*) the (?:\w+ )?[01]\.\d+\b/i;
const bare =
  /\b(?:robust|reliable)\b[^.;]{0,60}\b(?:model|classifier|network|regressor)\b|\b(?:model|classifier|network|regressor)\b[^.;]{0,30}\brobust\b/i;
const score = /(?<![\d.])0?\.\d{2,}|\d\s?\\?%/;
const label = /^[^:.]{2,30}: /;
const validation =
  /\b(?:cross-?validat\w+|validation|test|benchmark|evaluation) (?:results?|scores?|performance|metrics?)\b/i;

/** Test data by another name, where nothing says that they differ. */
const moreOfTheSame =
  /\b(?:on|to|with|for) (?:the |new,? |previously )*(?:unseen|new|held-out|novel|real-world) (?:test )?(?:data|samples?|examples?|images?|instances?|records?)\b/gi;
/** Parts of the input that were taken away. */
const removal =
  /\b(?:censor|mask|eras|delet|hid|remov|drop)\w* (?:[\w%~.*]+ ){0,8}?(?:pixels?|patches|regions?|words?|tokens?|frames?|sensors?|channels?)\b/i;

const steady =
  /\b(?:stable|steady|unchanged|(?:minimal|little|no|small) (?:change|difference|variation)s?|var(?:y|ies|ied)|hardly (?:changes?|varies)|insensitive)\b/i;

/** Whether the only evidence, in the sentence or in the one that it concludes from, is a score on undisturbed data. */
export function offersCleanAccuracy(claim: ClaimContext): boolean {
  if (claim.kind !== 'general' && claim.kind !== 'stability' && claim.kind !== 'shift') return false;
  const { prose, before } = claim.sentence;
  const disturbed = (text: string) =>
    removal.test(text) ||
    /\badversarial/i.test(text) ||
    [adversarialWords, securityWords, shiftWords, corruptionWords].some((pattern) =>
      has(pattern, text.replace(moreOfTheSame, '')),
    );
  const undisturbed = ({ role }: StatedFigure) => role === 'clean' || role === 'plain';
  const robust = ({ role }: StatedFigure) => role === 'robust';
  if (disturbed(prose)) return false;
  // That a score stays what it is while something is varied is evidence, of stability.
  if (claim.kind === 'stability' && (steady.test(prose) || /±|\+\/-/.test(prose))) return false;
  if (claim.kind === 'general' && goodAccuracy.test(prose)) return true;
  const { figures } = claim.facts;
  const concludes = conclusion.test(prose);
  if (has(metricWords, prose) || validation.test(prose)) {
    if ((figures.some(undisturbed) && !figures.some(robust)) || concludes) return true;
  }
  if (claim.kind === 'general' && (concludes || /\brobust/i.test(prose)) && rank.test(prose)) return true;
  // "The F1 score is 0.89. This shows that the model is robust": what was measured just before is all that is offered.
  const concludesFromBefore = concludes && drawn.test(prose.replace(label, ''));
  const bareModel =
    claim.kind === 'general' && bare.test(prose) && (has(metricWords, before) || /\bmetrics\b/i.test(before));
  if (disturbed(before) || !(concludesFromBefore || bareModel)) return false;
  if (claim.kind === 'general' && (has(metricWords, before) || bareModel) && (rank.test(before) || score.test(before)))
    return true;
  const earlier = extractFacts(before).figures;
  return earlier.some(undisturbed) && !earlier.some(robust);
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
