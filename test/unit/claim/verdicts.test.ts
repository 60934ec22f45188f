import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { type EvidenceIndex, emptyEvidence } from '../../../src/claim/evidence';
import type { ClaimVerdict } from '../../../src/claim/types';
import { figure, index, ran, report, threat } from './evidence';

/** A report that measured something of every kind that can be measured. */
function measured(change: Parameters<typeof report>[0] = {}): EvidenceIndex {
  return index(
    report({
      threatModels: [
        threat({
          norm: 'linf',
          epsilon: 0.1,
          robustAccuracy: figure(0.62),
          certifiedAccuracy: figure(0.41),
          attacks: [ran('pgd', figure(0.62), 40)],
        }),
      ],
      corruptions: {
        meanAccuracy: figure(0.65),
        byCorruption: [1, 2, 3, 4, 5].map((severity) => ({
          name: 'gaussian_noise',
          severity,
          accuracy: figure(0.95 - 0.1 * severity),
        })),
      },
      shifts: [{ name: 'other-hospitals', accuracy: figure(0.71), drop: 0.24 }],
      ...change,
    }),
  );
}

const pitfall = (rule: string, message: string) => [{ rule: `pitfalls/${rule}`, severity: 'error', message }];

/** The columns of the table. */
const evidence: Readonly<Record<string, EvidenceIndex>> = {
  absent: emptyEvidence,
  present: measured(),
  stale: measured({ stale: true }),
  // The attack did not work: what it left is no evidence. Clean figures and certificates do not hang on attacks.
  masked: measured({ pitfalls: pitfall('zero-gradient', 'The gradient is zero.') }),
  // The model had seen the test data: no figure holds.
  leaked: measured({ pitfalls: pitfall('train-test-overlap', 'Half of the test examples are in the training data.') }),
};

const clean = ', against 95 % on clean images.';

/** What is claimed: by kind, whether the threat model (or corruption, shift, attack, setting) is named, and the figure. */
const sentences: Readonly<Record<string, string>> = {
  'adversarial  named    right ': `The network keeps 62 % accuracy under PGD with linf ε = 0.1${clean}`,
  'adversarial  named    wrong ': `The network keeps 80 % accuracy under PGD with linf ε = 0.1${clean}`,
  'adversarial  named    absent': 'The network is robust to linf attacks with ε = 0.1.',
  'adversarial  unnamed  right ': `The network keeps 62 % robust accuracy under attack${clean}`,
  'adversarial  unnamed  wrong ': `The network keeps 80 % robust accuracy under attack${clean}`,
  'adversarial  unnamed  absent': 'The network is robust to adversarial attacks.',
  'certified    named    right ': `The network has a certified accuracy of 41 % within a linf radius of 0.1${clean}`,
  'certified    named    wrong ': `The network has a certified accuracy of 90 % within a linf radius of 0.1${clean}`,
  'certified    named    absent': 'The network is certifiably robust within a linf radius of 0.1.',
  'certified    unnamed  right ': `The network has a certified accuracy of 41 %${clean}`,
  'certified    unnamed  wrong ': `The network has a certified accuracy of 90 %${clean}`,
  'certified    unnamed  absent': 'The network is certifiably robust.',
  'corruption   named    right ': `The network keeps 65 % accuracy under Gaussian noise of severity 3${clean}`,
  'corruption   named    wrong ': `The network keeps 90 % accuracy under Gaussian noise of severity 3${clean}`,
  'corruption   named    absent': 'The network is robust to Gaussian noise of severity 3.',
  'corruption   unnamed  right ': `The network keeps 65 % accuracy under image corruptions${clean}`,
  'corruption   unnamed  wrong ': `The network keeps 90 % accuracy under image corruptions${clean}`,
  'corruption   unnamed  absent': 'The network is robust to image corruptions.',
  'shift        named    right ': `The network keeps 71 % accuracy on images from other hospitals${clean}`,
  'shift        named    wrong ': `The network keeps 90 % accuracy on images from other hospitals${clean}`,
  'shift        named    absent': 'The network is robust to images from other hospitals.',
  'shift        unnamed  right ': `The network keeps 71 % accuracy on unseen domains${clean}`,
  'shift        unnamed  wrong ': `The network keeps 90 % accuracy on unseen domains${clean}`,
  'shift        unnamed  absent': 'The network is robust to domain shift.',
  'security     named    right ': 'The network blocks 97 % of prompt injection attacks.',
  'security     named    wrong ': 'The network blocks 12 % of prompt injection attacks.',
  'security     named    absent': 'The network is robust to prompt injection attacks.',
  'security     unnamed  right ': 'The network blocks 97 % of malicious prompts.',
  'security     unnamed  wrong ': 'The network blocks 12 % of malicious prompts.',
  'security     unnamed  absent': 'The network is secure and robust.',
  'stability    named    right ': 'The network is robust to random seeds: its accuracy is 95 % in five runs.',
  'stability    named    wrong ': 'The network is robust to random seeds: its accuracy is 40 % in five runs.',
  'stability    named    absent': 'The network is robust to the choice of random seeds.',
  'stability    unnamed  right ': 'The network is robust to its hyper-parameters, with 95 % accuracy.',
  'stability    unnamed  wrong ': 'The network is robust to its hyper-parameters, with 40 % accuracy.',
  'stability    unnamed  absent': 'The network is robust to its hyper-parameters.',
  'general      named    right ': 'The network is robust and keeps 62 % accuracy at ε = 0.1.',
  'general      named    wrong ': 'The network is robust and keeps 80 % accuracy at ε = 0.1.',
  'general      named    absent': 'The network achieves strong robustness at ε = 0.1.',
  'general      unnamed  right ': 'The network is robust, with 95 % accuracy on clean images.',
  'general      unnamed  wrong ': 'The network is robust, with 99.9 % accuracy on clean images.',
  'general      unnamed  absent': 'The network is robust.',
};

/**
 * Written out from what the verdicts mean. A claim that lacks its condition or any figure is
 * underspecified, unless the evidence speaks against it all the same. No report measures security or stability in training.
 */
const table = `
                                absent          present         stale           masked          leaked
  adversarial  named    right   unsupported     supported       stale           contradicted    contradicted
  adversarial  named    wrong   unsupported     contradicted    stale           contradicted    contradicted
  adversarial  named    absent  underspecified  underspecified  stale           underspecified  underspecified
  adversarial  unnamed  right   underspecified  underspecified  stale           underspecified  contradicted
  adversarial  unnamed  wrong   underspecified  contradicted    stale           contradicted    contradicted
  adversarial  unnamed  absent  underspecified  underspecified  stale           underspecified  underspecified
  certified    named    right   unsupported     supported       stale           supported       contradicted
  certified    named    wrong   unsupported     contradicted    stale           contradicted    contradicted
  certified    named    absent  underspecified  underspecified  stale           underspecified  underspecified
  certified    unnamed  right   underspecified  underspecified  stale           underspecified  contradicted
  certified    unnamed  wrong   underspecified  contradicted    stale           contradicted    contradicted
  certified    unnamed  absent  underspecified  underspecified  stale           underspecified  underspecified
  corruption   named    right   unsupported     supported       stale           supported       contradicted
  corruption   named    wrong   unsupported     contradicted    stale           contradicted    contradicted
  corruption   named    absent  underspecified  underspecified  stale           underspecified  underspecified
  corruption   unnamed  right   underspecified  underspecified  stale           underspecified  contradicted
  corruption   unnamed  wrong   underspecified  contradicted    stale           contradicted    contradicted
  corruption   unnamed  absent  underspecified  underspecified  stale           underspecified  underspecified
  shift        named    right   unsupported     supported       stale           supported       contradicted
  shift        named    wrong   unsupported     contradicted    stale           contradicted    contradicted
  shift        named    absent  underspecified  underspecified  stale           underspecified  underspecified
  shift        unnamed  right   underspecified  overreaching    stale           overreaching    contradicted
  shift        unnamed  wrong   underspecified  overreaching    stale           overreaching    contradicted
  shift        unnamed  absent  underspecified  overreaching    stale           overreaching    overreaching
  security     named    right   unsupported     unsupported     unsupported     unsupported     unsupported
  security     named    wrong   unsupported     unsupported     unsupported     unsupported     unsupported
  security     named    absent  underspecified  underspecified  underspecified  underspecified  underspecified
  security     unnamed  right   underspecified  underspecified  underspecified  underspecified  underspecified
  security     unnamed  wrong   underspecified  underspecified  underspecified  underspecified  underspecified
  security     unnamed  absent  underspecified  underspecified  underspecified  underspecified  underspecified
  stability    named    right   underspecified  underspecified  underspecified  underspecified  underspecified
  stability    named    wrong   underspecified  underspecified  underspecified  underspecified  underspecified
  stability    named    absent  underspecified  underspecified  underspecified  underspecified  underspecified
  stability    unnamed  right   underspecified  underspecified  underspecified  underspecified  underspecified
  stability    unnamed  wrong   underspecified  underspecified  underspecified  underspecified  underspecified
  stability    unnamed  absent  underspecified  underspecified  underspecified  underspecified  underspecified
  general      named    right   underspecified  underspecified  stale           contradicted    contradicted
  general      named    wrong   underspecified  contradicted    stale           contradicted    contradicted
  general      named    absent  underspecified  underspecified  stale           underspecified  underspecified
  general      unnamed  right   underspecified  underspecified  stale           underspecified  contradicted
  general      unnamed  wrong   underspecified  contradicted    stale           contradicted    contradicted
  general      unnamed  absent  underspecified  underspecified  stale           underspecified  underspecified
`;

const [header = '', ...rows] = table.split('\n').filter((line) => line.trim() !== '');
const columns = header.trim().split(/\s+/);

describe('the table of verdicts', () => {
  it('has a row for every kind, condition and figure, and a column for every state of the evidence', () => {
    expect(rows).toHaveLength(7 * 2 * 3);
    expect(columns).toEqual(Object.keys(evidence));
    expect(rows.map((row) => row.slice(2, 30))).toEqual(Object.keys(sentences));
  });

  it.each(rows.map((row) => [row.slice(2, 30), row.slice(30).trim().split(/\s+/) as ClaimVerdict[]] as const))(
    '%s',
    (name, expected) => {
      const text = sentences[name]!;
      const found = columns.map((column) => {
        const claims = checkDocument(text, 'README.md', evidence[column]!);
        expect(claims, text).toHaveLength(1);
        expect(claims[0]!.kind).toBe(name.split(' ')[0]);
        return claims[0]!.verdict;
      });
      expect(found).toEqual(expected);
    },
  );
});
