import type { LossName } from '../attack/types';
import { crossEntropy } from './crossEntropy';
import { dlr } from './dlr';
import type { Loss } from './loss';
import { margin } from './margin';

export const losses: Readonly<Record<LossName, Loss>> = { ce: crossEntropy, margin, dlr };
