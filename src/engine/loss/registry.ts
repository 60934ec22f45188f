import type { LossName } from '../attack/types';
import { crossEntropy } from './crossEntropy';
import { dlr } from './dlr';
import type { Loss } from './loss';
import { margin } from './margin';
import { crossEntropyTargeted, dlrTargeted, linear, marginTargeted } from './targeted';

export const losses: Readonly<Record<LossName, Loss>> = {
  ce: crossEntropy,
  margin,
  dlr,
  'ce-targeted': crossEntropyTargeted,
  'margin-targeted': marginTargeted,
  'dlr-targeted': dlrTargeted,
  linear,
};

/** Classes that a loss compares at least; 2 if absent. */
export const leastClasses: Readonly<Partial<Record<LossName, number>>> = { dlr: 3, 'dlr-targeted': 4, linear: 1 };
