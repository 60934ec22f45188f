import { testRule } from '../rule-tester';

testRule('no-threat-model', {
  valid: [
    'The classifier keeps 61 % accuracy under white-box PGD with linf ε = 8/255; clean accuracy is 91 %.',
    'Our speech model is robust to background music and to strong accents.',
    'The detector is resistant to backdoor attacks.',
    'Predictions of the network are robust to changes of the random seed.',
    'The smoothed classifier is provably robust in l2 within a radius of 0.5.',
  ],
  invalid: [
    'Our image classifier is robust to adversarial attacks.',
    'This neural network is robust.',
    'The segmentation network generalizes well to unseen data and new domains.',
    'The model is robust to image corruptions.',
    'Our network is certifiably robust.',
  ],
});
