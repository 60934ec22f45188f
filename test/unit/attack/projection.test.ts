import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linfLimits, placeWithin, projectLinf } from '../../../src/engine/attack/projection';

const word = new Int32Array(1);
const float = new Float32Array(word.buffer);

/** The next float32 in the direction of `to`, by counting in the order of floats. */
function neighbour(value: number, to: number): number {
  float[0] = value;
  const place = word[0]! < 0 ? -(word[0]! & 0x7fffffff) : word[0]!;
  const next = place + (to > value ? 1 : -1);
  word[0] = next < 0 ? -next | 0x80000000 : next;
  return float[0]!;
}

/** From denormal to large, of both signs, powers of two among them, where spacing changes. */
const floats = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e30), max: Math.fround(1e30) }),
  fc.integer({ min: -149, max: 60 }).map((exponent) => 2 ** exponent),
  fc.integer({ min: -9, max: 9 }).map((count) => count * 2 ** -149),
  fc.constantFrom(0, -0, 1, -1),
);
const distances = fc.oneof(
  fc.double({ min: 0, max: 1e3, noNaN: true }),
  fc.double({ min: -330, max: 30, noNaN: true }).map((power) => 10 ** power),
  floats.map(Math.abs),
);

describe('limits of a coordinate', () => {
  it('are the outermost floats that are inside, to the last bit', () => {
    fc.assert(
      fc.property(floats, distances, (centre, radius) => {
        const [least, most] = [new Float32Array(1), new Float32Array(1)];
        linfLimits(Float32Array.of(centre), radius, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, least, most);
        for (const [limit, outward] of [
          [least[0]!, Number.NEGATIVE_INFINITY],
          [most[0]!, Number.POSITIVE_INFINITY],
        ] as const) {
          expect(Math.abs(limit - centre)).toBeLessThanOrEqual(radius);
          expect(Object.is(limit, -0)).toBe(false);
          // Of the float beyond, float64's own rounding can say that it lies on the sphere.
          expect(Math.abs(neighbour(limit, outward) - centre)).toBeGreaterThanOrEqual(radius);
        }
      }),
      { numRuns: 3000, examples: [[0, 7e-46]] },
    );
  });

  it('hold for what is projected, and for what is placed at random', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(floats, fc.double({ min: -3, max: 3, noNaN: true })), { minLength: 1, maxLength: 9 }),
        distances,
        fc.constantFrom([0, 1], [-2, 2], [1, 3], [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]),
        (coordinates, radius, bounds) => {
          const [low, high] = bounds as [number, number];
          const centre = Float32Array.from(coordinates, ([c]) => c);
          const direction = Float64Array.from(coordinates, ([, t]) => t);
          const [least, most] = [new Float32Array(centre.length), new Float32Array(centre.length)];
          linfLimits(centre, radius, low, high, least, most);
          const [projected, placed] = [new Float32Array(centre.length), new Float32Array(centre.length)];
          projectLinf(
            centre,
            Float64Array.from(direction, (t, i) => centre[i]! + radius * t),
            radius,
            low,
            high,
            projected,
          );
          placeWithin(centre, direction, radius, least, most, placed);
          for (const point of [projected, placed]) {
            point.forEach((value, i) => {
              expect(value).toBeGreaterThanOrEqual(least[i]!);
              expect(value).toBeLessThanOrEqual(most[i]!);
            });
          }
          placed.forEach((value, i) => {
            const target = Math.fround(centre[i]! + radius * direction[i]!);
            expect(value).toBe(Math.min(Math.max(target + 0, least[i]!), most[i]!));
          });
          for (const [limit, way] of [
            [least, -2],
            [most, 2],
          ] as const) {
            const outside = Float64Array.from(centre, (c) => c + way * radius);
            projectLinf(centre, outside, radius, low, high, projected);
            expect(projected).toEqual(limit);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
