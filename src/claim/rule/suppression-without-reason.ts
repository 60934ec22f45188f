import type { ClaimRule } from './types';

/** Reported where the comment stands, by `suppress.ts`: there is no claim to look at. */
export const suppressionWithoutReason: ClaimRule = {
  name: 'suppression-without-reason',
  severity: 'warning',
  source: 'this project: a claim that is excused says why',
  summary: 'A comment that suppresses a rule gives its reason.',
  check: () => null,
};
