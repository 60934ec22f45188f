import type { LossName } from '../attack/types';

const aimed: ReadonlySet<LossName> = new Set<LossName>(['ce-targeted', 'margin-targeted', 'dlr-targeted', 'linear']);

/** Whether a loss takes an aim: a target class as a one-hot row, or for `linear` a weight of each logit. */
export function isAimed(loss: LossName): boolean {
  return aimed.has(loss);
}
