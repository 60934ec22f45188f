import { figure, index, ran, report, threat } from '../evidence';
import { testRule } from '../rule-tester';

const evidence = index(report());
const standard = [
  ran('apgd-ce', figure(0.64), 100),
  ran('apgd-t', figure(0.62), 100),
  ran('fab-t', figure(0.62), 100),
  ran('square', figure(0.62), 5000),
];
const measured = (attacks: readonly ReturnType<typeof ran>[]) =>
  index(report({ threatModels: [threat({ norm: 'linf', epsilon: 0.1, robustAccuracy: figure(0.62), attacks })] }));
const keeps = (attack: string) =>
  `The network keeps 62 % accuracy under ${attack} with linf ε = 0.1, against 95 % on clean images.`;

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
    { text: keeps('AutoAttack'), evidence: measured(standard) },
    { text: keeps('FAB-T'), evidence: measured(standard) },
    { text: keeps('the Square attack and APGD'), evidence: measured(standard) },
    { text: keeps('PGD'), evidence: measured(standard) },
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
      text: 'The network keeps 81 % accuracy under AutoAttack with linf ε = 0.05, against 95 % on clean images.',
      evidence: index(
        report({
          threatModels: [{ ...report().threatModels[0]!, attacks: standard }],
        }),
      ),
    },
    { text: keeps('AutoAttack'), evidence },
    { text: keeps('AutoAttack'), evidence: measured(standard.slice(0, 3)) },
    // Budgets below those of AutoAttack.
    { text: keeps('AutoAttack'), evidence: measured([...standard.slice(0, 3), ran('square', figure(0.62), 300)]) },
    // On a sample alone.
    {
      text: keeps('AutoAttack'),
      evidence: measured(standard.map((row) => (row.name === 'fab-t' ? { ...row, sample: true as const } : row))),
    },
    { text: keeps('HopSkipJump'), evidence: measured(standard) },
    { text: keeps('the Carlini & Wagner attack'), evidence: measured(standard) },
    { text: keeps('FAB-T'), evidence: measured(standard.slice(0, 2)) },
  ],
});
