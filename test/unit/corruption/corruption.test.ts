import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corruptionByName, corruptionsFor } from '../../../src/engine/corruption/registry';
import type { Corruption } from '../../../src/engine/corruption/types';
import { Random } from '../../../src/engine/random';
import { type CorruptionName, corruptionNames, tabularCorruptionNames } from '../../../src/engine/spec/corruptions';
import vectors from '../../fixtures/corruption-vectors.json';

const all = corruptionNames.map((name) => corruptionByName(name));
const unit = [0, 1] as const;
const stream = (key: number | string = 0) => Random.of(0, 'test', key);
const picture = (channels: number, height: number, width: number, key = 0) => {
  const random = stream(key);
  return Float32Array.from({ length: channels * height * width }, () => random.uniform());
};
const mean = (x: ArrayLike<number>) => Array.from(x).reduce((sum, value) => sum + value, 0) / x.length;

function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
  return null;
}

describe('registry', () => {
  it('knows every name of the spec by that name', () => {
    for (const name of corruptionNames) expect(corruptionByName(name).name).toBe(name);
  });

  it('offers vectors noise and the faults of tables', () => {
    expect(corruptionsFor('vector').map(({ name }) => name)).toEqual(['gaussian_noise', ...tabularCorruptionNames]);
    expect(corruptionsFor('image').map(({ name }) => name)).toEqual([...corruptionNames]);
  });
});

describe('published formulas', () => {
  it.each(vectors)(
    '$corruption of a $image image at severity $severity',
    ({ corruption, severity, shape, x, expected }) => {
      const result = corruptionByName(corruption as CorruptionName).apply(
        Float32Array.from(x),
        shape,
        severity,
        unit,
        stream(),
      );
      const worst = Math.max(...expected.map((value, i) => Math.abs(value - result[i]!)));
      expect(worst).toBeLessThan(2e-7);
    },
  );

  it('states the constants of CIFAR-10-C up to 32 pixels and those of ImageNet-C from 224', () => {
    const told = (name: CorruptionName, side: number) =>
      [1, 2, 3, 4, 5].map((severity) =>
        Number.parseFloat(corruptionByName(name).describe(severity, [3, side, side]).replace(/^\D*/, '')),
      );
    expect(told('gaussian_noise', 32)).toEqual([0.04, 0.06, 0.08, 0.09, 0.1]);
    expect(told('gaussian_noise', 28)).toEqual(told('gaussian_noise', 32));
    expect(told('gaussian_noise', 224)).toEqual([0.08, 0.12, 0.18, 0.26, 0.38]);
    expect(told('gaussian_noise', 500)).toEqual(told('gaussian_noise', 224));
    expect(told('gaussian_blur', 224)).toEqual([1, 2, 3, 4, 6]);
    expect(told('brightness', 224)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(told('contrast', 224)).toEqual([40, 30, 20, 10, 5]);
    expect(told('contrast', 32)).toEqual([75, 50, 40, 30, 15]);
  });

  it('interpolates between the two sizes by the shorter side', () => {
    expect(corruptionByName('gaussian_blur').describe(5, [3, 128, 300])).toBe('σ = 3.5 pixels');
  });
});

describe('gaussian_noise', () => {
  it('has the stated standard deviation, and no mean', () => {
    const x = new Float32Array(50_000).fill(0.5);
    const { apply } = corruptionByName('gaussian_noise');
    const noise = apply(x, [50_000], 5, unit, stream()).map((value) => value - 0.5);
    expect(mean(noise)).toBeCloseTo(0, 2);
    expect(Math.sqrt(mean(noise.map((value) => value * value)))).toBeCloseTo(0.1, 2);
  });

  it('is the same for the same stream, and another for another', () => {
    const x = picture(1, 8, 8);
    const { apply } = corruptionByName('gaussian_noise');
    expect(apply(x, [1, 8, 8], 3, unit, stream('a'))).toEqual(apply(x, [1, 8, 8], 3, unit, stream('a')));
    expect(apply(x, [1, 8, 8], 3, unit, stream('a'))).not.toEqual(apply(x, [1, 8, 8], 3, unit, stream('b')));
  });
});

describe('gaussian_blur', () => {
  it('spreads a point evenly to both sides, and keeps the channels apart', () => {
    const x = new Float32Array(2 * 11 * 11);
    x[5 * 11 + 5] = 1;
    const blurred = corruptionByName('gaussian_blur').apply(x, [2, 11, 11], 5, unit, stream());
    const at = (row: number, column: number) => blurred[row * 11 + column]!;
    expect(at(4, 5)).toBeCloseTo(at(6, 5), 7);
    expect(at(5, 4)).toBeCloseTo(at(4, 5), 7);
    expect(at(5, 5) / at(5, 4)).toBeCloseTo(Math.exp(0.5), 5);
    expect(blurred.subarray(121).every((value) => value === 0)).toBe(true);
  });

  it('leaves an even image as it is', () => {
    const x = new Float32Array(6 * 5).fill(0.3);
    const blurred = corruptionByName('gaussian_blur').apply(x, [1, 6, 5], 5, unit, stream());
    expect(Math.max(...blurred.map((value) => Math.abs(value - 0.3)))).toBeLessThan(1e-6);
  });
});

describe('contrast', () => {
  it('keeps the mean of each channel', () => {
    const x = picture(3, 6, 6);
    const result = corruptionByName('contrast').apply(x, [3, 6, 6], 2, unit, stream());
    for (const channel of [0, 1, 2]) {
      const part = [36 * channel, 36 * (channel + 1)] as const;
      expect(mean(result.subarray(...part))).toBeCloseTo(mean(x.subarray(...part)), 6);
    }
  });
});

describe('every corruption', () => {
  const cases = all.map((corruption): [string, Corruption] => [corruption.name, corruption]);

  it.each(cases)('%s stays within the bounds, changes no input, and does not care about units', (_, corruption) => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 3, 4),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(1000),
        (channels, height, width, severity, key) => {
          const shape = [channels, height, width];
          const x = picture(channels, height, width, key);
          const before = x.slice();
          const result = corruption.apply(x, shape, severity, unit, stream(key));
          expect(x).toEqual(before);
          expect(result).not.toBe(x);
          expect(result.length).toBe(x.length);
          expect(result.every((value) => value >= 0 && value <= 1)).toBe(true);
          // What is cut to levels of 8 bits, or to drops, may fall on the other side of a limit.
          if (/jpeg|glass/.test(corruption.name)) return;
          // The same picture stored as -1..3.
          const wide = x.map((value) => 4 * value - 1);
          const wideResult = corruption.apply(wide, shape, severity, [-1, 3], stream(key));
          expect(Math.max(...wideResult.map((value, i) => Math.abs(value - (4 * result[i]! - 1))))).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 50 },
    );
  });

  // Saturation falls and rises; what is drawn anew at each severity, or rounded to steps, need not be more of the same.
  const rising = cases.filter(([name]) => !/saturate|spatter|snow|frost|elastic|motion|glass|jpeg/.test(name));

  it.each(rising)('%s changes more with each severity', (_, corruption) => {
    // Mid-range values, so that clipping takes nothing away.
    const x = picture(3, 16, 16).map((value) => 0.3 + 0.3 * value);
    const distances = [1, 2, 3, 4, 5].map((severity) => {
      const result = corruption.apply(x, [3, 16, 16], severity, unit, stream());
      return Math.hypot(...result.map((value, i) => value - x[i]!));
    });
    expect(distances).toEqual(distances.toSorted((a, b) => a - b));
    expect(new Set(distances).size).toBe(5);
  });

  it.each(cases)('%s refuses what it cannot do, with a typed error', (_, corruption) => {
    const x = picture(1, 4, 4);
    const attempt = (shape: number[], severity: number, bounds: [number, number]) =>
      codeOf(() => corruption.apply(x, shape, severity, bounds, stream()));
    expect(attempt([1, 4, 4], 0, [0, 1])).toBe('spec/severity');
    expect(attempt([1, 4, 4], 6, [0, 1])).toBe('spec/severity');
    expect(attempt([1, 4, 4], 2.5, [0, 1])).toBe('spec/severity');
    expect(attempt([1, 4, 4], 1, [1, 1])).toBe('data/range');
    expect(attempt([1, 4, 4], 1, [0, Number.POSITIVE_INFINITY])).toBe('data/range');
    expect(attempt([1, 4, 4], 1, [Number.NaN, 1])).toBe('data/range');
    expect(attempt([1, 4, 5], 1, [0, 1])).toBe('data/shape');
    if (!corruption.kinds.includes('vector')) expect(attempt([16], 1, [0, 1])).toBe('data/shape');
  });
});
