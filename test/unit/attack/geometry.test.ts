import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ballNorms, diameter, normBall } from '../../../src/engine/attack/geometry';
import { RobustnessError } from '../../../src/engine/error';
import { Random } from '../../../src/engine/random';

const size = 12;
const scales = fc.constantFrom(1, 1, 255, 1e-3, 1e4);
/** A ball in a box, with the centre inside the box (often on its edge), and a point anywhere. */
const cases = fc
  .record({
    norm: fc.constantFrom(...ballNorms),
    scale: scales,
    epsilon: fc.double({ min: 1e-3, max: 3, noNaN: true }),
    bounded: fc.boolean(),
    centre: fc.array(fc.oneof(fc.constantFrom(0, 1), fc.float({ min: 0, max: 1, noNaN: true })), {
      minLength: size,
      maxLength: size,
    }),
    point: fc.array(fc.double({ min: -3, max: 4, noNaN: true }), { minLength: size, maxLength: size }),
    seed: fc.nat(),
  })
  .map(({ norm, scale, epsilon, bounded, centre, point, seed }) => {
    const bounds = bounded ? ([0, scale] as const) : null;
    return {
      threat: { norm, epsilon: epsilon * scale, bounds },
      ball: normBall({ norm, epsilon: epsilon * scale, bounds }, size),
      centre: Float32Array.from(centre, (v) => v * scale),
      point: Float64Array.from(point, (v) => v * scale),
      seed,
      scale,
    };
  });

const euclidean = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.hypot(...Array.from(a, (v, i) => v - b[i]!));

describe('projection onto ball and bounds', () => {
  it('lands inside both, without any tolerance', () => {
    fc.assert(
      fc.property(cases, ({ ball, threat, centre, point }) => {
        const out = new Float32Array(size);
        ball.project(centre, point, out);
        expect(ball.distance(centre, out)).toBeLessThanOrEqual(threat.epsilon);
        const [low, high] = threat.bounds ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
        // 0.001 is not a float32: a centre on that bound lies past it by rounding, and stays allowed.
        expect(Math.min(...out)).toBeGreaterThanOrEqual(Math.min(low, ...centre));
        expect(Math.max(...out)).toBeLessThanOrEqual(Math.max(high, ...centre));
      }),
      { numRuns: 600 },
    );
  });

  it('changes nothing when done again', () => {
    fc.assert(
      fc.property(cases, ({ ball, centre, point }) => {
        const once = new Float32Array(size);
        const twice = new Float32Array(size);
        ball.project(centre, point, once);
        ball.project(centre, Float64Array.from(once), twice);
        expect(twice).toEqual(once);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves a point of the set where it is, up to rounding', () => {
    fc.assert(
      fc.property(cases, ({ ball, centre, seed, scale }) => {
        const inside = new Float32Array(size);
        const out = new Float32Array(size);
        ball.randomStart(centre, Random.of(seed), inside);
        ball.project(centre, Float64Array.from(inside), out);
        expect(euclidean(out, inside)).toBeLessThanOrEqual(1e-6 * scale);
      }),
      { numRuns: 300 },
    );
  });

  it('is the closest point of the set', () => {
    fc.assert(
      fc.property(cases, ({ ball, centre, point, seed, scale }) => {
        const out = new Float32Array(size);
        ball.project(centre, point, out);
        const reached = euclidean(out, point);
        const random = Random.of(seed);
        const rival = new Float32Array(size);
        for (let i = 0; i < 20; i++) {
          ball.randomStart(centre, random, rival);
          // The set is convex: every point between two of it is a rival too, those near `out` the keenest.
          const share = 10 ** -(i % 4);
          const between = Float64Array.from(rival, (v, k) => out[k]! + share * (v - out[k]!));
          expect(reached).toBeLessThanOrEqual(euclidean(between, point) + 3e-6 * scale);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps float32 inside the ball where values are large', () => {
    const centre = Float32Array.from({ length: size }, (_, i) => 10_000 + i / 7);
    for (const norm of ballNorms) {
      const ball = normBall({ norm, epsilon: 0.01, bounds: null }, size);
      const out = new Float32Array(size);
      ball.project(
        centre,
        Float64Array.from(centre, (v) => v + 1),
        out,
      );
      expect(ball.distance(centre, out)).toBeLessThanOrEqual(0.01);
    }
  });
});

describe('random start', () => {
  it('is inside the set, uses the ball, and belongs to its stream', () => {
    for (const norm of ballNorms) {
      const ball = normBall({ norm, epsilon: 0.3, bounds: null }, size);
      const centre = new Float32Array(size).fill(0.5);
      const [first, again, other] = [1, 1, 2].map((seed) => {
        const out = new Float32Array(size);
        ball.randomStart(centre, Random.of(seed, norm), out);
        return out;
      });
      expect(again).toEqual(first);
      expect(other).not.toEqual(first);
      expect(ball.distance(centre, first!)).toBeLessThanOrEqual(0.3);
      expect(ball.distance(centre, first!)).toBeGreaterThan(0.299);
    }
  });
});

describe('steepest ascent', () => {
  const gradient = Float32Array.from([3, -4, 0, 0]);
  const point = new Float32Array(4).fill(0.5);
  const along = (norm: 'linf' | 'l2' | 'l1', g = gradient, at = point) => {
    const out = new Float64Array(4);
    normBall({ norm, epsilon: 1, bounds: [0, 1] }, 4).steepestAscent(g, at, out);
    return Array.from(out);
  };

  it('is the sign for linf, the unit gradient for l2, the largest coordinate for l1', () => {
    expect(along('linf')).toEqual([1, -1, 0, 0]);
    expect(along('l2')[0]).toBeCloseTo(0.6, 12);
    expect(along('l2')[1]).toBeCloseTo(-0.8, 12);
    expect(along('l1')).toEqual([0, -1, 0, 0]);
  });

  it('for l1, passes over a coordinate that the bounds hold', () => {
    expect(along('l1', gradient, Float32Array.from([0.5, 0, 0.5, 0.5]))).toEqual([1, 0, 0, 0]);
  });

  it('is zero for a zero gradient and survives NaN and infinity', () => {
    for (const norm of ballNorms) {
      expect(along(norm, new Float32Array(4))).toEqual([0, 0, 0, 0]);
      const wild = along(norm, Float32Array.from([Number.NaN, Number.POSITIVE_INFINITY, 0, 1]));
      expect(wild.every(Number.isFinite)).toBe(true);
      expect(wild[0]).toBe(0);
      expect(wild[1]).toBeGreaterThan(0);
    }
  });
});

describe('what cannot be a ball', () => {
  it.each([
    ['negative ε', { norm: 'linf', epsilon: -1, bounds: null }, 'attack/epsilon'],
    ['ε that is not a number', { norm: 'l2', epsilon: Number.NaN, bounds: [0, 1] }, 'attack/epsilon'],
    ['infinite ε without bounds', { norm: 'l2', epsilon: Number.POSITIVE_INFINITY, bounds: null }, 'attack/epsilon'],
    ['bounds the wrong way round', { norm: 'linf', epsilon: 1, bounds: [1, 0] }, 'attack/bounds'],
    ['l0 without bounds', { norm: 'l0', epsilon: 1, bounds: null }, 'attack/bounds'],
    ['l0 in pixels that do not divide', { norm: 'l0', epsilon: 1, bounds: [0, 1], channels: 3 }, 'attack/channels'],
  ] as const)('%s', (_, threat, code) => {
    let caught: unknown;
    try {
      normBall(threat, 4);
    } catch (error) {
      caught = error;
    }
    expect(RobustnessError.is(caught, code)).toBe(true);
  });

  it('cuts an infinite ε to the diameter of the bounds', () => {
    const bounds = [0, 2] as const;
    expect(diameter('linf', bounds, 9)).toBe(2);
    expect(diameter('l2', bounds, 9)).toBe(6);
    expect(diameter('l1', bounds, 9)).toBe(18);
    expect(normBall({ norm: 'l2', epsilon: Number.POSITIVE_INFINITY, bounds }, 9).radius).toBe(6);
  });
});
