import { testRule } from '../rule-tester';

testRule('best-case-attack', {
  valid: [
    'The model keeps 41 % accuracy under AutoAttack (linf, ε = 8/255), clean 85 %.',
    'Adversarial training improves robust accuracy by up to 30 points (AutoAttack, linf, ε = 8/255).',
    'The model is robust to perturbations of up to 8/255 in linf, with 50 % accuracy under PGD.',
    'Under PGD the network keeps 44 % accuracy, and under FGSM 61 % (linf, ε = 8/255; clean 87 %).',
    'The model keeps 52 % accuracy in the worst case over PGD, C&W and FGSM attacks (linf, ε = 0.03).',
    'The speech recognizer keeps up to 90 % accuracy with background noise.',
    'The best model keeps 57 % accuracy under AutoAttack (linf, ε = 8/255).',
  ],
  invalid: [
    'The model keeps up to 91 % accuracy under adversarial attacks (linf, ε = 0.03).',
    'Under attack the network keeps a mean accuracy of 68 % over five attacks (linf, ε = 8/255).',
    'In the best case the network keeps 77 % accuracy under attack (linf, ε = 8/255).',
    'Our network is robust: its average accuracy over all attacks is 71 % at linf ε = 0.1.',
    'The model is robust: 83 % accuracy under FGSM (ε = 0.1), 12 % under PGD.',
    'The classifier is robust to FGSM attacks, with 84 % accuracy.\n\nUnder PGD its accuracy is 9 %.',
  ],
});
