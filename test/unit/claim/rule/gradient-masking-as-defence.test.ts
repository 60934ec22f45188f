import { testRule } from '../rule-tester';

testRule('gradient-masking-as-defence', {
  valid: [
    'Randomized smoothing makes the classifier provably robust against l2 perturbations.',
    'Adversarial training makes the model robust to white-box attacks.',
  ],
  invalid: [
    'Our non-differentiable quantizer makes the model robust to adversarial attacks.',
    'A median filter and random resizing defend the classifier against adversarial attacks.',
    'The model is robust against adversarial attacks because it hides gradients.',
  ],
});
