import { testRule } from '../rule-tester';

const claim = 'Our image classifier is robust to adversarial attacks.';
const both = 'claims/no-threat-model, claims/binary-robustness';

testRule('unused-suppression', {
  valid: [
    `<!-- robustness-disable-next-line ${both} -- it stands in section 2 -->\n${claim}`,
    `<!-- robustness-disable-file -- a brochure -->\n\n${claim}`,
    `<!-- robustness-disable claims/no-threat-model -- section 2 -->\n\n${claim}\n\n<!-- robustness-enable claims/no-threat-model -->`,
    `${claim} <!-- robustness-disable-line -- it stands in section 2 -->`,
    // Off by default: nobody can tell whether it would excuse something.
    `<!-- robustness-disable-next-line claims/no-sample-size -- whole test set -->\n${claim}`,
  ],
  invalid: [
    `<!-- robustness-disable-next-line claims/no-tradeoff -- the table has it -->\n${claim}`,
    `<!-- robustness-disable-next-line ${both}, claims/stale -- section 2 -->\n${claim}`,
    `<!-- robustness-disable-file claims/weak-attack -- why -->\n\n${claim}`,
    `${claim}\n\n<!-- robustness-disable -- from here on -->\n\nAll else is about cooking.`,
    `${claim}\n\n<!-- robustness-enable -->`,
    `<!-- robustness-disable -- a brochure -->\n\n${claim}\n\n<!-- robustness-enable -->\n\n<!-- robustness-enable -->`,
  ],
});
