import { testRule } from '../rule-tester';

testRule('clean-accuracy-as-robustness', {
  valid: [
    'The model is robust to blur: accuracy drops from 97 % to 95 % on blurred images.',
    'Our network reaches 51 % accuracy under PGD (linf, ε = 8/255) and 88 % clean accuracy.',
    'The classifier is robust to Gaussian noise, with 90 % accuracy at σ = 0.1.',
    'The classifier is robust.',
    'On images from a second scanner the model is robust, with an AUC of 0.93.',
    'The watermark detector is robust to JPEG compression, with a TPR of 0.99.',
    'The classifier keeps 61 % accuracy under PGD with linf ε = 8/255; clean accuracy is 91 %.',
    'The network is robust to fog: it keeps 80 % accuracy on foggy images.',
  ],
  invalid: [
    'The model is highly robust, with an accuracy of 97.2 %.',
    'An F1 of 0.94 on the held-out data demonstrates the robustness of our approach.',
    'Our network achieves state-of-the-art accuracy, which proves that it is robust.',
    'With a test AUC of 0.98 the classifier proves to be robust.',
    'High precision and recall confirm that the detector is robust and reliable.',
    'The classifier is robust and accurate, reaching 99.1 % accuracy on MNIST.',
    'These scores indicate a robust model: accuracy 0.95, recall 0.93.',
    'The robust model obtains a Dice score of 0.91 on the test set.',
    'Robust performance: 96 % accuracy and an F1-score of 0.95.',
    'The model reaches 98.7 % test accuracy, which demonstrates its robustness.',
    'Our classifier is robust: it reaches 99 % accuracy.',
    'The high F1 score confirms the robustness of the model.',
  ],
});
