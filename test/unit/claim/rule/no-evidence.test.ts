import { index, report } from '../evidence';
import { testRule } from '../rule-tester';

const text = 'The network keeps 62 % accuracy under PGD with linf ε = 0.1, against 95 % on clean images.';
const two = index(report({ model: 'models/a1.onnx' }), report({ model: 'models/b2.onnx' }));

testRule('no-evidence', {
  valid: [
    // A repository that holds no report at all is not told so in every sentence.
    text,
    { text, evidence: index(report()) },
    // What the prose lacks is said first.
    { text: 'Our network is robust to adversarial attacks.', evidence: two },
  ],
  invalid: [
    // Which of the two models is meant?
    { text, evidence: two },
    {
      text: 'The network keeps 80 % accuracy on foggy images, against 95 % on clean ones.',
      evidence: index(report()),
    },
  ],
});
