import { describe, expect, it } from 'vitest';
import { combineScores, leastProbability, type Rule } from '../../../src/engine/ensemble/combine';
import { tieBreak } from '../../../src/engine/ensemble/tieBreak';

const rule = (combine: Rule['combine'], weights: readonly number[], scales?: Rule['scales']): Rule => ({
  combine,
  weights,
  scales: scales ?? weights.map(() => 'logits'),
});
const third = [1 / 3, 1 / 3, 1 / 3];
const rows = (...values: number[][]) => values.map((each) => Float32Array.from(each));
const softmax = (z: readonly number[]) => {
  const sum = z.reduce((total, value) => total + Math.exp(value), 0);
  return z.map((value) => Math.exp(value) / sum);
};

describe('scores of several files', () => {
  it('are the weighted mean of logits', () => {
    const mean = combineScores(rows([1, 2, -3], [4, 0, 1]), 3, rule('mean-logits', [0.75, 0.25]));
    expect([...mean]).toEqual([1.75, 1.5, -2]);
  });

  it('are the logarithm of the weighted mean of probabilities', () => {
    const [a, b] = [softmax([1, 2, -3]), softmax([4, 0, 1])];
    const log = combineScores(rows([1, 2, -3], [4, 0, 1]), 3, rule('mean-probabilities', [0.75, 0.25]));
    log.forEach((value, k) => {
      expect(value).toBeCloseTo(Math.log(0.75 * a[k]! + 0.25 * b[k]!), 6);
    });
  });

  it('are the same of probabilities, of their logarithms and of logits', () => {
    const z = [1.5, -0.5, 0.25];
    const other = [0, 1, 2];
    for (const combine of ['mean-probabilities', 'vote'] as const) {
      const of = (values: number[], scale: Rule['scales'][number]) => [
        ...combineScores(rows(values, other), 3, rule(combine, [0.5, 0.5], [scale, 'logits'])),
      ];
      const expected = of(z, 'logits');
      for (const [values, scale] of [
        [softmax(z), 'probabilities'],
        [softmax(z), 'plain-probabilities'],
        [softmax(z).map(Math.log), 'log-probabilities'],
      ] as const)
        of([...values], scale).forEach((value, k) => {
          expect(value).toBeCloseTo(expected[k]!, 5);
        });
    }
  });

  it('take separate sigmoids by their share of the sum', () => {
    const [value] = combineScores(
      rows([0.9, 0.3], [0.9, 0.3]),
      2,
      rule('mean-probabilities', [0.5, 0.5], ['shares', 'shares']),
    );
    expect(Math.exp(value!)).toBeCloseTo(0.75, 6);
  });

  it('are votes, of which no confidence overturns the majority', () => {
    // One member is sure of class 2, two prefer class 0 by a hair.
    const votes = combineScores(rows([0.1, 0, 0], [0.1, 0, 0], [0, 0, 50]), 3, rule('vote', third));
    expect(votes[0]).toBeGreaterThan(votes[2]!);
    const mean = combineScores(rows([0.1, 0, 0], [0.1, 0, 0], [0, 0, 50]), 3, rule('mean-probabilities', third));
    expect(mean[2]).toBeGreaterThan(mean[0]!);
  });

  it('are decided by the mean probability where votes are equal', () => {
    const votes = combineScores(rows([3, 0, 0], [0, 0.5, 0]), 3, rule('vote', [0.5, 0.5]));
    expect(votes[0]).toBeGreaterThan(votes[1]!);
    const other = combineScores(rows([0.5, 0, 0], [0, 3, 0]), 3, rule('vote', [0.5, 0.5]));
    expect(other[1]).toBeGreaterThan(other[0]!);
  });

  it('weigh votes', () => {
    const votes = combineScores(rows([0, 9, 0], [9, 0, 0], [9, 0, 0]), 3, rule('vote', [0.6, 0.2, 0.2]));
    expect(votes[1]).toBeGreaterThan(votes[0]!);
  });

  it('count a label as all of its member’s probability', () => {
    const votes = combineScores(rows([0, 1, 0], [0.2, 0, 0]), 3, rule('vote', [0.5, 0.5], ['labels', 'logits']));
    expect(votes[1]).toBeGreaterThan(votes[0]!);
  });

  it('stay finite where a probability is 0, and tell a score that is none', () => {
    const floor = combineScores(
      rows([1, 0], [1, 0]),
      2,
      rule('mean-probabilities', [0.5, 0.5], ['probabilities', 'probabilities']),
    );
    expect(floor[1]).toBeCloseTo(Math.log(leastProbability), 3);
    for (const combine of ['mean-logits', 'mean-probabilities', 'vote'] as const) {
      const broken = combineScores(rows([Number.NaN, 0], [1, 0]), 2, rule(combine, [0.5, 0.5]));
      expect(broken.some(Number.isNaN)).toBe(true);
    }
  });
});

describe('what decides between equal votes', () => {
  it('is less than any difference of votes', () => {
    expect(tieBreak([0.5, 0.5])).toBeCloseTo(0.25, 12);
    expect(tieBreak(third)).toBeCloseTo(1 / 6, 12);
    // 0.6 against 0.4, 0.8 against 0.2, and 0.2 apart at the least.
    expect(tieBreak([0.6, 0.2, 0.2])).toBeCloseTo(0.1, 12);
    // Sums that are equal but for rounding are no difference.
    expect(tieBreak([0.1, 0.2, 0.3, 0.4])).toBeCloseTo(0.05, 9);
  });

  it('holds for weights of any kind: the majority wins whatever the probabilities', () => {
    const weights = [0.37, 0.21, 0.19, 0.13, 0.1];
    const bonus = tieBreak(weights);
    const totals = Array.from({ length: 32 }, (_, subset) =>
      weights.reduce((sum, w, i) => sum + ((subset >> i) & 1) * w, 0),
    );
    for (const a of totals) for (const b of totals) if (a - b > 1e-6) expect(a).toBeGreaterThanOrEqual(b + bonus);
  });
});
