import { testRule } from '../rule-tester';

const claim = 'Our image classifier is robust to adversarial attacks.';

testRule('suppression-without-reason', {
  valid: [
    `<!-- robustness-disable-next-line claims/no-threat-model -- it stands in section 2 -->\n${claim}`,
    `<!-- some other comment -->\n${claim}`,
  ],
  invalid: [
    `<!-- robustness-disable-next-line claims/no-threat-model -->\n${claim}`,
    `<!-- robustness-disable-next-line -->\n${claim}`,
    `${claim} <!-- robustness-disable-line claims/no-threat-model -- -->`,
  ],
});
