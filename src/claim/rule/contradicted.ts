import type { ClaimRule } from './types';

export const contradicted: ClaimRule = {
  name: 'contradicted',
  severity: 'error',
  source: 'the report that the claim was held against',
  summary: 'The report beside the model says otherwise.',
  check: ({ judgement }) => (judgement.verdict === 'contradicted' ? judgement.reason : null),
};
