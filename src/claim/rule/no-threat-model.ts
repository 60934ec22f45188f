import { statesCondition } from '../condition';
import type { ClaimRule } from './types';

const ask = {
  adversarial: 'name the norm and ε, and what the attacker knows',
  certified: 'name the norm and the radius of the certificate',
  security: 'name the class of attack',
  shift: 'name the data set or the shift',
  corruption: 'name the corruption and its severity',
  stability: 'say what was varied',
  general: 'say against what: an attack with norm and ε, a corruption, or a shift',
};

export const noThreatModel: ClaimRule = {
  name: 'no-threat-model',
  severity: 'warning',
  source: 'Carlini et al. 2019, On Evaluating Adversarial Robustness, section 2.2',
  summary: 'A robustness claim says against what.',
  check: (claim) =>
    statesCondition(claim) ? null : `This claims robustness without saying under which condition; ${ask[claim.kind]}.`,
};
