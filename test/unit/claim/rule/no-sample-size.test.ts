import { testRule } from '../rule-tester';

// The rule is off by default; the tester turns the rule on that it tests.
testRule('no-sample-size', {
  valid: [
    'The model keeps 52 % accuracy under AutoAttack (linf, ε = 8/255, n = 1000).',
    'On the CIFAR-10 test set the model keeps 52 % accuracy under AutoAttack with linf ε = 8/255.',
    'The model keeps 52 % accuracy (95 % confidence interval 49 % to 55 %) under PGD with linf ε = 8/255.',
    'The model keeps 52 ± 2 % accuracy under PGD with linf ε = 8/255.',
    'The network keeps 61 % accuracy under PGD with linf ε = 0.1. We attacked 500 images.',
    'The model is robust to Gaussian noise.',
    'The model is robust to fog: it loses only 2 points.',
  ],
  invalid: [
    'The model keeps 52 % accuracy under AutoAttack (linf, ε = 8/255); clean accuracy is 84 %.',
    'The guard model blocks 96 % of prompt injections.',
    'The network has a certified accuracy of 41 % at an l2 radius of 0.5.',
    'Under PGD with ε = 0.03 our network still classifies 63 % of the images correctly.',
    'The detector keeps 80 % accuracy on foggy images.',
  ],
});
