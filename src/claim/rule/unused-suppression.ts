import type { ClaimRule } from './types';

/** Reported where the comment stands, by `suppress.ts`: there is no claim to look at. */
export const unusedSuppression: ClaimRule = {
  name: 'unused-suppression',
  severity: 'info',
  source: 'this project: an excuse goes with the claim that it excused',
  summary: 'A comment that suppresses a rule suppresses something.',
  check: () => null,
};
