import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { share } from '../../../src/engine/metric/interval';
import {
  attackSuccessRate,
  curveScore,
  degradation,
  meanShare,
  robustAccuracy,
  robustnessScore,
  stabilityIndex,
} from '../../../src/engine/metric/robustness';

/** A curve over equal steps from 0 to `epsilon`, of 1000 examples. */
function curve(epsilon: number, accuracies: readonly number[]) {
  return accuracies.map((accuracy, i) => ({
    epsilon: (epsilon * i) / (accuracies.length - 1),
    accuracy: share(Math.round(accuracy * 1000), 1000),
  }));
}

describe('robustAccuracy and attackSuccessRate', () => {
  it('have different denominators', () => {
    expect(robustAccuracy(45, 100)).toMatchObject({ value: 0.45, n: 100 });
    expect(attackSuccessRate(45, 90)).toMatchObject({ value: 0.5, n: 90 });
  });

  it('has no success rate where nothing was right', () => {
    expect(attackSuccessRate(0, 0)).toBeNull();
  });
});

describe('degradation', () => {
  it('is sudden for a plain network that is gone within a fraction of ε', () => {
    expect(degradation(curve(0.2, [0.98, 0.7, 0.05, 0, 0]), 0.2)).toBe('sudden');
    expect(degradation(curve(0.3, [0.98, 0.4, 0, 0, 0]), 0.3)).toBe('sudden');
  });

  it('is graceful for an adversarially trained one around its ε', () => {
    expect(degradation(curve(2 / 255, [0.77, 0.72, 0.67, 0.61, 0.55]), 2 / 255)).toBe('graceful');
    expect(degradation(curve(0.2, [0.99, 0.99, 0.98, 0.97, 0.95]), 0.2)).toBe('graceful');
  });

  it('is sudden when the robust network is taken beyond its radius', () => {
    expect(degradation(curve(0.3, [0.99, 0.99, 0.98, 0.95, 0.02]), 0.3)).toBe('sudden');
    expect(degradation(curve(0.3, [0.99, 0.99, 0.98, 0.95, 0.2]), 0.3)).toBe('sudden');
  });

  it('looks at the range up to ε alone', () => {
    expect(degradation(curve(0.4, [0.99, 0.98, 0.95, 0.02, 0]), 0.2)).toBe('graceful');
  });

  it('does not depend on how finely the curve is drawn', () => {
    const cliff = (epsilon: number) =>
      epsilon < 0.08 ? 0.98 : epsilon > 0.12 ? 0.2 : 0.98 - ((epsilon - 0.08) / 0.04) * 0.78;
    for (const steps of [4, 8, 20, 100, 500]) {
      const values = Array.from({ length: steps + 1 }, (_, i) => cliff((0.2 * i) / steps));
      expect(degradation(curve(0.2, values), 0.2)).toBe('sudden');
      const straight = Array.from({ length: steps + 1 }, (_, i) => 0.9 - (0.6 * i) / steps);
      expect(degradation(curve(0.2, straight), 0.2)).toBe('graceful');
    }
  });

  it('is sudden where one edit of a text takes more than half', () => {
    expect(degradation(curve(2, [1, 0.38, 0.17]), 2)).toBe('sudden');
    expect(degradation(curve(3, [1, 0.9, 0.38, 0.3]), 3)).toBe('sudden');
    expect(degradation(curve(2, [1, 0.62, 0.38]), 2)).toBe('graceful');
  });

  it('is graceful down to a straight line to a tenth, and sudden where it falls faster within half of ε', () => {
    const line = (end: number) => [0, 1, 2, 3, 4].map((i) => 1 - ((1 - end) * i) / 4);
    for (const end of [0.9, 0.5, 0.3, 0.1]) expect(degradation(curve(0.2, line(end)), 0.2)).toBe('graceful');
    // The same loss at ε, all of it in one half.
    expect(degradation(curve(0.2, [1, 1, 1, 0.6, 0.4]), 0.2)).toBe('sudden');
    expect(degradation(curve(0.2, [1, 0.6, 0.4, 0.4, 0.4]), 0.2)).toBe('sudden');
    expect(degradation(curve(0.2, [1, 0.8, 0.5, 0.5, 0.5]), 0.2)).toBe('graceful');
  });

  it('calls a collapse sudden however slowly it came about', () => {
    expect(degradation(curve(0.2, [1, 0.76, 0.52, 0.28, 0.04]), 0.2)).toBe('sudden');
  });

  it('says nothing where there is nothing to say', () => {
    expect(degradation([], 0.2)).toBeNull();
    expect(degradation(curve(0.2, [0.9, 0.5]), 0.2)).toBeNull();
    expect(degradation(curve(0.2, [0, 0, 0]), 0.2)).toBeNull();
    expect(degradation(curve(0.2, [0.9, 0.8, 0.7]), 0.3)).toBeNull();
    expect(degradation(curve(0.2, [0.9, 0.8, 0.7]).slice(1), 0.2)).toBeNull();
    expect(degradation(curve(0, [0.9, 0.8, 0.7]), 0)).toBeNull();
  });
});

describe('robustnessScore', () => {
  it('is 1 for a level curve, 1/2 for a line to nothing, and the area in between', () => {
    expect(curveScore(curve(0.2, [0.9, 0.9, 0.9]), 0.2)).toBeCloseTo(1, 12);
    expect(curveScore(curve(0.2, [0.9, 0.45, 0]), 0.2)).toBeCloseTo(0.5, 12);
    expect(curveScore(curve(0.2, [0.8, 0.6, 0.4]), 0.2)).toBeCloseTo(0.75, 12);
  });

  it('weighs uneven steps by their width', () => {
    const points = [0, 0.1, 0.4].map((epsilon, i) => ({ epsilon, accuracy: share([10, 5, 0][i]!, 10) }));
    expect(curveScore(points, 0.4)).toBeCloseTo((0.1 * 0.75 + 0.3 * 0.25) / 0.4, 12);
  });

  it('takes the worst threat model, and none where one is missing', () => {
    const strong = { epsilon: 0.2, curve: curve(0.2, [0.9, 0.9, 0.9]) };
    const weak = { epsilon: 1, curve: curve(1, [0.9, 0.45, 0]) };
    expect(robustnessScore([strong, weak])).toBeCloseTo(0.5, 12);
    expect(robustnessScore([strong, { epsilon: 1, curve: [] }])).toBeNull();
    expect(robustnessScore([])).toBeNull();
  });

  it('lies in [0, 1], and never rises when an attack finds more', () => {
    const accuracies = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 9 });
    fc.assert(
      fc.property(accuracies, fc.nat(), (values, at) => {
        const drawn = [1, ...values];
        const score = curveScore(curve(0.2, drawn), 0.2)!;
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        const worse = drawn.map((value, i) => (i === 1 + (at % values.length) ? value / 2 : value));
        expect(curveScore(curve(0.2, worse), 0.2)!).toBeLessThanOrEqual(score + 1e-12);
      }),
    );
  });
});

describe('stabilityIndex', () => {
  it('is the mean of the shares', () => {
    const index = stabilityIndex([share(90, 100), share(70, 100), share(50, 100)]);
    expect(index.value).toBeCloseTo(0.7, 12);
    expect(index.n).toBe(100);
  });

  it('has the interval of one share when all shares are of the same examples', () => {
    const one = share(70, 100);
    const same = meanShare([one, one, one]);
    expect(same.low).toBeCloseTo(one.low, 12);
    expect(same.high).toBeCloseTo(one.high, 12);
  });

  it('is defined without corruptions', () => {
    expect(stabilityIndex([])).toEqual({ value: 0, low: 0, high: 1, n: 0 });
  });
});
