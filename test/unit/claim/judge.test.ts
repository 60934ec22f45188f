import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { type EvidenceIndex, emptyEvidence } from '../../../src/claim/evidence';
import { agrees } from '../../../src/claim/judge/agree';
import type { ClaimVerdict } from '../../../src/claim/types';
import { figure, index, report, threat } from './evidence';

const verdict = (text: string, evidence: EvidenceIndex, path = 'README.md') => {
  const claims = checkDocument(text, path, evidence);
  expect(claims, text).toHaveLength(1);
  return claims[0]!;
};

const fresh = index(report());
const stale = index(report({ stale: true }));
const voided = index(
  report({ pitfalls: [{ rule: 'pitfalls/zero-gradient', severity: 'error', message: 'Gradients are zero.' }] }),
);
const certified = index(
  report({
    threatModels: [threat({ norm: 'l2', epsilon: 0.5, robustAccuracy: figure(0.7), certifiedAccuracy: figure(0.58) })],
  }),
);
const corrupted = index(
  report({
    corruptions: {
      meanAccuracy: figure(0.8),
      byCorruption: [1, 2, 3, 4, 5].map((severity) => ({
        name: 'gaussian_noise',
        severity,
        accuracy: figure(0.95 - 0.1 * severity),
      })),
    },
  }),
);

const clean = ', against 95 % on clean images.';
const right = `The network keeps 62 % accuracy under PGD with linf ε = 0.1${clean}`;
const wrong = `The network keeps 80 % accuracy under PGD with linf ε = 0.1${clean}`;
const absent = 'The network is robust to linf perturbations with ε = 0.1.';
const unnamed = 'The network keeps 62 % robust accuracy under attack, against 95 % on clean images.';
const bare = 'The network is robust to adversarial attacks.';
const rightCertified = `The network has a certified accuracy of 58 % within an l2 radius of 0.5${clean}`;
const wrongCertified = `The network has a certified accuracy of 90 % within an l2 radius of 0.5${clean}`;
const rightNoise = `The network keeps 65 % accuracy under Gaussian noise of severity 3${clean}`;
const wrongNoise = `The network keeps 90 % accuracy under Gaussian noise of severity 3${clean}`;

describe('verdicts by kind, threat model, figure and report', () => {
  it.each<[string, string, EvidenceIndex, ClaimVerdict]>([
    ['right figure, report', right, fresh, 'supported'],
    ['wrong figure, report', wrong, fresh, 'contradicted'],
    ['no figure, report', absent, fresh, 'underspecified'],
    ['no threat model, right figure', unnamed, fresh, 'underspecified'],
    ['nothing named, report', bare, fresh, 'underspecified'],
    ['right figure, stale', right, stale, 'stale'],
    ['wrong figure, stale', wrong, stale, 'stale'],
    ['no figure, stale', absent, stale, 'stale'],
    ['nothing named, stale', bare, stale, 'stale'],
    ['right figure, voided', right, voided, 'contradicted'],
    ['wrong figure, voided', wrong, voided, 'contradicted'],
    ['right figure, no report', right, emptyEvidence, 'unsupported'],
    ['wrong figure, no report', wrong, emptyEvidence, 'unsupported'],
    ['no figure, no report', absent, emptyEvidence, 'underspecified'],
    ['nothing named, no report', bare, emptyEvidence, 'underspecified'],
    ['right certificate', rightCertified, certified, 'supported'],
    ['wrong certificate', wrongCertified, certified, 'contradicted'],
    ['certificate from attacks', rightCertified.replace('l2', 'linf').replace('0.5', '0.1'), fresh, 'overreaching'],
    ['certificate, no report', rightCertified, emptyEvidence, 'unsupported'],
    ['right under corruption', rightNoise, corrupted, 'supported'],
    ['wrong under corruption', wrongNoise, corrupted, 'contradicted'],
    ['corruption not measured', rightNoise, fresh, 'unsupported'],
    [
      'mean under corruptions',
      `The network keeps an average of 80 % accuracy under image corruptions${clean}`,
      corrupted,
      'underspecified',
    ],
    [
      'shift: never measured',
      `The network keeps 65 % accuracy on images from other hospitals${clean}`,
      fresh,
      'unsupported',
    ],
    [
      'security: never measured',
      'The network blocks 97 % of prompt injection attacks, and resists spoofing attacks.',
      fresh,
      'unsupported',
    ],
  ])('%s', (_, text, evidence, expected) => {
    expect(verdict(text, evidence).verdict).toBe(expected);
  });
});

describe('judge', () => {
  const at = (epsilon: string, share: string, norm = 'linf') =>
    verdict(`The network keeps ${share} accuracy under ${norm} attacks with ε = ${epsilon}${clean}`, fresh).verdict;

  it('compares with the curve, and takes the next larger radius as a lower bound', () => {
    expect(at('0.05', '81 %')).toBe('supported');
    expect(at('0.05', '95 %')).toBe('contradicted');
    expect(at('0.08', '60 %')).toBe('supported');
    expect(at('0.08', '80 %')).toBe('unsupported');
    expect(at('0.2', '12 %')).toBe('supported');
    expect(at('0.4', '12 %')).toBe('overreaching');
    expect(at('0.1', '62 %', 'l2')).toBe('overreaching');
  });

  it('allows for the interval and for rounding, on both sides', () => {
    const measured = { value: 0.62, low: 0.551, high: 0.685, n: 200 };
    const stated = (value: number, rounding: number, bound: 'lower' | 'upper' | null = null) =>
      ({ value, rounding, bound, role: 'robust', percent: true, start: 0, end: 1 }) as const;
    expect(agrees(stated(0.69, 0.005), measured)).toBe(true);
    expect(agrees(stated(0.69, 0.0005), measured)).toBe(false);
    expect(agrees(stated(0.55, 0.005), measured)).toBe(true);
    expect(agrees(stated(0.5, 0.005), measured)).toBe(false);
    expect(agrees(stated(0.5, 0.005, 'lower'), measured)).toBe(true);
    expect(agrees(stated(0.7, 0.005, 'lower'), measured)).toBe(false);
    expect(agrees(stated(0.7, 0.005, 'upper'), measured)).toBe(true);
    expect(agrees(stated(0.5, 0.005, 'upper'), measured)).toBe(false);
  });

  it('ties a claim to the model that the sentence, the heading or the table names', () => {
    const plain = report({
      model: 'models/plain.onnx',
      clean: figure(0.99),
      threatModels: [threat({ norm: 'linf', epsilon: 0.1, robustAccuracy: figure(0.03) })],
    });
    const robust = report({ model: 'models/robust.onnx' });
    const both = index(plain, robust);
    const text = (name: string, share: string, cleanShare: string) =>
      `${name} keeps ${share} accuracy under PGD with linf ε = 0.1, against ${cleanShare} on clean images.`;
    expect(verdict(text('`plain.onnx`', '3 %', '99 %'), both).evidence?.model).toBe('models/plain.onnx');
    expect(verdict(text('`plain.onnx`', '3 %', '99 %'), both).verdict).toBe('supported');
    expect(verdict(text('The plain model', '62 %', '99 %'), both).verdict).toBe('contradicted');
    expect(verdict(text('The robust model', '62 %', '95 %'), both).verdict).toBe('supported');
    expect(verdict(text('The adversarially trained network', '62 %', '95 %'), both).verdict).toBe('supported');
    expect(verdict(`# A network\n\n## robust.onnx\n\n${text('It', '62 %', '95 %')}`, both).verdict).toBe('supported');
    expect(verdict(text('The network', '62 %', '95 %'), both)).toMatchObject({
      verdict: 'unsupported',
      evidence: null,
    });
    const table =
      '# Two networks\n\n| model | clean accuracy | robust accuracy, linf ε = 0.1 |\n|---|---|---|\n| plain | 99 % | 3 % |\n| robust | 95 % | 90 % |\n';
    expect(
      checkDocument(table, 'README.md', both).map(({ verdict, rules }) => [verdict, rules.map((hit) => hit.rule)]),
    ).toEqual([
      ['supported', []],
      ['contradicted', ['claims/contradicted']],
    ]);
    expect(checkDocument(table, 'README.md', emptyEvidence)).toEqual([]);
  });

  it('prefers the reports nearest to the document', () => {
    const here = report({ model: 'models/a.onnx', path: 'a/.robustness/a.robustness.json' });
    const there = report({ model: 'models/b.onnx', path: 'b/.robustness/b.robustness.json', stale: true });
    expect(verdict(right, index(there, here), 'a/README.md')).toMatchObject({
      verdict: 'supported',
      evidence: { report: here.path },
    });
    expect(verdict(right, index(there, here), 'b/README.md').verdict).toBe('stale');
    expect(verdict(right, index(there, here), 'README.md').evidence).toBeNull();
  });

  it('shows what was measured', () => {
    expect(verdict(right, fresh).evidence).toEqual({
      report: '.robustness/net.robustness.json',
      model: 'models/net.onnx',
      stale: false,
      pointer: '/threatModels/0/robustAccuracy',
      corrections: [],
      figures: [
        'clean accuracy 95.0 % [91.0 %, 97.3 %], n = 200',
        'robust accuracy at most 62.0 % [55.1 %, 68.4 %] (linf, ε = 0.1, white-box)',
      ],
    });
  });
});
