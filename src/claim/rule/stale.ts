import type { ClaimRule } from './types';

export const stale: ClaimRule = {
  name: 'stale',
  severity: 'warning',
  source: 'SHA-256 of model and data, and the threat models, as recorded in the report',
  summary: 'The model, the data or the threat model changed after the evaluation.',
  check: ({ judgement }) => (judgement.verdict === 'stale' ? judgement.reason : null),
};
