import { describe, expect, it } from 'vitest';
import { axisOf } from '../../../src/engine/compare/axis';
import { stays, winShares } from '../../../src/engine/compare/choice';
import { contextWeights } from '../../../src/engine/compare/context';
import { distinctNames } from '../../../src/engine/compare/names';
import { paretoFront } from '../../../src/engine/compare/pareto';
import { resampledTerms } from '../../../src/engine/compare/resample';
import { share } from '../../../src/engine/metric/interval';
import { Random } from '../../../src/engine/random';

describe('paretoFront', () => {
  it('keeps equals, and what is best in one', () => {
    const points = [
      [0.9, 0.1],
      [0.5, 0.5],
      [0.5, 0.5],
      [0.4, 0.5],
      [0.1, 0.9],
    ];
    expect(paretoFront(points)).toEqual([true, true, true, false, true]);
    expect(paretoFront([])).toEqual([]);
  });

  it('leaves only points that are beaten', () => {
    const random = Random.of(1, 'front');
    const points = Array.from({ length: 60 }, () => [random.uniform(), random.uniform()]);
    const front = paretoFront(points);
    // By the definition of a staircase: from right to left, the front is each new maximum.
    let best = -1;
    const order = points.map((_, i) => i).sort((a, b) => points[b]![0]! - points[a]![0]!);
    for (const i of order) {
      expect(front[i]).toBe(points[i]![1]! > best);
      best = Math.max(best, points[i]![1]!);
    }
  });
});

describe('stays', () => {
  it('finds where another model takes over, as trying weights does', () => {
    const random = Random.of(2, 'stays');
    for (let trial = 0; trial < 50; trial++) {
      const values = Array.from({ length: 4 }, () => Array.from({ length: 3 }, () => random.uniform()));
      const raw = Array.from({ length: 3 }, () => random.uniform() + 0.05);
      const total = raw.reduce((a, b) => a + b, 0);
      const weights = raw.map((weight) => weight / total);
      const utility = (of: readonly number[], row: readonly number[]) => of.reduce((sum, w, t) => sum + w * row[t]!, 0);
      const winner = (of: readonly number[]) => {
        const all = values.map((row) => utility(of, row));
        return all.indexOf(Math.max(...all));
      };
      const best = winner(weights);
      for (let t = 0; t < 3; t++) {
        const { low, high } = stays(weights, values, best, t);
        for (let step = 0; step <= 200; step++) {
          const w = step / 200;
          const moved = weights.map((weight, s) => (s === t ? w : ((1 - w) * weight) / (1 - weights[t]!)));
          if (Math.abs(w - low) < 1e-9 || Math.abs(w - high) < 1e-9) continue;
          expect(winner(moved) === best).toBe(w > low && w < high);
        }
      }
    }
  });

  it('knows no other weight of a single term', () => {
    expect(stays([1], [[0.9], [0.8]], 0, 0)).toEqual({ weight: 1, low: 0, high: 1 });
  });
});

describe('winShares', () => {
  it('splits what is equal', () => {
    expect(
      winShares(
        [
          [1, 1],
          [2, 1],
          [0, 1],
          [3, 1],
        ],
        2,
      ),
    ).toEqual([0.625, 0.375]);
    expect(winShares([], 2)).toEqual([0, 0]);
  });
});

describe('resampledTerms', () => {
  it('draws the same examples for all, class by class, as wide as theory says', () => {
    const n = 400;
    const labels = Array.from({ length: n }, (_, i) => i % 2);
    const bits = Uint8Array.from(labels, (_, i) => (i % 10 < 7 ? 1 : 0));
    const terms = [
      { name: 'clean' as const, text: '', figures: [share(280, n), share(280, n)], outcomes: [bits, bits.slice()] },
      { name: 'calibration' as const, text: '', figures: [share(200, n), share(200, n)], outcomes: null },
    ];
    const draws = resampledTerms(terms, labels, 7);
    expect(draws).toHaveLength(1000);
    // Equal models stay equal in every resample; without outcomes they move apart.
    expect(draws.every((draw) => draw[0] === draw[1])).toBe(true);
    expect(draws.some((draw) => draw[2] !== draw[3])).toBe(true);
    const deviation = (column: number) => {
      const mean = draws.reduce((sum, draw) => sum + draw[column]!, 0) / draws.length;
      return Math.sqrt(draws.reduce((sum, draw) => sum + (draw[column]! - mean) ** 2, 0) / draws.length);
    };
    // 4 of 5 even examples are right and 3 of 5 odd ones: the variance within the classes, halved by their number.
    expect(deviation(0)).toBeCloseTo(Math.sqrt((0.8 * 0.2 + 0.6 * 0.4) / 2 / n), 2);
    expect(deviation(2)).toBeCloseTo(Math.sqrt(0.25 / n), 2);
  });
});

describe('distinctNames', () => {
  it('takes as many folders as it needs', () => {
    expect(distinctNames(['a/b/m.onnx', 'c/b/m.onnx', 'd/m.onnx'])).toEqual(['a/b/m.onnx', 'c/b/m.onnx', 'd/m.onnx']);
    expect(distinctNames(['m.onnx', 'a\\n.onnx'])).toEqual(['m.onnx', 'n.onnx']);
    expect(distinctNames(['m.onnx', 'm.onnx', 'm.onnx'])).toEqual(['m.onnx', 'm.onnx (2)', 'm.onnx (3)']);
    expect(distinctNames(['', './'])).toEqual(['', './']);
  });
});

describe('axisOf', () => {
  it.each([
    [[share(950, 1000), share(990, 1000)]],
    [[share(0, 200), share(200, 200)]],
    [[share(500, 1000)]],
    [[share(0, 0)]],
  ])('holds its figures on round ticks', (figures) => {
    const { min, max, step } = axisOf(figures);
    for (const { low, high } of figures) {
      expect(min).toBeLessThanOrEqual(low);
      expect(max).toBeGreaterThanOrEqual(high);
    }
    expect(min).toBeGreaterThanOrEqual(0);
    expect(max).toBeLessThanOrEqual(1);
    expect((max - min) / step).toBeLessThanOrEqual(8);
  });
});

it('weights of each context sum to one', () => {
  for (const weights of Object.values(contextWeights))
    expect(Object.values(weights).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
});
