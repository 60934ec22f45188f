import { figure, index, report, threat } from '../evidence';
import { testRule } from '../rule-tester';

const fresh = index(report());
const broken = index(report({ threatModels: [threat({ norm: 'linf', epsilon: 0.1, robustAccuracy: figure(0.01) })] }));
const masked = index(
  report({ pitfalls: [{ rule: 'pitfalls/gradient-masking', severity: 'error', message: 'The gradient is hidden.' }] }),
);
const honest = 'The network keeps 62 % accuracy under PGD with linf ε = 0.1, against 95 % on clean images.';

testRule('contradicted', {
  valid: [
    { text: honest, evidence: fresh },
    { text: 'The network is robust to linf attacks with ε = 0.1.', evidence: fresh },
  ],
  invalid: [
    {
      text: 'The network keeps 90 % accuracy under PGD with linf ε = 0.1, against 95 % on clean images.',
      evidence: fresh,
    },
    {
      text: 'The network keeps 62 % accuracy under PGD with linf ε = 0.1, against 99.9 % on clean images.',
      evidence: fresh,
    },
    { text: 'Our network is robust to adversarial attacks.', evidence: broken },
    { text: honest, evidence: masked },
  ],
});
