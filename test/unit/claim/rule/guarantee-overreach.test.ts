import { testRule } from '../rule-tester';

testRule('guarantee-overreach', {
  valid: [
    'The network is guaranteed to be robust within an l2 radius of 0.5.',
    'The network is robust to Gaussian noise.',
  ],
  invalid: [
    'Adversarial training ensures that the model is robust to attacks.',
    'Our classifier is immune to adversarial examples.',
    'The detector resists all attacks.',
    'The network works reliably under any lighting conditions.',
  ],
});
