import type { ClaimRule } from './types';

export const noEvidence: ClaimRule = {
  name: 'no-evidence',
  severity: 'info',
  source: 'the reports of the repository',
  summary: 'The claim is well made, but no report in the repository backs it.',
  check: ({ judgement }) => (judgement.verdict === 'unsupported' && judgement.searched ? judgement.reason : null),
};
