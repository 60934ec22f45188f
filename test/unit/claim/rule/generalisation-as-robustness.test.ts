import { testRule } from '../rule-tester';

testRule('generalisation-as-robustness', {
  valid: [
    'The network generalizes well to images from other hospitals.',
    'The model is robust to fog.',
    'The classifier is robust to covariate shift between hospital A and hospital B, where it loses 2 % accuracy.',
    'Our model is robust to adversarial attacks.',
    'The detector generalizes to night scenes.',
    'The recognizer is robust across accents.',
    'Predictions are stable across random seeds.',
    'The network generalizes well to images from other scanners.',
    'The network is robust to fog and rain.',
  ],
  invalid: [
    'Ten-fold cross-validation shows that the model is robust.',
    "The small gap between training and test accuracy demonstrates the model's robustness.",
    'The model does not overfit, so it is robust.',
    'Low standard deviation across folds indicates that the classifier is robust.',
    'Dropout and early stopping prevent overfitting, which makes the model robust.',
    'Our network generalizes well to the test set and is therefore robust.',
    'The model is robust and generalizes well.',
    'Similar accuracy on training and validation data confirms the robustness of the network.',
    'Regularization gives a robust model that does not memorize the training data.',
    'Cross-validated scores are consistent, indicating robust performance.',
    'The model shows strong generalization and adversarial robustness.',
    'The learning curves of training and validation run close together, which shows that the model is robust.',
    'Low variance across folds indicates a robust model.',
    'Five-fold cross-validation shows that the classifier is robust.',
    'The pipeline gives a robust and generalizable model.',
  ],
});
