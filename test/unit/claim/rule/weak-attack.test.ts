import { testRule } from '../rule-tester';

testRule('weak-attack', {
  valid: [
    'The network keeps 58 % accuracy under APGD with 5 restarts (linf, ε = 0.03), clean 90 %.',
    'The model is robust against FGSM and against PGD-50 with linf ε = 0.03.',
    'The model is robust to FAB with linf ε = 0.03.',
    'The model resists Sparse-RS attacks on up to 10 pixels (l0).',
    'The model is robust to Square and AutoAttack with linf ε = 0.03.',
  ],
  invalid: [
    'The network is robust to FGSM attacks.',
    'Our model resists single-step attacks with linf ε = 0.1.',
    'The classifier is robust against PGD-5 attacks with linf ε = 0.1.',
    'The model is robust to black-box attacks.',
    'The model is robust to HopSkipJump attacks with l2 ε = 0.5.',
    'The classifier withstands the Square attack with linf ε = 0.03.',
    'The classifier is robust to RayS attacks with linf ε = 0.03.',
  ],
});
