import { corruptionWords, has } from '../lexicon';
import type { ClaimRule } from './types';

const fit =
  /\b(?:over-?fit\w*|cross[- ]validat\w*|(?:\d+|k)-fold|folds?|folding|(?:low|minimal|small) variance|train(?:ing)?[- ](?:validation|test) gap|memori[sz]\w+|learning curves?|generali[sz]ation gap)\b|\b(?:gap|difference) between (?:the )?(?:train\w*|validation|test|in-sample)\b|\b(?:similar|consistent|comparable|close|same|stable|near-identical)\b[^.;]{0,40}\b(?:on|of|between|across) (?:the )?train\w*[^.;]{0,12}\b(?:and|,|&)[^.;]{0,12}\b(?:validation|test|held-out)|\btraining and (?:validation|test) (?:loss\w*|curves?|accurac\w+|scores?|errors?)[^.;]{0,40}\b(?:close|similar|together|converge|agree|match)|\b(?:accurac\w+|scores?|loss\w*|errors?|performance)\b[^.;]{0,60}\b(?:in line with|close to|comparable (?:to|with)|similar to|consistent with|identical to|matches) (?:the |its |that )?(?:\w+ ){0,3}?(?:train\w*|validation|test|cross-validat\w+|held-out)\b|\bgenerali[sz]\w+ (?:\w+ )?to (?:the |held-out |unseen )*(?:test|validation|hold-?out|held-out) (?:set|data|split|examples|images|samples)/i;
/** Both at once, shown by one result. That a technique improves the two of them says no such thing. */
const both =
  /(?<!\b(?:improv|enhanc|increas|boost|strengthen|rais)\w* (?:[\w-]+ ){0,3})(?:\brobust\w*\*{0,2},? (?:and|&) (?:\w+ )?generali[sz]|\bgenerali[sz]\w+ (?:and|&) (?:\w+ )?robust)|\bgenerali[sz]es? (?:well )?to [^.;]{0,40}\badversarial/i;
const conflated = /\brobust generali[sz]ation\b/i;

export const generalisationAsRobustness: ClaimRule = {
  name: 'generalisation-as-robustness',
  severity: 'info',
  source:
    'Taori et al. 2020, Measuring Robustness to Natural Distribution Shifts; Schmidt et al. 2018, Adversarially Robust Generalization Requires More Data',
  summary: 'Doing well on more data of the same kind is generalisation, not robustness.',
  check: ({ sentence, kind }) => {
    const { prose } = sentence;
    if (kind === 'certified' || kind === 'corruption') return null;
    // Folds by subject, site or cohort are a shift.
    if (
      kind === 'shift' &&
      /\bleave-one-|\b(?:held-out|unseen|new|other) (?:subjects?|individuals?|patients?|cohorts?|sites?|hospitals?|speakers?|users?)\b/i.test(
        prose,
      )
    )
      return null;
    const found =
      both.test(prose) ||
      fit.test(prose) ||
      (conflated.test(prose) && !has(corruptionWords, prose) && /over-?fit|valid/i.test(sentence.before + prose));
    return found
      ? 'This presents generalisation to similar data (or little over-fitting) as robustness; name the shift or attack that was withstood.'
      : null;
  },
};
