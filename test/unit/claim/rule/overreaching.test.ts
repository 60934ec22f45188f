import { index, report } from '../evidence';
import { testRule } from '../rule-tester';

const evidence = index(report());

testRule('overreaching', {
  valid: [
    {
      text: 'The network keeps 81 % accuracy under linf attacks with ε = 0.05, against 95 % on clean images.',
      evidence,
    },
    {
      text: 'The network keeps 12 % accuracy under linf attacks with ε = 0.2, against 95 % on clean images.',
      evidence,
    },
  ],
  invalid: [
    { text: 'The network keeps 60 % accuracy under l2 attacks with ε = 0.1, against 95 % on clean images.', evidence },
    {
      text: 'The network keeps 60 % accuracy under linf attacks with ε = 0.4, against 95 % on clean images.',
      evidence,
    },
    {
      text: 'The network has a certified accuracy of 60 % in linf with ε = 0.1, against 95 % on clean images.',
      evidence,
    },
    {
      text: 'The network keeps 62 % accuracy under AutoAttack with linf ε = 0.1, against 95 % on clean images.',
      evidence,
    },
  ],
});
