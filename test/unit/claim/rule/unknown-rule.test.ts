import { testRule } from '../rule-tester';

const claim = 'Our image classifier is robust to adversarial attacks.';

testRule('unknown-rule', {
  valid: [
    `<!-- robustness-disable-next-line claims/no-threat-model -- section 2 -->\n${claim}`,
    `<!-- robustness-disable-next-line no-threat-model -- section 2 -->\n${claim}`,
    `<!-- robustness-disable-next-line -- claims/no-treat-model is what I used to write -->\n${claim}`,
    `<!-- robustness:begin report="x" -->\n\n${claim}\n\n<!-- robustness:end -->\n\n${claim}`,
    `<!-- robustness is measured in section 2 -->\n${claim}`,
  ],
  invalid: [
    `<!-- robustness-disable-next-line claims/no-treat-model -- section 2 -->\n${claim}`,
    `<!-- robustness-disable-next-line pitfalls/zero-gradient -- section 2 -->\n${claim}`,
    `<!-- robustness-disable-next-line claims/no-threat-model, claims/binary -- section 2 -->\n${claim}`,
    `<!-- robustness-disable-nextline -- section 2 -->\n${claim}`,
    `${claim} <!-- robustness-ignore claims/stale -- section 2 -->`,
  ],
});
