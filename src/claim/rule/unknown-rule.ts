import type { ClaimRule } from './types';

/** Reported where the comment stands, by `suppress.ts`: there is no claim to look at. */
export const unknownRule: ClaimRule = {
  name: 'unknown-rule',
  severity: 'warning',
  source: 'this project: a misspelt name excuses nothing, silently',
  summary: 'A comment that suppresses rules names rules that exist.',
  check: () => null,
};
