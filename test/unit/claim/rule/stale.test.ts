import { index, report } from '../evidence';
import { testRule } from '../rule-tester';

const text = 'The network keeps 62 % accuracy under PGD with linf ε = 0.1, against 95 % on clean images.';

testRule('stale', {
  valid: [{ text, evidence: index(report()) }],
  invalid: [
    { text, evidence: index(report({ stale: true })) },
    { text: 'Our network is robust to adversarial attacks.', evidence: index(report({ stale: true })) },
  ],
});
