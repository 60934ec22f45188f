import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureConstraints } from '../../../src/engine/attack/constraint';
import { constrainedBall, distance } from '../../../src/engine/attack/constraintBall';
import { feasible } from '../../../src/engine/attack/feasible';
import { normBall } from '../../../src/engine/attack/geometry';
import type { AttackThreat, Norm, Oracle } from '../../../src/engine/attack/types';
import { refusal } from '../../../src/engine/attack/verify';
import { infeasibility } from '../../../src/engine/attack/verifyConstraints';
import { Random } from '../../../src/engine/random';

const norms = ['linf', 'l2', 'l1'] as const;

/** Continuous features of every kind. */
const relaxed: FeatureConstraints = {
  scale: [1, 2, 0.5, 1, 1, 3],
  low: [0, -1, Number.NEGATIVE_INFINITY, -2, -2, 0],
  high: [1, 1, Number.POSITIVE_INFINITY, 2, 2, 1],
  held: [false, false, false, true, false, false],
  direction: [0, 0, 0, 0, 1, -1],
  integer: [false, false, false, false, false, false],
  groups: [],
};
const size = 6;
const value = fc.float({ min: -3, max: 3, noNaN: true });
const examples = fc
  .tuple(fc.float({ min: 0, max: 1, noNaN: true }), fc.array(value, { minLength: 5, maxLength: 5 }))
  .map(([first, rest]) => {
    const all = [first, ...rest];
    return Float32Array.from(all, (v, i) => Math.min(Math.max(v, relaxed.low[i]!), relaxed.high[i]!));
  });
const cases = fc.record({
  norm: fc.constantFrom(...norms),
  epsilon: fc.constantFrom(0, 0.1, 0.7, 2, 100),
  centre: examples,
  point: fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: size, maxLength: size }),
  seed: fc.integer(),
});

describe('balls with constraints', () => {
  it('hold what is projected onto them, exactly, and leave it there', () => {
    fc.assert(
      fc.property(cases, ({ norm, epsilon, centre, point, seed }) => {
        const threat: AttackThreat = { norm, epsilon, bounds: null, constraints: relaxed };
        const ball = normBall(threat, size);
        const out = new Float32Array(size);
        ball.project(centre, Float64Array.from(point), out);
        const start = new Float32Array(size);
        ball.randomStart(centre, Random.of(seed, 'start'), start);
        for (const inside of [out, start]) {
          expect(distance(norm, centre, inside)).toBeLessThanOrEqual(epsilon);
          expect(infeasibility(centre, inside, relaxed)).toBeNull();
          expect(inside[3] === centre[3]).toBe(true);
          expect(inside[4]).toBeGreaterThanOrEqual(centre[4]!);
          expect(inside[5]).toBeLessThanOrEqual(centre[5]!);
        }
        const again = new Float32Array(size);
        ball.project(centre, Float64Array.from(out), again);
        again.forEach((v, i) => {
          expect(Math.abs(v - out[i]!)).toBeLessThanOrEqual(1e-6);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('give the closest point of the set', () => {
    fc.assert(
      fc.property(cases, ({ norm, epsilon, centre, point, seed }) => {
        const ball = constrainedBall({ norm, epsilon, bounds: null }, relaxed, size);
        const out = new Float32Array(size);
        ball.project(centre, Float64Array.from(point), out);
        const far = (of: ArrayLike<number>) => Math.hypot(...point.map((v, i) => v - of[i]!));
        const random = Random.of(seed, 'others');
        const other = new Float32Array(size);
        for (let k = 0; k < 20; k++) {
          ball.randomStart(centre, random, other);
          // Between the projection and another point of a convex set all points are of the set.
          const t = random.uniform();
          const between = out.map((v, i) => v + t * (other[i]! - v));
          expect(far(out)).toBeLessThanOrEqual(far(between) + 1e-5);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('lead up the gradient along what may move', () => {
    const out = new Float64Array(size);
    const at = Float32Array.of(1, 0, 0, 0, 0, 0.5);
    const gradient = Float32Array.of(5, 1, -2, 100, Number.NaN, 0);
    for (const [norm, expected] of [
      ['linf', [0, 1, -1, 0, 0, 0]],
      ['l2', [0, 1 / Math.sqrt(5), -2 / Math.sqrt(5), 0, 0, 0]],
      ['l1', [0, 0, -1, 0, 0, 0]],
    ] as const) {
      normBall({ norm, epsilon: 1, bounds: null, constraints: relaxed }, size).steepestAscent(gradient, at, out);
      expected.forEach((v, i) => {
        expect(out[i]).toBeCloseTo(v, 12);
      });
    }
  });

  it('refuse what they are not written for', () => {
    const make = (norm: Norm, epsilon: number, constraints = relaxed) =>
      constrainedBall({ norm, epsilon, bounds: null }, constraints, size);
    expect(() => make('l0', 2)).toThrow(/l0/);
    expect(() => make('linf', Number.POSITIVE_INFINITY)).toThrow(/without bounds/);
    expect(() => make('l2', -1)).toThrow(/cannot be attacked/);
    expect(() => make('l2', 1, { ...relaxed, low: [0] })).toThrow(/1 features/);
  });
});

/** Area, rooms (whole), floor (whole, may only grow), year (held), three kinds of heating. */
const table: FeatureConstraints = {
  scale: [5, 1, 2, 10, 1, 1, 1],
  low: [2, 1, 0, 190, 0, 0, 0],
  high: [60, 8, 10, 203, 1, 1, 1],
  held: [false, false, false, true, false, false, false],
  direction: [0, 0, 1, 0, 0, 0, 0],
  integer: [false, true, true, true, false, false, false],
  groups: [[4, 5, 6]],
};
const clean = [
  [80, 3, 4, 1950, 1, 0, 0],
  [33.5, 1, 0, 2020, 0, 0, 1],
  [120, 8, 20, 1900, 0, 1, 0],
];
const weights = [2, 14, -3, 1, 0, 8, 30];

const outputOf = (row: ArrayLike<number>) => weights.reduce((sum, w, i) => sum + w * row[i]! * table.scale[i]!, 0);
const linear: Oracle = {
  classes: 1,
  exampleShape: [7],
  exampleSize: 7,
  differentiable: true,
  batchSize: 64,
  counts: { forwards: 0, backwards: 0 },
  logits: async (x) => Float32Array.from({ length: x.length / 7 }, (_, i) => outputOf(x.subarray(7 * i, 7 * i + 7))),
  gradient: () => Promise.reject(new Error('not asked for')),
};

/** The largest change of the linear output: every choice of what is discrete, and the closed form of the area beside it. */
function bestChange(row: readonly number[], norm: Norm, epsilon: number, sign: number): number {
  let best = 0;
  for (let rooms = 1; rooms <= 8; rooms++) {
    for (let floor = row[2]!; floor <= 20; floor++) {
      for (let heating = 4; heating <= 6; heating++) {
        const after = [row[0]!, rooms, floor, row[3]!, 0, 0, 0];
        after[heating] = 1;
        const change = after.map((v, i) => (v - row[i]!) / table.scale[i]!);
        const sizes = change.map(Math.abs);
        const spent =
          norm === 'linf'
            ? Math.max(...sizes)
            : norm === 'l2'
              ? Math.hypot(...change)
              : sizes.reduce((sum, v) => sum + v, 0);
        if (spent > epsilon + 1e-6) continue;
        const rest =
          norm === 'linf'
            ? epsilon
            : norm === 'l2'
              ? Math.sqrt(Math.max(0, epsilon ** 2 - spent ** 2))
              : epsilon - spent;
        const gain = after.reduce((sum, v, i) => sum + sign * weights[i]! * (v - row[i]!), 0);
        const down = Math.min(rest, row[0]! / 5 - 2);
        const area = sign > 0 ? weights[0]! * 5 * Math.min(rest, 60 - row[0]! / 5) : weights[0]! * 5 * down;
        best = Math.max(best, gain + area);
      }
    }
  }
  return best;
}

describe('points brought to satisfy constraints', () => {
  for (const norm of norms) {
    for (const [epsilon, sign] of [
      [0.4, 1],
      [1, 1],
      [1, -1],
      [2.3, 1],
      [2.3, -1],
    ] as const) {
      it(`are feasible and as good as all combinations, in ${norm} at ${epsilon}, ${sign > 0 ? 'up' : 'down'}`, async () => {
        const x = Float32Array.from(clean.flatMap((row) => row.map((v, i) => v / table.scale[i]!)));
        const random = Random.of(5, norm, epsilon);
        const threat = { norm, epsilon, bounds: null, constraints: table } as const;
        const { points, scores } = await feasible({
          oracle: linear,
          threat,
          constraints: table,
          x,
          points: x.map((v) => v + random.between(-epsilon, epsilon)),
          keys: ['0', '1', '2'],
          seed: 1,
          score: (outputs, k) => sign * outputs[k]!,
          gradient: async (at) => Float32Array.from(at, (_, i) => sign * weights[i % 7]! * table.scale[i % 7]!),
        });
        clean.forEach((row, i) => {
          const before = x.subarray(7 * i, 7 * i + 7);
          const after = points.subarray(7 * i, 7 * i + 7);
          expect(refusal(before, after, threat)).toBeNull();
          expect(distance(norm, before, after)).toBeLessThanOrEqual(epsilon);
          const gain = scores[i]! - sign * outputOf(before);
          const best = bestChange(row, norm, epsilon, sign);
          expect(gain).toBeLessThanOrEqual(best + 1e-2);
          expect(gain).toBeGreaterThan(best - 0.02 * best - 1e-2);
        });
      });
    }
  }

  it('go on from what the attack left, one number or category at a time, where combinations are too many', async () => {
    const wide: FeatureConstraints = {
      scale: [1, 1, 1, 1, 1, 1, 1],
      low: [0, 0, 0, 0, 0, 0, 0],
      high: [20, 20, 20, 20, 1, 1, 1],
      held: new Array<boolean>(7).fill(false),
      direction: new Array<0>(7).fill(0),
      integer: [true, true, true, true, false, false, false],
      groups: [[4, 5, 6]],
    };
    const x = Float32Array.of(10, 10, 10, 10, 1, 0, 0);
    // A valley between the middle of the last number and its end, across which single steps do not lead.
    const valley = (v: number) => (v === 17 ? 5 : v === 10 ? 0 : -1);
    const value = (row: ArrayLike<number>) => row[0]! - row[1]! + 0.1 * row[2]! + valley(row[3]!) + 3 * row[6]!;
    const oracle: Oracle = {
      ...linear,
      logits: async (at) =>
        Float32Array.from({ length: at.length / 7 }, (_, i) => value(at.subarray(7 * i, 7 * i + 7))),
    };
    const { points, scores } = await feasible({
      oracle,
      threat: { norm: 'linf', epsilon: 7, bounds: null },
      constraints: wide,
      x,
      points: x,
      keys: ['0'],
      seed: 1,
      score: (outputs, k) => outputs[k]!,
    });
    expect([...points]).toEqual([17, 3, 17, 17, 0, 0, 1]);
    expect(scores[0]).toBeCloseTo(17 - 3 + 1.7 + 5 + 3, 5);
  });

  it('ask no more often than they may', async () => {
    let asked = 0;
    const counting: Oracle = {
      ...linear,
      logits: (at) => {
        asked += at.length / 7;
        return linear.logits(at);
      },
    };
    const x = Float32Array.from(clean.flatMap((row) => row.map((v, i) => v / table.scale[i]!)));
    const threat = { norm: 'linf', epsilon: 1, bounds: null, constraints: table } as const;
    const { points } = await feasible({
      oracle: counting,
      threat,
      constraints: table,
      x,
      points: x.map((v) => v + 0.9),
      keys: ['0', '1', '2'],
      seed: 1,
      score: (outputs, k) => outputs[k]!,
      queries: 12,
    });
    expect(asked).toBeLessThanOrEqual(3 * 12);
    expect(asked).toBeGreaterThan(20);
    clean.forEach((_, i) => {
      expect(refusal(x.subarray(7 * i, 7 * i + 7), points.subarray(7 * i, 7 * i + 7), threat)).toBeNull();
    });
  });

  it('stay the examples where nothing may change', async () => {
    const x = Float32Array.from(clean[0]!, (v, i) => v / table.scale[i]!);
    const constraints = { ...table, held: table.held.map(() => true) };
    const { points } = await feasible({
      oracle: linear,
      threat: { norm: 'linf', epsilon: 3, bounds: null },
      constraints,
      x,
      points: x.map((v) => v + 1),
      keys: ['0'],
      seed: 1,
      score: (outputs, k) => outputs[k]!,
    });
    expect([...points]).toEqual([...x]);
  });
});

describe('the verifier of constraints', () => {
  const before = Float32Array.from(clean[0]!, (v, i) => v / table.scale[i]!);
  const changed = (i: number, to: number) => {
    const after = before.slice();
    after[i] = to / table.scale[i]!;
    return infeasibility(before, after, table);
  };

  it('accepts what the constraints allow', () => {
    expect(infeasibility(before, before, table)).toBeNull();
    expect(changed(0, 81.234)).toBeNull();
    expect(changed(1, 5)).toBeNull();
    expect(changed(2, 6)).toBeNull();
  });

  it('says which rule is broken', () => {
    expect(changed(3, 1951)).toContain('immutable');
    expect(changed(2, 3)).toContain('may only grow');
    expect(changed(1, 3.5)).toContain('not whole');
    expect(changed(1, 9)).toContain('outside');
    expect(changed(0, 9.9)).toContain('outside');
    expect(changed(4, 0)).toContain('one-hot');
    expect(changed(5, 1)).toContain('one-hot');
    expect(changed(4, 0.5)).toContain('one-hot');
    const fell = { ...table, direction: table.direction.map((d) => (d === 1 ? -1 : d)) };
    const after = before.slice();
    after[2]! += 1;
    expect(infeasibility(before, after, fell)).toContain('may only fall');
  });
});
