import fc from 'fast-check';
import type { EvidenceReport, MeasuredThreat } from '../../../../src/claim/evidence';
import { figure, ran, report, threat } from '../evidence';

const attackSets: readonly (readonly [string, number, number][])[] = [
  [
    ['apgd-ce', 100, 5],
    ['apgd-t', 100, 1],
    ['fab-t', 100, 1],
    ['square', 5000, 1],
  ],
  [
    ['pgd', 40, 5],
    ['apgd-ce', 100, 1],
    ['square', 1000, 1],
  ],
  [
    ['pgd', 40, 1],
    ['apgd-ce', 100, 5],
    ['apgd-t', 100, 1],
    ['fab-t', 100, 1],
    ['square', 5000, 1],
    ['cw', 100, 1],
    ['mt-pgd', 50, 1],
    ['ddn', 100, 1],
    ['fmn', 100, 1],
  ],
  [['pgd', 40, 1]],
  [
    ['fgsm', 1, 1],
    ['pgd', 40, 1],
  ],
  [['sparse-rs', 5000, 1]],
];

const epsilons: readonly (readonly [string, number])[] = [
  ['8/255', 8 / 255],
  ['0.1', 0.1],
  ['0.5', 0.5],
  ['1', 1],
  ['0.031', 0.031],
  ['2.25', 2.25],
  ['0.3', 0.3],
];

/** Threat models as they may be measured on `n` examples. */
const threatsOf = (n: number): fc.Arbitrary<MeasuredThreat> =>
  fc
    .record({
      norm: fc.constantFrom('linf', 'l2', 'l1', 'l0'),
      epsilon: fc.constantFrom(...epsilons),
      attacks: fc.constantFrom(...attackSets),
      robust: fc.integer({ min: 0, max: 1000 }),
      certified: fc.option(fc.integer({ min: 0, max: 1000 })),
    })
    .map(({ norm, epsilon: [epsilonText, epsilon], attacks, robust, certified }) => {
      const accuracy = figure(robust / 1000, n);
      return threat({
        norm,
        epsilon,
        epsilonText,
        name: `${norm}-${epsilonText}`,
        robustAccuracy: accuracy,
        certifiedAccuracy: certified === null ? null : figure((certified / 1000) * accuracy.value, n),
        attackSuccessRate: null,
        attacks: attacks.map(([name, iterations, restarts]) => ran(name, accuracy, iterations, restarts)),
      });
    });

const corruptionNames = ['gaussian_noise', 'motion_blur', 'fog', 'contrast', 'jpeg_compression', 'brightness'];
const corruptions: fc.Arbitrary<EvidenceReport['corruptions']> = fc
  .record({
    names: fc.uniqueArray(fc.constantFrom(...corruptionNames), { minLength: 1 }),
    severities: fc.constantFrom([1, 3, 5], [1, 2, 3, 4, 5], [3]),
    value: fc.integer({ min: 20, max: 95 }).map((value) => value / 100),
  })
  .map(({ names, severities, value }) => ({
    meanAccuracy: figure(value),
    byCorruption: names.flatMap((name) =>
      severities.map((severity) => ({ name, severity, accuracy: figure(value - 0.03 * severity) })),
    ),
  }));

const models = [
  'models/net.onnx',
  'robust.onnx',
  'a/b/WRN-28-10_at.onnx',
  'plain.onnx',
  'my model (v2).onnx',
  'resnet18_linf_8.onnx',
  '模型.onnx',
];

/** Reports of all norms, suites, sizes and names, of sound evaluations. */
export const reports: fc.Arbitrary<EvidenceReport> = fc.constantFrom(37, 200, 1000, 10_000).chain((count) =>
  fc
    .record({
      model: fc.constantFrom(...models),
      clean: fc.integer({ min: 50, max: 100 }),
      threatModels: fc.uniqueArray(threatsOf(count), {
        minLength: 1,
        maxLength: 3,
        selector: ({ norm, epsilonText }) => `${norm} ${epsilonText}`,
      }),
      corruptions: fc.option(corruptions),
    })
    .map(({ clean, ...rest }) => report({ ...rest, count, clean: figure(clean / 100, count) })),
);

/** Claims that no evaluation of these supports, of the kinds that can be rewritten. */
export const claims: readonly string[] = [
  'Our model is robust to adversarial attacks.',
  'The network is immune to every adversarial perturbation.',
  'The classifier keeps 99.9 % accuracy under PGD with linf ε = 8/255.',
  'Our network is certifiably robust within an l2 radius of 4.',
  'It is robust against FGSM, which guarantees that no attack can change its predictions.',
  'The model reaches a robust accuracy of 97% under AutoAttack (l2, ε = 3).',
  'Our network is robust and achieves 99 % test accuracy.',
  'The classifier is robust to image corruptions and noise.',
  'The network keeps 99 % accuracy under Gaussian noise of severity 5.',
];
