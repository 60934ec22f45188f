import { testRule } from '../rule-tester';

testRule('binary-robustness', {
  valid: [
    'The network keeps 74 % accuracy under linf perturbations of size 4/255, against 88 % on clean images.',
    'Our model classifies 81.5 % of the test images correctly under white-box APGD attacks with linf ε = 0.1.',
    'The model reaches 98.7 % test accuracy, which demonstrates its robustness.',
  ],
  invalid: [
    'The hardened detector is far more resistant to linf perturbations of size 4/255.',
    'The network was designed to be robust to fog and rain.',
    'Our defense makes the classifier significantly more robust against PGD.',
  ],
});
