import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/claim/check';
import type { EvidenceIndex, EvidenceReport } from '../../../src/claim/evidence';
import type { Claim, ClaimVerdict } from '../../../src/claim/types';
import { figure, index, ran, report, threat } from './evidence';

const clean = ', against 95 % on clean images.';

function one(text: string, evidence: EvidenceIndex): Claim {
  const claims = checkDocument(text, 'README.md', evidence);
  expect(claims, text).toHaveLength(1);
  return claims[0]!;
}

/** Each sentence with its verdict, and where in the report the answer stands. */
function holds(evidence: EvidenceIndex, cases: readonly (readonly [string, ClaimVerdict, (string | null)?])[]) {
  for (const [text, verdict, pointer] of cases) {
    const claim = one(text, evidence);
    const why = `${text} ${claim.rules.map(({ message }) => message).join(' ')}`;
    expect(claim.verdict, why).toBe(verdict);
    if (pointer !== undefined) expect(claim.evidence?.pointer, why).toBe(pointer);
  }
}

const linf = (options: Partial<Parameters<typeof threat>[0]> = {}) =>
  threat({ norm: 'linf', epsilon: 8 / 255, epsilonText: '8/255', robustAccuracy: figure(0.62), ...options });

describe('ε', () => {
  const evidence = index(report({ threatModels: [linf()] }));
  const at = (epsilon: string) => `The network keeps 62 % accuracy under linf attacks with ${epsilon}${clean}`;

  it('is read in every unit that people write it in', () => {
    holds(evidence, [
      [at('ε = 8/255'), 'supported', '/threatModels/0/robustAccuracy'],
      [at('ε = 0.031'), 'supported'],
      [at('ε = 0.0314'), 'supported'],
      [at('ε = 8'), 'supported'],
      [at('ε = 16/255'), 'overreaching'],
      [at('ε = 16'), 'overreaching'],
      [at('ε = 0.04'), 'overreaching'],
    ]);
  });

  it('of the threat model that is named needs not be stated', () => {
    const named = index(
      report({
        threatModels: [
          linf({ name: 'linf-8' }),
          threat({ norm: 'l2', epsilon: 0.5, robustAccuracy: figure(0.7), name: 'l2-half' }),
        ],
      }),
    );
    holds(named, [
      [
        `The network keeps 70 % accuracy under white-box attacks of l2-half${clean}`,
        'supported',
        '/threatModels/1/robustAccuracy',
      ],
      [
        `The network keeps 70 % accuracy under white-box attacks of linf-8${clean}`,
        'contradicted',
        '/threatModels/0/robustAccuracy',
      ],
    ]);
  });

  it('between two that were measured bounds the figure from both sides', () => {
    const curve = [
      { epsilon: 0, accuracy: figure(0.95) },
      { epsilon: 4 / 255, accuracy: figure(0.8) },
      { epsilon: 8 / 255, accuracy: figure(0.62) },
    ];
    const evidence = index(report({ threatModels: [linf({ curve })] }));
    const says = (share: string) => `The network keeps ${share} accuracy under linf attacks with ε = 6/255${clean}`;
    holds(evidence, [
      [says('62 %'), 'supported', '/threatModels/0/robustAccuracy'],
      [says('at least 60 %'), 'supported'],
      [says('72 %'), 'unsupported'],
      [says('90 %'), 'contradicted', '/threatModels/0/curve/1/accuracy'],
    ]);
  });
});

describe('figures in one sentence', () => {
  const two = index(
    report({
      threatModels: [
        linf({ attacks: [ran('pgd', figure(0.64), 40), ran('apgd-ce', figure(0.62), 100)] }),
        threat({ norm: 'l2', epsilon: 0.5, robustAccuracy: figure(0.8) }),
      ],
    }),
  );

  it('are each held against their own condition', () => {
    holds(two, [
      [
        `The network keeps 62 % accuracy under linf attacks with ε = 8/255 and 80 % under l2 attacks with ε = 0.5${clean}`,
        'supported',
      ],
      [
        `The network keeps 80 % accuracy under linf attacks with ε = 8/255 and 62 % under l2 attacks with ε = 0.5${clean}`,
        'contradicted',
      ],
      [
        `Under linf attacks with ε = 8/255 the network keeps 62 % accuracy, under l2 attacks with ε = 0.5 80 %${clean}`,
        'supported',
      ],
    ]);
    const { evidence, text } = one(
      `The network keeps 80 % accuracy under linf attacks with ε = 8/255 and 62.5 % under l2 attacks with ε = 0.5${clean}`,
      two,
    );
    expect(evidence!.corrections.map(({ start, end, replacement }) => [text.slice(start, end), replacement])).toEqual([
      ['80 %', '62 %'],
      ['62.5 %', '80.0 %'],
    ]);
  });

  it('that no part of it ties to one ε are not judged', () => {
    holds(two, [[`The network keeps 62 % accuracy under attacks with ε = 8/255 or ε = 0.5${clean}`, 'unsupported']]);
  });
});

describe('one attack of several', () => {
  const attacks = [
    { ...ran('pgd', figure(0.7), 40), broken: 50 },
    { ...ran('apgd-ce', figure(0.64), 100), broken: 12 },
    { ...ran('square', figure(0.62), 0), broken: 4 },
  ];
  const alone = [
    {
      threatModel: 'linf-8',
      attack: 'fgsm' as const,
      accuracy: figure(0.82, 100),
      pointer: '/checks/ladder/0/rungs/0/accuracy',
    },
  ];
  const evidence = index(report({ threatModels: [linf({ name: 'linf-8', attacks })], alone }));
  const under = (attack: string, share: string) =>
    `The network keeps ${share} accuracy under ${attack} with linf ε = 8/255${clean}`;

  it('is held against what it left by itself, where that was measured', () => {
    holds(evidence, [
      // The first of the cascade, alone on all examples.
      [under('PGD', '70 %'), 'supported', '/threatModels/0/attacks/0/accuracyAfter'],
      [under('PGD', '90 %'), 'contradicted', '/threatModels/0/attacks/0/accuracyAfter'],
      // On a sample.
      [under('FGSM', '82 %'), 'supported', '/checks/ladder/0/rungs/0/accuracy'],
      [under('FGSM', '99 %'), 'contradicted', '/checks/ladder/0/rungs/0/accuracy'],
      [under('FGSM', '30 %'), 'contradicted', '/threatModels/0/robustAccuracy'],
    ]);
  });

  it('is not contradicted by what others had broken before it', () => {
    holds(evidence, [
      [under('the Square attack', '62 %'), 'supported'],
      // Alone it may have left that many, and nobody recorded it.
      [under('the Square attack', '85 %'), 'unsupported'],
      // It cannot have left more than clean accuracy less what it broke first, nor less than all of them together.
      [under('the Square attack', '99 %'), 'contradicted'],
      [under('the Square attack', '40 %'), 'contradicted'],
    ]);
  });

  it('has at most the success of all', () => {
    const rate = index(
      report({ threatModels: [linf({ name: 'linf-8', attacks, attackSuccessRate: figure(0.347, 190) })] }),
    );
    const success = (attack: string, share: string) =>
      `The network is robust: ${attack} with linf ε = 8/255 have an attack success rate of only ${share}${clean}`;
    holds(rate, [
      [success('white-box attacks', '35 %'), 'supported', '/threatModels/0/attackSuccessRate'],
      [success('white-box attacks', '5 %'), 'contradicted'],
      [success('Square attacks, as the Square attack,', '5 %'), 'unsupported'],
    ]);
  });
});

describe('the attacker', () => {
  it('with the gradient is more than black-box evidence covers', () => {
    const blackBox = index(report({ threatModels: [linf({ knowledge: 'black-box-score' })] }));
    const text = (words: string, share = '62 %') =>
      `The network keeps ${share} accuracy under ${words} linf attacks with ε = 8/255${clean}`;
    holds(blackBox, [
      [text('white-box'), 'overreaching'],
      [text('black-box'), 'supported'],
    ]);
    const whiteBox = index(report({ threatModels: [linf()] }));
    holds(whiteBox, [
      [text('white-box'), 'supported'],
      [text('black-box'), 'supported'],
      // Without the gradient more may stand.
      [text('black-box', '80 %'), 'unsupported'],
      [text('white-box', '80 %'), 'contradicted'],
    ]);
  });

  it('who wants one class is weaker than one who wants any', () => {
    const targeted = index(report({ threatModels: [linf({ goal: 'targeted' })] }));
    const text = (words: string, share = '62 %') =>
      `The network keeps ${share} accuracy under ${words} with linf ε = 8/255${clean}`;
    holds(targeted, [
      [text('targeted attacks'), 'supported'],
      [text('untargeted attacks'), 'overreaching'],
      [text('attacks'), 'overreaching'],
    ]);
    holds(index(report({ threatModels: [linf()] })), [
      [text('targeted attacks', '62 %'), 'supported'],
      [text('targeted attacks', '90 %'), 'unsupported'],
    ]);
  });

  it('is chosen among several threat models of one norm and ε', () => {
    const both = index(
      report({
        threatModels: [
          linf({ name: 'b', knowledge: 'black-box-score', robustAccuracy: figure(0.9) }),
          linf({ name: 'w' }),
        ],
      }),
    );
    const text = (words: string, share: string) =>
      `The network keeps ${share} accuracy under ${words} linf attacks with ε = 8/255${clean}`;
    holds(both, [
      [text('white-box', '62 %'), 'supported', '/threatModels/1/robustAccuracy'],
      [text('black-box', '90 %'), 'supported', '/threatModels/0/robustAccuracy'],
      [text('white-box', '90 %'), 'contradicted'],
      [text('strong', '90 %'), 'contradicted'],
    ]);
  });
});

describe('other figures than accuracies', () => {
  const evidence = index(report({ threatModels: [linf()] }));

  it('an error is what is left of one', () => {
    const claim = (share: string) =>
      `The network has a robust error of ${share} under linf attacks with ε = 8/255${clean}`;
    holds(evidence, [
      [claim('38 %'), 'supported'],
      [claim('20 %'), 'contradicted'],
    ]);
    expect(one(claim('20 %'), evidence).evidence!.corrections[0]).toMatchObject({ replacement: '38 %' });
  });

  it('other measures are no accuracies', () => {
    holds(evidence, [
      [
        `The network keeps an F1 score of 0.85 under PGD with linf ε = 8/255, against an accuracy of 95 % on clean images.`,
        'unsupported',
      ],
    ]);
  });

  it('a drop is held against both of its ends', () => {
    const drop = (words: string) =>
      `The network is robust: its accuracy drops by ${words} under PGD with linf ε = 8/255.`;
    holds(evidence, [
      [drop('33 percentage points'), 'supported'],
      [drop('only 5 percentage points'), 'contradicted'],
      // Of what it was.
      [drop('35 %'), 'supported'],
      [drop('only 5 %'), 'contradicted'],
    ]);
  });

  it('a gain over nobody knows what is not supported', () => {
    holds(evidence, [
      ['The network is robust: it improves robust accuracy by 59 points under PGD with linf ε = 8/255.', 'unsupported'],
    ]);
  });
});

describe('the number of examples', () => {
  const text = (n: string) => `The network keeps 62 % accuracy on ${n} test images under PGD with linf ε = 0.1${clean}`;

  it('is not more than were measured', () => {
    holds(index(report()), [
      [text('200'), 'supported'],
      [text('10,000'), 'overreaching', '/data/count'],
      [`Trained on 60,000 images, the network keeps 62 % accuracy under PGD with linf ε = 0.1${clean}`, 'supported'],
    ]);
  });

  it('is said where it is so small that any figure would fit', () => {
    const few = index(
      report({
        count: 20,
        clean: figure(0.95, 20),
        threatModels: [threat({ norm: 'linf', epsilon: 0.1, robustAccuracy: figure(0.6, 20) })],
      }),
    );
    holds(few, [
      [`The network keeps 62 % accuracy under PGD with linf ε = 0.1${clean}`, 'overreaching'],
      [`The network keeps 62 % accuracy under PGD with linf ε = 0.1 (n = 20)${clean}`, 'supported'],
    ]);
  });
});

describe('several models in a sentence', () => {
  const plain = report({
    model: 'models/plain.onnx',
    clean: figure(0.99),
    threatModels: [threat({ norm: 'linf', epsilon: 0.1, robustAccuracy: figure(0.03) })],
  });
  const robust = report({ model: 'models/robust.onnx' });
  const both = index(plain, robust);

  it('each have their own figures', () => {
    holds(both, [
      [
        'Under PGD with linf ε = 0.1 `plain.onnx` reaches 3 % accuracy and `robust.onnx` keeps 62 %, against 99 % and 95 % on clean images.',
        'supported',
      ],
      [
        'Under PGD with linf ε = 0.1 `plain.onnx` reaches 3 % accuracy and `robust.onnx` keeps 62 %, against 95 % and 99 % on clean images.',
        'contradicted',
      ],
      ['Under PGD with linf ε = 0.1 `plain.onnx` keeps 3 % accuracy, and `robust.onnx` keeps 62 %.', 'supported'],
      ['Under PGD with linf ε = 0.1 `plain.onnx` keeps 62 % accuracy, and `robust.onnx` keeps 3 %.', 'contradicted'],
      ['Under PGD with linf ε = 0.1 `robust.onnx` keeps 62 % accuracy, plain 3 %.', 'supported'],
      ['Under PGD with linf ε = 0.1, 3 % accuracy is kept by `plain.onnx`, 62 % by `robust.onnx`.', 'supported'],
      [
        '`plain.onnx` and `robust.onnx` keep 3 % and 62 % accuracy under PGD with linf ε = 0.1, respectively.',
        'supported',
      ],
      [
        '`plain.onnx` and `robust.onnx` keep 62 % and 3 % accuracy under PGD with linf ε = 0.1, respectively.',
        'contradicted',
      ],
    ]);
  });

  it('are not guessed between', () => {
    expect(
      one('`plain.onnx` and `robust.onnx` keep 62 % accuracy under PGD with linf ε = 0.1.', both).evidence,
    ).toBeNull();
  });

  it('are the two ends of a change', () => {
    holds(both, [
      [
        '`robust.onnx` is more robust than `plain.onnx`: it gains 59 points of accuracy under PGD with linf ε = 0.1.',
        'supported',
      ],
      [
        '`robust.onnx` is more robust than `plain.onnx`: it gains 90 points of accuracy under PGD with linf ε = 0.1.',
        'contradicted',
      ],
    ]);
  });
});

describe('several reports on one model', () => {
  const weak = report({ threatModels: [threat({ norm: 'linf', epsilon: 0.1, robustAccuracy: figure(0.8) })] });
  const strong = report({ path: '.robustness/strong.robustness.json', createdAt: '2025-01-01T00:00:00Z' });
  const text = (share: string) => `The network keeps ${share} accuracy under PGD with linf ε = 0.1${clean}`;

  it('do not bear out what the attacks of one of them have refuted', () => {
    holds(index(weak, strong), [
      [text('80 %'), 'contradicted'],
      [text('62 %'), 'supported'],
    ]);
    // On other data both may hold.
    holds(index(weak, { ...strong, data: 'data/other.npz' }), [[text('80 %'), 'supported']]);
  });

  it('speak before those on an earlier model, unless they have nothing to say', () => {
    const old: EvidenceReport = { ...weak, path: '.robustness/old.robustness.json', stale: true };
    holds(index(old, strong), [[text('62 %'), 'supported']]);
    const other = report({ threatModels: [threat({ norm: 'l2', epsilon: 1, robustAccuracy: figure(0.5) })] });
    holds(index(old, other), [[text('80 %'), 'stale']]);
  });
});

describe('corrections', () => {
  // 125 of 200: 62.5 %.
  const evidence = index(
    report({ threatModels: [threat({ norm: 'linf', epsilon: 0.1, robustAccuracy: figure(0.625) })] }),
  );
  const corrected = (
    written: string,
    sentence = `The network 🤖 keeps ${written} robust accuracy under **linf** attacks with ε = 0.1${clean}`,
  ) => {
    const { text, evidence: found } = one(sentence, evidence);
    const [first] = found!.corrections;
    return [text.slice(first!.start, first!.end), first!.replacement];
  };

  it('have the form of what was written', () => {
    expect(corrected('90 %')).toEqual(['90 %', '63 %']);
    expect(corrected('90%')).toEqual(['90%', '63%']);
    expect(corrected('90.00 %')).toEqual(['90.00 %', '62.50 %']);
    const of = (written: string) =>
      corrected(written, `The network has a robust accuracy of ${written} under linf attacks with ε = 0.1${clean}`);
    expect(of('0.90')).toEqual(['0.90', '0.63']);
    expect(of('.900')).toEqual(['.900', '.625']);
    expect(corrected('**90 %**')).toEqual(['90 %', '63 %']);
    expect(corrected('~90 %')).toEqual(['90 %', '63 %']);
    expect(corrected('only, as we found, 20 %')).toEqual(['20 %', '63 %']);
  });

  it('leave "at least" and "at most" true', () => {
    expect(corrected('at least 90 %')).toEqual(['90 %', '62 %']);
    expect(corrected('> 90 %')).toEqual(['90 %', '62 %']);
    expect(corrected('at most 20 %')).toEqual(['20 %', '63 %']);
  });

  it('are none of a claim whose evaluation is void or out of date', () => {
    const pitfalls = [{ rule: 'pitfalls/gradient-masking', severity: 'error', message: 'The gradient is hidden.' }];
    const text = `The network keeps 90 % robust accuracy under linf attacks with ε = 0.1${clean}`;
    expect(one(text, index(report({ pitfalls }))).evidence!.corrections).toEqual([]);
    expect(one(text, index(report({ stale: true }))).evidence!.corrections).toEqual([]);
  });
});
