import { binaryRobustness } from './binary-robustness';
import { cleanAccuracyAsRobustness } from './clean-accuracy-as-robustness';
import { contradicted } from './contradicted';
import { generalisationAsRobustness } from './generalisation-as-robustness';
import { gradientMaskingAsDefence } from './gradient-masking-as-defence';
import { guaranteeOverreach } from './guarantee-overreach';
import { noEvidence } from './no-evidence';
import { noThreatModel } from './no-threat-model';
import { noTradeoff } from './no-tradeoff';
import { overreaching } from './overreaching';
import { stale } from './stale';
import { suppressionWithoutReason } from './suppression-without-reason';
import type { ClaimRule } from './types';
import { weakAttack } from './weak-attack';

/** Rules that read the prose alone. */
export const proseRules: readonly ClaimRule[] = [
  noThreatModel,
  cleanAccuracyAsRobustness,
  binaryRobustness,
  noTradeoff,
  weakAttack,
  guaranteeOverreach,
  gradientMaskingAsDefence,
  generalisationAsRobustness,
];

/** Rules that read the verdict of the evidence. */
export const evidenceRules: readonly ClaimRule[] = [contradicted, stale, overreaching, noEvidence];

export const claimRules: readonly ClaimRule[] = [...proseRules, ...evidenceRules, suppressionWithoutReason];
