import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatBox, place, type Start } from '../../../src/engine/certify/box';
import { Random } from '../../../src/engine/random';

const box = (...bounds: readonly (readonly [number, number])[]) =>
  floatBox(
    Float64Array.from(bounds, ([low]) => low),
    Float64Array.from(bounds, ([, high]) => high),
  );

describe('the float32 points of a box', () => {
  it('lie inside, and none nearer to the bounds is left out', () => {
    const number = fc.double({ min: -1e30, max: 1e30, noNaN: true });
    fc.assert(
      fc.property(number, number, (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const { low: from, high: to, rounded } = box([low, high]);
        if (rounded.length > 0) return;
        expect(from[0]).toBeGreaterThanOrEqual(low);
        expect(to[0]).toBeLessThanOrEqual(high);
        // The nearest float32 to a bound is in the box, or beside it and the next one is.
        expect(Math.fround(low) < low || from[0] === Math.fround(low)).toBe(true);
        expect(Math.fround(high) > high || to[0] === Math.fround(high)).toBe(true);
      }),
    );
  });

  it('knows which inputs are free, and which have no float32 number at all', () => {
    const { low, high, free, rounded } = box([0, 1], [0.5, 0.5], [0.1, 0.1], [0.1, 0.1000000001], [-0, 0]);
    expect([...free]).toEqual([0]);
    expect([...rounded]).toEqual([2, 3]);
    expect(low[2]).toBe(Math.fround(0.1));
    expect(high[3]).toBe(Math.fround(0.1));
    expect(Math.abs(low[4]!) + Math.abs(high[4]!)).toBe(0);
  });

  it('rounds toward the inside across zero and at the smallest numbers', () => {
    const { low, high } = box([-1e-60, 1e-60], [1e-46, 1], [-1, -1e-46]);
    expect(Math.abs(low[0]!) + Math.abs(high[0]!)).toBe(0);
    expect(low[1]).toBe(2 ** -149);
    expect(high[2]).toBe(-(2 ** -149));
  });

  it('is refused beyond float32', () => {
    expect(() => box([1e39, 2e39])).toThrow(/X_0/);
    const { high } = box([0, 1e39]);
    expect(high[0]).toBe((2 - 2 ** -23) * 2 ** 127);
  });
});

describe('starts in a box', () => {
  const { low, high } = { low: [-1, 0.1, 7], high: [3, 0.3, 7] };
  const three = box(...low.map((l, i) => [l, high[i]!] as const));
  const starts: readonly Start[] = ['centre', 'uniform', 'corner', 'edge'];

  it.each(starts)('%s points are inside', (start) => {
    const random = Random.of(3, start);
    const out = new Float32Array(3);
    let bounds = 0;
    for (let i = 0; i < 400; i++) {
      place(three, start, random, out);
      for (let j = 0; j < 3; j++) {
        expect(out[j]).toBeGreaterThanOrEqual(three.low[j]!);
        expect(out[j]).toBeLessThanOrEqual(three.high[j]!);
        if (j < 2 && (out[j] === three.low[j] || out[j] === three.high[j])) bounds++;
      }
    }
    const share = { centre: 0, uniform: 0, corner: 1, edge: 0.5 }[start];
    expect(Math.abs(bounds / 800 - share)).toBeLessThan(0.06);
  });
});
