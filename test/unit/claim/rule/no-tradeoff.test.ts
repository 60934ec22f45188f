import { testRule } from '../rule-tester';

testRule('no-tradeoff', {
  valid: [
    'The network has 91 % accuracy and keeps 61 % accuracy under PGD with linf ε = 0.05.',
    'Adversarial training yields a robust accuracy of 47 % under linf attacks of size 8/255, at 84 % clean accuracy.',
    'The network is robust to fog and rain.',
  ],
  invalid: [
    'The network keeps 30 % accuracy under linf perturbations of size 0.03, a plain one has 0 % accuracy.',
    'The network has a robust accuracy of 47 % under linf attacks of size 8/255.',
    'The detector keeps 71 % accuracy under PGD with linf ε = 0.05.',
  ],
});
