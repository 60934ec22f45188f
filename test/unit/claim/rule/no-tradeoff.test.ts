import { testRule } from '../rule-tester';

testRule('no-tradeoff', {
  valid: [
    'Adversarial training yields a robust accuracy of 47 % under linf attacks of size 8/255, at 84 % clean accuracy.',
    'The network is robust to fog and rain.',
  ],
  invalid: [
    'The network has a robust accuracy of 47 % under linf attacks of size 8/255.',
    'The detector keeps 71 % accuracy under PGD with linf ε = 0.05.',
  ],
});
