import { testRule } from '../rule-tester';

testRule('weak-attack', {
  valid: [
    'The network keeps 58 % accuracy under APGD with 5 restarts (linf, ε = 0.03), clean 90 %.',
    'The model is robust against FGSM and against PGD-50 with linf ε = 0.03.',
  ],
  invalid: [
    'The network is robust to FGSM attacks.',
    'Our model resists single-step attacks with linf ε = 0.1.',
    'The classifier is robust against PGD-5 attacks with linf ε = 0.1.',
    'The model is robust to black-box attacks.',
  ],
});
