import type { ClaimRule } from './types';

export const stale: ClaimRule = {
  name: 'stale',
  severity: 'warning',
  source: 'SHA-256 of the model file, as recorded in the report',
  summary: 'The model changed after it was evaluated.',
  check: ({ judgement }) => (judgement.verdict === 'stale' ? judgement.reason : null),
};
