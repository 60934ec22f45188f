import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractFacts } from '../../../src/claim/extract';
import { cpuTime } from './cpu';

const figures = (text: string) => extractFacts(text).figures.map(({ value, role }) => [Number(value.toFixed(4)), role]);

describe('extractFacts', () => {
  it.each([
    [
      'clean accuracy 97.2 %, robust accuracy 12 %',
      [
        [0.972, 'clean'],
        [0.12, 'robust'],
      ],
    ],
    [
      '97.2 % clean accuracy and 12 % robust accuracy',
      [
        [0.972, 'clean'],
        [0.12, 'robust'],
      ],
    ],
    [
      'it keeps 61% under PGD, against 95% on clean images',
      [
        [0.61, 'robust'],
        [0.95, 'clean'],
      ],
    ],
    ['the certified robust accuracy is 62.1 %', [[0.621, 'certified']]],
    ['an attack success rate of 38 %', [[0.38, 'success']]],
    ['robustness improves by 10 %', [[0.1, 'change']]],
    ['gains of 1.6 pp', [[0.016, 'change']]],
    ['test accuracy of 0.987', [[0.987, 'clean']]],
    ['it keeps 94 % accuracy on 200 test images under PGD', [[0.94, 'robust']]],
    ['a 95 % confidence interval', []],
    ['the top 5 % of images at 1 % FPR', []],
    ['with ε = 0.3, σ = 0.25 and lr = 0.01 in 2019, v1.2.3, 250,000 records, 3.5x faster', []],
    ['a reward of over 4,000 under attack', [[4000, 'robust']]],
    ['seventy-five percent robust accuracy', [[0.75, 'robust']]],
    ['62.1 ± 0.3 % robust accuracy', [[0.621, 'robust']]],
    ['45–50 % under PGD', [[0.475, 'robust']]],
    [
      'accuracy under FGSM rises from 10 % to 45 %',
      [
        [0.1, 'other'],
        [0.45, 'robust'],
      ],
    ],
    [
      'clean/robust accuracy of 91.2/53.4',
      [
        [0.912, 'clean'],
        [0.534, 'robust'],
      ],
    ],
    ['an l2 budget of 0.25', []],
  ])('figures in "%s"', (text, expected) => {
    expect(figures(text)).toEqual(expected);
  });

  it('keeps the rounding and the bound of a figure', () => {
    expect(extractFacts('at least 62 % robust accuracy').figures[0]).toMatchObject({ bound: 'lower', rounding: 0.005 });
    expect(extractFacts('at most 62.1 % robust accuracy').figures[0]).toMatchObject({
      bound: 'upper',
      rounding: 0.0005,
    });
    expect(extractFacts('> 62 % robust accuracy').figures[0]).toMatchObject({ bound: 'lower' });
  });

  it.each([
    ['linf with ε = 8/255', 8 / 255, 'linf'],
    ['L∞ norm, eps=0.1', 0.1, 'linf'],
    ['$\\ell_\\infty$, $\\epsilon = 0.031$', 0.031, 'linf'],
    ['L-infinity perturbations of size 8/255', 8 / 255, 'linf'],
    ['ℓ2 with epsilon of 0.5', 0.5, 'l2'],
    ['an L2 radius of 1.5', 1.5, 'l2'],
    ['l_2 perturbations up to 0.25', 0.25, 'l2'],
    ['l1, ε ≤ 12', 12, 'l1'],
    ['`linf`, `epsilon=0.3`', 0.3, 'linf'],
    ['L_{\\infty}, eps=.031', 0.031, 'linf'],
    ['max-norm, 8 grey levels', 8 / 255, 'linf'],
    ['an L^2 budget of 0.25', 0.25, 'l2'],
  ])('threat model in "%s"', (text, epsilon, norm) => {
    const facts = extractFacts(text);
    expect(facts.epsilons.map(({ value }) => value)).toEqual([epsilon]);
    expect(facts.norms).toEqual([norm]);
  });

  it('reads sets of ε, and takes losses for no norms', () => {
    expect(extractFacts('ε ∈ {2, 4, 8}/255').epsilons.map(({ value }) => value)).toEqual([2 / 255, 4 / 255, 8 / 255]);
    expect(extractFacts('$\\epsilon \\in \\{1/255, 2/255\\}$').epsilons).toHaveLength(2);
    expect(extractFacts('a budget of 100 queries, L2 regularization and an L1 loss')).toMatchObject({
      epsilons: [],
      norms: [],
    });
    expect(extractFacts('on 10k test images').count).toBe(10_000);
  });

  it('places every figure where its digits stand, whatever the text', () => {
    const piece = fc.constantFrom(
      'clean/robust ',
      '91.2/53.4',
      '62 %',
      '±0.3 %',
      'from ',
      'to ',
      ' 0.62',
      'forty percent',
      '45–50 %',
      'ε ∈ {',
      '8/255',
      '} ',
      '🦾',
      'under PGD ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        let last = 0;
        for (const { start, end, value, rounding } of extractFacts(text).figures) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(text.slice(start, end)).toMatch(/\d|forty/);
          expect(value).toBeGreaterThanOrEqual(0);
          expect(rounding).toBeGreaterThanOrEqual(0);
          last = end;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('reads attacks, knowledge and sample size', () => {
    const facts = extractFacts('White-box PGD-20 and AutoAttack, not FGSM, on 1,000 test images');
    expect(facts).toMatchObject({ attacks: ['fgsm', 'pgd', 'autoattack'], knowledge: 'white-box', count: 1000 });
  });

  it.each([
    ['68 % under FAB-T and the fast adaptive boundary attack', ['fab']],
    ['C&W, DeepFool, DDN and FMN', ['c&w', 'deepfool', 'ddn', 'fmn']],
    ['σ-zero and Sparse-RS with 10 pixels', ['sigma-zero', 'sparse-rs']],
    ['HopSkipJumpAttack, RayS, SurFree and the boundary attack', ['hopskipjump', 'rays', 'surfree', 'boundary']],
    ['X-rays of the hand from a fab lab, in RGB', []],
  ])('reads the attacks in “%s”', (text, attacks) => {
    expect(extractFacts(text).attacks).toEqual(attacks);
    expect(extractFacts('black-box, n = 360')).toMatchObject({ knowledge: 'black-box', count: 360 });
    expect(extractFacts('nothing here')).toEqual({
      figures: [],
      epsilons: [],
      norms: [],
      attacks: [],
      knowledge: null,
      count: null,
    });
  });

  it.each([
    '1',
    '1.',
    '9 %',
    'ε = ',
    'eps=8/',
    ' accuracy',
    'l_{',
    '≥~',
    '0.1 ',
    'robust, ',
    'ε ∈ {',
    '1/',
    'clean/robust ',
    'ten-',
    '45–',
    '1 ± ',
  ])('is quick on a long run of %j', (piece) => {
    expect(cpuTime(() => extractFacts(piece.repeat(20_000)))).toBeLessThan(2000);
  });
});
