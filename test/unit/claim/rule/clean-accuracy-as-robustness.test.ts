import { testRule } from '../rule-tester';

testRule('clean-accuracy-as-robustness', {
  valid: [
    'The classifier keeps 61 % accuracy under PGD with linf ε = 8/255; clean accuracy is 91 %.',
    'The network is robust to fog: it keeps 80 % accuracy on foggy images.',
  ],
  invalid: [
    'The model reaches 98.7 % test accuracy, which demonstrates its robustness.',
    'Our classifier is robust: it reaches 99 % accuracy.',
    'The high F1 score confirms the robustness of the model.',
  ],
});
