import { bestCaseAttack } from './best-case-attack';
import { binaryRobustness } from './binary-robustness';
import { certificateFromAttacks } from './certificate-from-attacks';
import { cleanAccuracyAsRobustness } from './clean-accuracy-as-robustness';
import { contradicted } from './contradicted';
import { generalisationAsRobustness } from './generalisation-as-robustness';
import { gradientMaskingAsDefence } from './gradient-masking-as-defence';
import { guaranteeOverreach } from './guarantee-overreach';
import { noEvidence } from './no-evidence';
import { noSampleSize } from './no-sample-size';
import { noThreatModel } from './no-threat-model';
import { noTradeoff } from './no-tradeoff';
import { overreaching } from './overreaching';
import { stale } from './stale';
import { suppressionWithoutReason } from './suppression-without-reason';
import type { ClaimRule } from './types';
import { unknownRule } from './unknown-rule';
import { unusedSuppression } from './unused-suppression';
import { weakAttack } from './weak-attack';

/** Rules that read the prose alone. */
export const proseRules: readonly ClaimRule[] = [
  noThreatModel,
  cleanAccuracyAsRobustness,
  binaryRobustness,
  noTradeoff,
  weakAttack,
  bestCaseAttack,
  guaranteeOverreach,
  certificateFromAttacks,
  gradientMaskingAsDefence,
  generalisationAsRobustness,
  noSampleSize,
];

/** Rules that read the verdict of the evidence. */
export const evidenceRules: readonly ClaimRule[] = [contradicted, stale, overreaching, noEvidence];

/** Rules that read suppression comments. */
export const commentRules: readonly ClaimRule[] = [suppressionWithoutReason, unusedSuppression, unknownRule];

export const claimRules: readonly ClaimRule[] = [...proseRules, ...evidenceRules, ...commentRules];
