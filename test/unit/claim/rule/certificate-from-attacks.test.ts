import { testRule } from '../rule-tester';

testRule('certificate-from-attacks', {
  valid: [
    'The classifier is certified robust to l2 perturbations of radius 0.5 by randomized smoothing.',
    'Our provably robust network also resists PGD with linf ε = 8/255.',
    'The network has a certified accuracy of 40 % at an l2 radius of 1.',
    'The network has a certified accuracy of 41 % and keeps 48 % under PGD at linf ε = 2/255; clean accuracy is 70 %.',
    'PGD with linf ε = 8/255 leaves 50 % accuracy, so the network is moderately robust.',
    'With interval bound propagation the network is certified robust at linf ε = 0.1; PGD finds no counterexample.',
    'The classifier proved to be robust against PGD with linf ε = 0.1, keeping 60 % of its accuracy.',
  ],
  invalid: [
    'The model is certified against PGD attacks.',
    'The model is provably robust: none of the attacks in our suite succeeded.',
    'The network is provably robust, as 1,000 restarts of PGD found no adversarial example.',
    'The classifier is certified robust after passing a red-teaming campaign.',
    'FGSM and PGD attacks verify that the classifier is robust to linf perturbations of 0.1.',
    'Our network is certified robust with AutoAttack at linf ε = 8/255.',
    'The detector has 62 % certified robust accuracy under AutoAttack (linf, ε = 0.03; clean: 90 %).',
  ],
});
