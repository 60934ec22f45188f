import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import { parseMarkdown } from '../../../src/claim/document/markdown';
import type { EvidenceIndex, EvidenceReport } from '../../../src/claim/evidence';
import { extractFacts } from '../../../src/claim/extract';
import { judge } from '../../../src/claim/judge/judge';
import { resultClaim } from '../../../src/claim/metadataResult';
import type { ClaimKind, ClaimVerdict } from '../../../src/claim/types';
import { figure, index, report, threat } from './evidence';

const clean = ', against 95 % on clean images.';

function judged(text: string, kind: ClaimKind, evidence: EvidenceIndex) {
  const [sentence] = parseMarkdown(text).sentences;
  const facts = extractFacts(sentence!.plain);
  return judge({ sentence: sentence!, kind, facts, nearby: facts, path: 'README.md' }, evidence);
}

type Case = readonly [text: string, verdict: ClaimVerdict, pointer?: string | null];

function holds(kind: ClaimKind, evidence: EvidenceReport, cases: readonly Case[]) {
  for (const [text, verdict, pointer] of cases) {
    const found = judged(text, kind, index(evidence));
    expect(found.verdict, `${text} ${found.reason}`).toBe(verdict);
    if (pointer !== undefined) expect(found.evidence?.pointer, `${text} ${found.reason}`).toBe(pointer);
  }
}

describe('corruptions', () => {
  const rows = (name: string, first: number, step: number) =>
    [1, 3, 5].map((severity) => ({
      name,
      severity,
      accuracy: figure(first - step * severity),
      stability: figure(0.99 - step * severity),
    }));
  const evidence = report({
    corruptions: {
      meanAccuracy: figure(0.7),
      mCE: { value: 0.81, low: 0.76, high: 0.86, n: 200 },
      stabilityIndex: figure(0.77),
      byCorruption: [...rows('gaussian_noise', 0.95, 0.1), ...rows('motion_blur', 0.9, 0.02)],
    },
  });

  it('are told apart by name and severity', () => {
    holds('corruption', evidence, [
      [
        `The network keeps 65 % accuracy under Gaussian noise of severity 3${clean}`,
        'supported',
        '/corruptions/byCorruption/1/accuracy',
      ],
      [
        `The network keeps 84 % accuracy under motion blur of severity 3${clean}`,
        'supported',
        '/corruptions/byCorruption/4/accuracy',
      ],
      [`The network keeps 84 % accuracy under Gaussian noise of severity 3${clean}`, 'contradicted'],
      [`The network keeps 65 % accuracy under Gaussian noise of severity 4${clean}`, 'overreaching'],
      [`The network keeps 65 % accuracy under JPEG compression${clean}`, 'overreaching'],
      [`The network keeps 65 % accuracy under defocus blur${clean}`, 'overreaching'],
      [`The network keeps 65 % accuracy in fog${clean}`, 'overreaching'],
      [`The network keeps 65 % accuracy on CIFAR-10-C${clean}`, 'overreaching'],
    ]);
  });

  it('in their mildest form are not the corruption', () => {
    holds('corruption', evidence, [
      [
        `The network keeps 85 % accuracy under Gaussian noise${clean}`,
        'overreaching',
        '/corruptions/byCorruption/0/accuracy',
      ],
      [`The network keeps 85 % accuracy under Gaussian noise with σ = 0.1${clean}`, 'supported'],
      [
        `The network keeps 45 % accuracy under Gaussian noise${clean}`,
        'supported',
        '/corruptions/byCorruption/2/accuracy',
      ],
      [`The network keeps 75 % accuracy under Gaussian noise${clean}`, 'unsupported'],
      [`The network keeps 99.9 % accuracy under Gaussian noise${clean}`, 'contradicted'],
    ]);
  });

  it('have a mean, an error and a stability of their own', () => {
    holds('corruption', evidence, [
      [
        `The network keeps 70 % accuracy on average under corruptions${clean}`,
        'supported',
        '/corruptions/meanAccuracy',
      ],
      [
        `The network has a mean corruption error of 81 %, against a clean accuracy of 95 %.`,
        'supported',
        '/corruptions/mCE',
      ],
      [
        `The network has a mean corruption error of 40 %, against a clean accuracy of 95 %.`,
        'contradicted',
        '/corruptions/mCE',
      ],
      [
        `Under motion blur of severity 3 93 % of predictions stay the same.`,
        'supported',
        '/corruptions/byCorruption/4/stability',
      ],
      [`The network loses only 30 points of accuracy under Gaussian noise of severity 3${clean}`, 'supported'],
      [`The network loses only 2 points of accuracy under Gaussian noise of severity 3${clean}`, 'contradicted'],
    ]);
  });

  it('by rotations and shifts have their own measurement', () => {
    const spatial = report({
      spatial: {
        rotation: 30,
        translation: 3,
        padding: 'zeros',
        points: 100,
        worstCase: figure(0.4),
        meanAccuracy: 0.8,
        byRotation: [
          { rotation: -30, accuracy: figure(0.7) },
          { rotation: 0, accuracy: figure(0.95) },
          { rotation: 30, accuracy: figure(0.75) },
        ],
        byTranslation: [],
      },
    });
    holds('corruption', spatial, [
      ['The network keeps 40 % accuracy under rotations of up to 30°.', 'supported', '/spatial/worstCase'],
      ['The network keeps 95 % accuracy under rotations of up to 30°.', 'contradicted', '/spatial/worstCase'],
      ['The network keeps 95 % accuracy under rotations of up to 90°.', 'overreaching'],
      ['The network keeps 70 % accuracy under rotations of up to 10°.', 'unsupported'],
      ['The network keeps 75 % accuracy on images rotated by 30°.', 'supported', '/spatial/byRotation/2/accuracy'],
      ['The network is robust to rotations.', 'unsupported'],
    ]);
  });
});

describe('shifts', () => {
  const evidence = report({
    shifts: [
      { name: 'office_photos', accuracy: figure(0.71), drop: 0.24 },
      { name: 'sketches', accuracy: figure(0.4), drop: 0.55 },
    ],
  });

  it('are told apart by name', () => {
    holds('shift', evidence, [
      [`The network keeps 71 % accuracy on office photos${clean}`, 'supported', '/shifts/0/accuracy'],
      [`The network keeps 40 % accuracy on sketches${clean}`, 'supported', '/shifts/1/accuracy'],
      [`The network keeps 71 % accuracy on sketches${clean}`, 'contradicted', '/shifts/1/accuracy'],
      [`The network keeps 71 % accuracy on paintings${clean}`, 'overreaching'],
      [`The network loses 24 points of accuracy on office photos${clean}`, 'supported'],
      [`The network loses 3 points of accuracy on office photos${clean}`, 'contradicted'],
      ['The network is robust to sketches.', 'unsupported', '/shifts/1/accuracy'],
    ]);
  });
});

describe('universal perturbations', () => {
  const universal = {
    threatModel: 'linf-0.1',
    epochs: 5,
    madeOn: 100,
    foolingRate: figure(0.3, 100),
    accuracy: figure(0.66, 100),
    cleanAccuracy: figure(0.95, 100),
  };

  it('are measured apart', () => {
    const text = (share: string) =>
      `The network keeps ${share} accuracy under a universal perturbation with linf ε = 0.1${clean}`;
    holds('adversarial', report({ universal }), [
      [text('66 %'), 'supported', '/universal/accuracy'],
      [text('90 %'), 'contradicted', '/universal/accuracy'],
    ]);
    holds('adversarial', report(), [[text('62 %'), 'unsupported']]);
  });
});

describe('models that predict numbers', () => {
  const error = (value: number) => ({ value, low: 0.9 * value, high: 1.1 * value, n: 200 });
  const evidence = report({
    clean: null,
    threatModels: [],
    regression: {
      outputs: 1,
      tolerance: { value: 0.5, relative: false },
      clean: {
        mae: error(0.2),
        rmse: error(0.3),
        r2: error(0.9),
        medianError: error(0.15),
        withinTolerance: figure(0.98),
      },
      threatModels: [
        {
          name: 'linf-0.1',
          norm: 'linf',
          epsilon: 0.1,
          epsilonText: '0.1',
          knowledge: 'white-box',
          goal: 'untargeted',
          worstCase: { mae: error(0.8), rmse: error(1), meanChange: error(0.6), maxChange: 2.31 },
          withinTolerance: figure(0.7),
          certifiedInterval: null,
        },
      ],
    },
  });

  it('have a worst-case error and a largest change', () => {
    holds('adversarial', evidence, [
      [
        'The regressor has a worst-case MAE of 0.8 under linf attacks with ε = 0.1, against a clean MAE of 0.2.',
        'supported',
        '/threatModels/0/worstCase/mae',
      ],
      [
        'The regressor has a worst-case MAE of 0.3 under linf attacks with ε = 0.1, against a clean MAE of 0.2.',
        'contradicted',
        '/threatModels/0/worstCase/mae',
      ],
      [
        'The regressor has a worst-case MAE of 0.8 under linf attacks with ε = 0.1, against a clean MAE of 0.1.',
        'contradicted',
        '/clean/mae',
      ],
      ['The regressor has a worst-case RMSE of 1.0 under linf attacks with ε = 0.3.', 'overreaching'],
      ['The regressor has a worst-case RMSE of 1.0 under l2 attacks with ε = 0.1.', 'overreaching'],
      [
        'Under linf attacks with ε = 0.1 its output changes by at most 2.31.',
        'supported',
        '/threatModels/0/worstCase/maxChange',
      ],
      [
        'Under linf attacks with ε = 0.1 its output changes by at most 1.',
        'contradicted',
        '/threatModels/0/worstCase/maxChange',
      ],
      [
        'Under linf attacks with ε = 0.1 70 % of its outputs stay within tolerance.',
        'supported',
        '/threatModels/0/withinTolerance',
      ],
      [
        'Under linf attacks with ε = 0.1 95 % of its outputs stay within tolerance.',
        'contradicted',
        '/threatModels/0/withinTolerance',
      ],
      ['The regressor is robust to linf attacks with ε = 0.1.', 'unsupported'],
    ]);
  });
});

describe('tables', () => {
  const net = report({
    threatModels: [
      threat({ norm: 'linf', epsilon: 0.1, robustAccuracy: figure(0.62) }),
      threat({ norm: 'l2', epsilon: 0.5, robustAccuracy: figure(0.7) }),
    ],
  });
  const table = (linf: string, l2: string) =>
    `# Results\n\n| model | clean accuracy (%) | robust accuracy, linf ε = 0.1 (%) | robust accuracy, l2 ε = 0.5 (%) |\n|---|---|---|---|\n| net | 95.0 | ${linf} | ${l2} |\n`;

  it('are read column by column, numbers below a percent sign too', () => {
    const verdicts = (text: string) => checkDocument(text, 'README.md', index(net)).map(({ verdict }) => verdict);
    expect(verdicts(table('62.0', '70.0'))).toEqual(['supported']);
    expect(verdicts(table('90.0', '70.0'))).toEqual(['contradicted']);
    expect(verdicts(table('62.0', '95.0'))).toEqual(['contradicted']);
  });

  it('are corrected in the cell', () => {
    const text = table('**90.5**', '70.0');
    const [claim] = checkDocument(text, 'README.md', index(net));
    expect(
      claim!.evidence!.corrections.map(({ start, end, replacement }) => [claim!.text.slice(start, end), replacement]),
    ).toEqual([['90.5', '62.0']]);
  });
});

describe('results in metadata', () => {
  const plain = (share: string) => `robust accuracy under PGD (linf, ε = 0.1) on digits: ${share}`;
  const result = (text: string) => ({
    start: 40,
    end: 60,
    plain: text,
    offsets: new Array<number>(text.length).fill(50),
  });
  const verdict = (text: string) => {
    const claim = resultClaim(result(text));
    return claim && judge({ ...claim, nearby: claim.facts, path: 'README.md' }, index(report()));
  };

  it('are judged like sentences, and nothing is written into them', () => {
    expect(verdict(plain('62 %'))!.verdict).toBe('supported');
    const wrong = verdict(plain('90 %'))!;
    expect(wrong.verdict).toBe('contradicted');
    expect(wrong.evidence!.corrections).toEqual([]);
  });

  it('that state a clean accuracy alone are no claims', () => {
    expect(verdict('accuracy on digits: 95 %')).toBeNull();
  });
});
