import { testRule } from '../rule-tester';

testRule('no-tradeoff', {
  valid: [
    'The model reaches 52 % accuracy under AutoAttack (linf, ε = 8/255) and 84 % without attack.',
    'On foggy images the detector reaches 68 % accuracy, against 81 % in clear weather.',
    'The smoothed classifier has a certified accuracy of 61 % at radius 0.5 and a natural accuracy of 75 %.',
    'The network retains 71 % accuracy with 30 % of the pixels occluded (unoccluded: 90 %).',
    'The classifier is robust to linf perturbations of size 4/255.',
    'Accuracy is 95 % on the original recordings and 89 % with babble noise, so the recognizer is robust to noise.',
    'The network keeps 97 % of its clean accuracy under JPEG compression.',
    'The network has 91 % accuracy and keeps 61 % accuracy under PGD with linf ε = 0.05.',
    'Adversarial training yields a robust accuracy of 47 % under linf attacks of size 8/255, at 84 % clean accuracy.',
    'The network is robust to fog and rain.',
    'Adversarial training cuts the attack success rate of PGD on the network from 97 % to 31 % at 88 % clean accuracy.',
  ],
  invalid: [
    'The model reaches 52 % accuracy under AutoAttack (linf, ε = 8/255).',
    'Under PGD-20 with ε = 0.03 our network still classifies 63 % of the images correctly.',
    'The smoothed classifier has a certified accuracy of 61 % at radius 0.5.',
    'On foggy images the detector reaches 68 % accuracy.',
    'The guard model blocks 96 % of jailbreak attempts.',
    'The network retains 71 % accuracy with 30 % of the pixels occluded.',
    'On out-of-distribution scans the model achieves 84 % accuracy.',
    'Certified robust accuracy on CIFAR-10 is 38.2 % (linf, ε = 2/255).',
    'The classifier withstands white-box l2 attacks of size 0.5 on 66 % of the test images.',
    'After adversarial training, 58 % of the images survive 100 steps of PGD with linf ε = 0.1.',
    'The network keeps 30 % accuracy under linf perturbations of size 0.03, a plain one has 0 % accuracy.',
    'The network has a robust accuracy of 47 % under linf attacks of size 8/255.',
    'The detector keeps 71 % accuracy under PGD with linf ε = 0.05.',
    'Adversarial training cuts the attack success rate of PGD on the network from 97 % to 31 %.',
  ],
});
