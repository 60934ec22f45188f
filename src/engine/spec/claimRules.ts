/** Names of the rules of claims, for `claims.rules` of a spec; the rules themselves live in `src/claim/rule`. */
export const claimRuleNames = [
  'claims/no-threat-model',
  'claims/clean-accuracy-as-robustness',
  'claims/binary-robustness',
  'claims/no-tradeoff',
  'claims/weak-attack',
  'claims/best-case-attack',
  'claims/guarantee-overreach',
  'claims/certificate-from-attacks',
  'claims/gradient-masking-as-defence',
  'claims/generalisation-as-robustness',
  'claims/no-sample-size',
  'claims/contradicted',
  'claims/stale',
  'claims/overreaching',
  'claims/no-evidence',
  'claims/suppression-without-reason',
  'claims/unused-suppression',
  'claims/unknown-rule',
] as const;

export type ClaimRuleName = (typeof claimRuleNames)[number];

export const ruleSettings = ['error', 'warning', 'info', 'off'] as const;

/** What a person sets a rule to. */
export type RuleSetting = (typeof ruleSettings)[number];
