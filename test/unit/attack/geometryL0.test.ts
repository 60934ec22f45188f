import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normBall } from '../../../src/engine/attack/geometry';
import { within } from '../../../src/engine/attack/geometryL0';
import { epsilonGrid, unboundedThreat } from '../../../src/engine/attack/grid';
import { createVerifier } from '../../../src/engine/attack/verify';
import { Random } from '../../../src/engine/random';

const size = 6;
const values = (min: number, max: number) =>
  fc.array(fc.double({ min, max, noNaN: true }), { minLength: size, maxLength: size });
const cases = fc.record({
  channels: fc.constantFrom(1, 2, 3),
  epsilon: fc.integer({ min: 0, max: 7 }),
  centre: values(0, 1).map((v) => Float32Array.from(v)),
  point: values(-1, 2).map((v) => Float64Array.from(v)),
  seed: fc.nat(),
});
const bounds = [0, 1] as const;
const squared = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0);

/** Positions that differ, counted the plain way. */
function changed(a: ArrayLike<number>, b: ArrayLike<number>, channels: number): number {
  const area = size / channels;
  return Array.from({ length: area }).filter((_, p) =>
    Array.from({ length: channels }).some((_, c) => a[c * area + p] !== b[c * area + p]),
  ).length;
}

describe('the l0 ball', () => {
  it('projects into itself, onto the closest of all its points', () => {
    fc.assert(
      fc.property(cases, ({ channels, epsilon, centre, point }) => {
        const ball = normBall({ norm: 'l0', epsilon, bounds, channels }, size);
        const out = new Float32Array(size);
        ball.project(centre, point, out);
        expect(changed(centre, out, channels)).toBeLessThanOrEqual(epsilon);
        expect(out.every((v) => v >= 0 && v <= 1)).toBe(true);
        expect(ball.distance(centre, out)).toBe(changed(centre, out, channels));
        // Every choice of positions, each at its best value.
        const area = size / channels;
        for (let chosen = 0; chosen < 2 ** area; chosen++) {
          const rival = Float64Array.from(centre, (v, i) =>
            (chosen >> (i % area)) & 1 ? Math.min(1, Math.max(0, point[i]!)) : v,
          );
          if (changed(centre, rival, channels) > epsilon) continue;
          expect(squared(out, point)).toBeLessThanOrEqual(squared(rival, point) + 1e-6);
        }
        const again = new Float32Array(size);
        ball.project(centre, Float64Array.from(out), again);
        expect(again).toEqual(out);
      }),
      { numRuns: 300 },
    );
  });

  it('starts at random points of its own, by the stream alone', () => {
    fc.assert(
      fc.property(cases, ({ channels, epsilon, centre, seed }) => {
        const ball = normBall({ norm: 'l0', epsilon, bounds, channels }, size);
        const [first, other, again] = [seed, seed + 1, seed].map((s) => {
          const out = new Float32Array(size);
          ball.randomStart(centre, Random.of(s), out);
          return out;
        });
        expect(again).toEqual(first);
        for (const start of [first!, other!]) {
          expect(changed(centre, start, channels)).toBe(Math.min(epsilon, size / channels));
          expect(start.every((v) => v >= 0 && v <= 1)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('climbs by the position that gains most within the bounds', () => {
    const ball = normBall({ norm: 'l0', epsilon: 1, bounds, channels: 2 }, 4);
    const out = new Float64Array(4);
    // Positions {0, 2} and {1, 3}: the second has the larger slope, but no room.
    ball.steepestAscent(Float32Array.of(1, 9, -2, 0), Float32Array.of(0.5, 1, 0.75, 0), out);
    expect([...out]).toEqual([0.5, 0, -0.75, 0]);
    ball.steepestAscent(new Float32Array(4), Float32Array.of(0.5, 1, 0.75, 0), out);
    expect([...out]).toEqual([0, 0, 0, 0]);
  });

  it('holds what is passed through', () => {
    const ball = normBall({ norm: 'l0', epsilon: 2, bounds }, 4, 3);
    const centre = Float32Array.of(0.5, 0.5, 0.5, 0.5);
    const out = new Float32Array(4);
    ball.project(centre, Float64Array.of(0.6, 0.7, 0.8, 1), out);
    expect([...out]).toEqual([...Float32Array.of(0.5, 0.7, 0.8, 0.5)]);
    expect(ball.distance(centre, out)).toBe(2);
    expect(ball.distance(centre, Float32Array.of(0.5, 0.5, 0.5, 1))).toBe(Number.POSITIVE_INFINITY);
  });

  it('gives float32s within bounds that are none', () => {
    for (const [low, high] of [
      [-0.1, 0.1],
      [0.1, 0.7],
      [-0.7, -0.3],
    ] as const) {
      for (const value of [low - 1, low, high, high + 1]) {
        expect(within(value, low, high)).toBeGreaterThanOrEqual(low);
        expect(within(value, low, high)).toBeLessThanOrEqual(high);
        expect(Math.abs(within(value, low, high) - (value < high ? low : high))).toBeLessThan(1e-7);
      }
    }
  });
});

describe('the verifier', () => {
  it('counts pixels or values, as the threat says, and refuses one too many', async () => {
    const predict = async (x: Float32Array) => Float32Array.from({ length: (x.length / 6) * 2 }, (_, i) => i % 2);
    const verifier = createVerifier({ predict, classes: 2, exampleSize: 6 });
    const x = new Float32Array(6);
    const adversarial = Float32Array.of(1, 0, 0, 1, 1, 0);
    const confirm = async (channels: number | undefined, epsilon: number) => {
      const threat = { norm: 'l0', epsilon, bounds, ...(channels === undefined ? {} : { channels }) } as const;
      const { confirmed, distance } = await verifier.confirm({ x, adversarial, y: Int32Array.of(0), threat });
      return [confirmed[0], distance[0]];
    };
    expect(await confirm(undefined, 3)).toEqual([1, 3]);
    expect(await confirm(undefined, 2)).toEqual([0, 3]);
    // Two channels of three pixels: 0 and 3 are one pixel.
    expect(await confirm(2, 2)).toEqual([1, 2]);
    expect(await confirm(2, 1)).toEqual([0, 2]);
    expect(await confirm(3, 2)).toEqual([1, 2]);
  });
});

describe('ε of a curve', () => {
  it('are whole numbers, no more than there are positions, and hold the own one', () => {
    expect(epsilonGrid({ norm: 'l0', epsilon: 24, bounds, channels: 3 }, 3 * 1024)).toEqual([
      0, 6, 12, 18, 24, 36, 48, 96,
    ]);
    expect(epsilonGrid({ norm: 'l0', epsilon: 1, bounds }, 784)).toEqual([0, 1, 2, 4]);
    expect(epsilonGrid({ norm: 'l0', epsilon: 3, bounds }, 4)).toEqual([0, 1, 2, 3, 4]);
    expect(epsilonGrid({ norm: 'l0', epsilon: 0, bounds }, 4)).toEqual([0]);
  });

  it('without a limit is the box, which linf knows too', () => {
    expect(unboundedThreat({ norm: 'l0', epsilon: 3, bounds, channels: 3 })).toEqual({
      norm: 'linf',
      epsilon: Number.POSITIVE_INFINITY,
      bounds,
    });
  });
});
