import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CorruptionRow, Figure } from '../../../src/engine/report/schema';
import { clearance, spread } from '../../../webview/chart/annotate';
import { mostMoved, reachedBy, thinned } from '../../../webview/output/reach';
import { segments } from '../../../webview/section/bracket';
import { confusedPairs } from '../../../webview/section/cleanConfusion';
import { groupCorruptions } from '../../../webview/section/corruptions';
import { halfLife, steepestFall, thinTicks } from '../../../webview/section/curve';
import { largestChanges, safeImage } from '../../../webview/section/gallery';
import { widestStep } from '../../../webview/section/ladder';
import { axisEnd, roundTicks, staircase } from '../../../webview/section/minimalNorm';
import { sortRows, worstClass } from '../../../webview/section/perClass';
import { reportOutputs } from '../../fixtures/reportOutputs';

const figure = (value: number): Figure => ({ value, low: value, high: value, n: 100 });
const curve = (...points: [epsilon: number, accuracy: number][]) =>
  points.map(([epsilon, accuracy]) => ({ epsilon, accuracy: figure(accuracy) }));
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('confused pairs', () => {
  it('leave the diagonal and what never happens out, the most frequent first', () => {
    const perClass = ['cat', 'dog', 'fox'].map((label, k) => ({
      label,
      support: [10, 5, 0][k]!,
      accuracy: null,
      precision: null,
      recall: null,
      f1: null,
      rocAuc: null,
      robustAccuracy: {},
    }));
    const confusion = [
      [7, 1, 2],
      [4, 1, 0],
      [0, 0, 0],
    ];
    expect(confusedPairs({ confusion, perClass })).toEqual([
      { label: 'dog', as: 'cat', count: 4, of: 5 },
      { label: 'cat', as: 'fox', count: 2, of: 10 },
      { label: 'cat', as: 'dog', count: 1, of: 10 },
    ]);
    expect(confusedPairs({ perClass })).toEqual([]);
  });
});

describe('bracket', () => {
  it('divides all examples into what is proved, open, broken and wrong', () => {
    const parts = segments({ clean: figure(0.9), attacked: figure(0.5), certified: figure(0.2), partial: false });
    expect(parts.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['proved', 0, 0.2],
      ['open', 0.2, 0.5],
      ['broken', 0.5, 0.9],
      ['wrong', 0.9, 1],
    ]);
  });

  it('claims nothing below the attacked accuracy without a certificate, nor above it without an attack', () => {
    const plain = segments({ clean: figure(0.9), attacked: figure(0), certified: null, partial: false });
    expect(plain.map(({ kind }) => kind)).toEqual(['broken', 'wrong']);
    const early = segments({ clean: figure(0.9), attacked: null, certified: null, partial: true });
    expect(early[0]).toMatchObject({ kind: 'open', from: 0, to: 0.9, label: 'Not yet attacked' });
  });

  it('fills the axis without gap or overlap, whatever the figures', () => {
    const optional = fc.option(share);
    fc.assert(
      fc.property(share, optional, optional, (clean, attacked, certified) => {
        const parts = segments({
          clean: figure(clean),
          attacked: attacked === null ? null : figure(attacked),
          certified: certified === null ? null : figure(certified),
          partial: false,
        });
        expect(parts[0]?.from).toBeCloseTo(0, 6);
        expect(parts.at(-1)?.to).toBeCloseTo(1, 6);
        for (const [i, part] of parts.entries()) {
          expect(part.to).toBeGreaterThan(part.from);
          expect(part.from).toBeCloseTo(i === 0 ? 0 : (parts[i - 1]?.to ?? Number.NaN), 6);
        }
      }),
    );
  });
});

describe('curve', () => {
  it('finds the steepest fall and the half life, in any order of points', () => {
    const points = curve([0.2, 0.1], [0, 0.9], [0.1, 0.8]);
    expect(steepestFall(points)).toMatchObject({ from: 0.1, to: 0.2 });
    // From 0.8 at 0.1 to 0.1 at 0.2, 0.45 is half way down.
    expect(halfLife(points)).toBeCloseTo(0.15, 10);
  });

  it('has no half life where accuracy stays above, starts at zero, or was not measured at zero', () => {
    expect(halfLife(curve([0, 0.9], [1, 0.6]))).toBeNull();
    expect(halfLife(curve([0, 0], [1, 0]))).toBeNull();
    expect(halfLife(curve([0.5, 0.9], [1, 0.1]))).toBeNull();
    expect(halfLife([])).toBeNull();
    expect(steepestFall(curve([0, 0.9]))).toBeNull();
  });

  it('names zero and the stated ε on the axis, and no two labels that would touch', () => {
    const ticks = [0, 0.0125, 0.025, 0.05, 0.095, 0.1, 0.2].map((at) => ({ at, label: String(at) }));
    const named = thinTicks(ticks, [0, 0.1], 0.2).filter(({ quiet }) => !quiet);
    expect(named.map(({ at }) => at)).toEqual([0, 0.025, 0.05, 0.1, 0.2]);
  });
});

describe('clearance', () => {
  const series = [
    {
      label: '',
      color: 'blue' as const,
      points: [
        { x: 0, y: 1 },
        { x: 0.5, y: 0 },
        { x: 1, y: 0 },
      ],
    },
  ];

  it('is the distance of the nearest line, and zero where one crosses', () => {
    expect(clearance(series, 0.1, 0, 0.2)).toBeCloseTo(0.5, 10);
    expect(clearance(series, 0.1, 0, 0.5)).toBe(0);
    expect(clearance(series, 0.1, 0.6, 1)).toBeCloseTo(0.1, 10);
    expect(clearance([], 0.1, 0, 1)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('labels at the ends of lines', () => {
  it('keep their order and distance, within the plot when there is room', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 12 }), (ys) => {
        const placed = spread(
          ys.map((y) => ({ y })),
          14,
          0,
          300,
        ).map(({ y }) => y);
        for (const [i, y] of placed.entries()) {
          if (i > 0) expect(y - (placed[i - 1] ?? 0)).toBeGreaterThanOrEqual(14);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(300);
        }
      }),
    );
  });
});

describe('tables', () => {
  const rows = [
    { name: 'b', n: 2 },
    { name: 'a', n: null },
    { name: 'c10', n: 10 },
    { name: 'c9', n: 9 },
  ];

  it('sorts numbers as numbers and names in natural order, with missing figures last either way', () => {
    const by = (value: (row: (typeof rows)[number]) => number | string | null, descending: boolean) =>
      sortRows(rows, value, descending).map(({ name }) => name);
    expect(by(({ n }) => n, false)).toEqual(['b', 'c9', 'c10', 'a']);
    expect(by(({ n }) => n, true)).toEqual(['c10', 'c9', 'b', 'a']);
    expect(by(({ name }) => name, false)).toEqual(['a', 'b', 'c9', 'c10']);
  });

  it('marks a worst class only where one stands out', () => {
    expect(worstClass(rows, ({ n }) => n)?.name).toBe('b');
    expect(worstClass(rows, () => 1)).toBeNull();
    // Two share the lowest figure, and neither is the one.
    expect(worstClass(rows, ({ n }) => (n === 10 ? 10 : 2))).toBeNull();
    expect(worstClass(rows, () => null)).toBeNull();
  });

  it('groups corruptions, the costliest first', () => {
    const row = (name: string, severity: number, value: number): CorruptionRow => ({
      name,
      title: name,
      severity,
      accuracy: figure(value),
      stability: figure(value),
    });
    const groups = groupCorruptions([row('fog', 3, 0.8), row('blur', 1, 0.5), row('fog', 1, 0.9)]);
    expect(groups.map(({ name }) => name)).toEqual(['blur', 'fog']);
    expect(groups[1]?.rows.map(({ severity }) => severity)).toEqual([1, 3]);
    expect(groups[1]?.mean).toBeCloseTo(0.85, 10);
  });
});

describe('gallery', () => {
  it('lists the features that moved most and leaves out those that did not move', () => {
    const values = { names: ['x', 'y', 'z'], original: [1, 1, 1], adversarial: [1.1, 1, 0.5] };
    expect(largestChanges(values, 5).map(({ name }) => name)).toEqual(['z', 'x']);
    expect(largestChanges(values, 1)).toHaveLength(1);
  });

  it.each([
    ['data:image/png;base64,iVBORw0KGgo=', true],
    ['data:image/svg+xml;base64,PHN2Zz4=', false],
    ['https://example.org/pixel.png', false],
    ['data:image/png;base64,AAAA" onerror="alert(1)', false],
    ['javascript:alert(1)', false],
  ])('shows %s: %s', (source, shown) => {
    expect(safeImage(source)).toBe(shown ? source : '');
  });
});

describe('ladder', () => {
  const rung = (title: string, value: number) => ({ name: title, title, accuracy: figure(value) });

  it('holds the rung that claims most against the last, also where gradients are masked', () => {
    const masked = [rung('FGSM', 0.4), rung('PGD', 0.7), rung('All attacks', 0.1)];
    expect(widestStep(masked)).toMatchObject({ weakest: { title: 'PGD' }, strongest: { title: 'All attacks' } });
    expect(widestStep([rung('FGSM', 0.4)])).toBeNull();
    expect(widestStep([])).toBeNull();
  });
});

describe('smallest perturbations', () => {
  it('rise by a step at each distance, to the share that was broken by then', () => {
    const sample = { distances: [0, 0.1, 0.1, 0.4, 9], n: 10 };
    expect(staircase(sample, 0.5)).toEqual([
      { x: 0, y: 0 },
      { x: 0, y: 0.1 },
      { x: 0.1, y: 0.3 },
      { x: 0.4, y: 0.4 },
      { x: 0.5, y: 0.4 },
    ]);
    expect(staircase({ distances: [], n: 10 }, 1).at(-1)).toEqual({ x: 1, y: 0 });
  });

  it('are drawn past ε, and not to the last of a long tail', () => {
    const quantiles = [
      { q: 0.5, value: 0.2 },
      { q: 0.95, value: null },
    ];
    expect(axisEnd({ distances: [0.1, 0.2, 40], quantiles }, 0.1)).toBeCloseTo(0.25, 10);
    expect(axisEnd({ distances: [0.1], quantiles }, 8)).toBeCloseTo(9.6, 10);
    expect(axisEnd({ distances: [], quantiles: [] }, 0)).toBe(1);
  });

  it('have round positions on the axis, in units of the fraction that ε is stated in', () => {
    expect(roundTicks(0.31)).toEqual([0, 0.1, 0.2, 0.3].map((at) => expect.closeTo(at, 9)));
    expect(roundTicks(16 / 255, 1 / 255)).toEqual([0, 5, 10, 15].map((at) => expect.closeTo(at / 255, 9)));
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (end) => {
        const ticks = roundTicks(end);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(7);
        expect(ticks.at(-1)).toBeLessThanOrEqual(end * (1 + 1e-6));
      }),
    );
  });
});

describe('reach', () => {
  const outcomes = {
    target: [
      [1, 1],
      [2, 2],
      [3, 3],
    ],
    prediction: [
      [1, 1],
      [2, 2],
      [3, 3],
    ],
    reached: {
      a: {
        lowest: [
          [0, 1],
          [2, 0],
        ],
        highest: [
          [1, 1],
          [2, 9],
        ],
        worstError: [1, 7],
        worstBy: ['pgd', null],
      },
    },
  };

  it('has the examples that attacks have met, and nothing of a threat model that none has', () => {
    expect(reachedBy(outcomes, 'a', 0).map(({ index, lowest, highest }) => [index, lowest, highest])).toEqual([
      [0, 0, 1],
      [1, 2, 2],
    ]);
    expect(reachedBy(outcomes, 'b', 0)).toEqual([]);
    expect(reachedBy(outcomes, 'constructor', 0)).toEqual([]);
  });

  it('shows the output that moves most', () => {
    expect(mostMoved({ ...reportOutputs(), outputs: 2, outcomes }, 'a')).toBe(1);
  });

  it('thins evenly and keeps both ends', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => i);
    expect(thinned(rows, 5)).toEqual([0, 250, 500, 749, 999]);
    expect(thinned([1, 2], 5)).toEqual([1, 2]);
  });
});
