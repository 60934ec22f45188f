import { testRule } from '../rule-tester';

testRule('generalisation-as-robustness', {
  valid: ['The network generalizes well to images from other scanners.', 'The network is robust to fog and rain.'],
  invalid: [
    'Low variance across folds indicates a robust model.',
    'Five-fold cross-validation shows that the classifier is robust.',
    'The pipeline gives a robust and generalizable model.',
  ],
});
