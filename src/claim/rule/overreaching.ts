import type { ClaimRule } from './types';

export const overreaching: ClaimRule = {
  name: 'overreaching',
  severity: 'warning',
  source: 'the report that the claim was held against',
  summary: 'The claim goes beyond what was measured: another norm, a larger ε, another attack, a certificate.',
  check: ({ judgement }) => (judgement.verdict === 'overreaching' ? judgement.reason : null),
};
