import { describe, expect, it } from 'vitest';
import { corruptionByName, corruptionsFor } from '../../../src/engine/corruption/registry';
import { fourier, pink } from '../../../src/engine/corruption/series/spectrum';
import { Random } from '../../../src/engine/random';
import { seriesCorruptionNames } from '../../../src/engine/spec/corruptions';

type Name = (typeof seriesCorruptionNames)[number];
const [channels, frames] = [3, 1000];
const shape = [channels, frames];
const severities = [1, 2, 3, 4, 5];

/** Three channels at different levels and about different means: a tone, a slow wave far from 0, a chirp. */
const example = Float32Array.from({ length: channels * frames }, (_, i) => {
  const t = (i % frames) / frames;
  if (i < frames) return Math.sin(2 * Math.PI * 25 * t);
  if (i < 2 * frames) return 9.81 + 0.02 * Math.sin(2 * Math.PI * 3 * t);
  return 40 * Math.sin(2 * Math.PI * 60 * t * t);
});
const apply = (
  name: Name,
  severity: number,
  index = 0,
  bounds: [number, number] = [-Infinity, Infinity],
  x = example,
) =>
  corruptionByName(name).apply(
    x,
    x.length === example.length ? shape : [1, x.length],
    severity,
    bounds,
    Random.of(7, name, severity, index),
  );
const channel = (x: Float32Array, c: number) => x.subarray(c * frames, (c + 1) * frames);
const mean = (x: ArrayLike<number>) => Array.from(x).reduce((sum, value) => sum + value, 0) / x.length;
const power = (x: ArrayLike<number>) => {
  const middle = mean(x);
  return mean(Array.from(x, (value) => (value - middle) ** 2));
};
const energy = (x: ArrayLike<number>) => mean(Array.from(x, (value) => value * value));
const decibels = (ratio: number) => 10 * Math.log10(ratio);
const difference = (a: Float32Array, b: Float32Array) => Array.from(a, (value, i) => value - b[i]!);

describe('corruptions of time series', () => {
  it('are those of the set, for series alone', () => {
    expect(corruptionsFor('series').map(({ name }) => name)).toEqual([...seriesCorruptionNames]);
  });

  it.each(seriesCorruptionNames)(
    '%s is repeated by its stream, changes a copy, and stays finite and in bounds',
    (name) => {
      const before = example.slice();
      for (const severity of severities) {
        const once = apply(name, severity, 3);
        expect(apply(name, severity, 3)).toEqual(once);
        // Packets are lost by chance, which may spare an example.
        const several = [once, ...[4, 5, 6, 7].map((index) => apply(name, severity, index))];
        expect(several.some((x) => x.some((value, i) => value !== example[i]))).toBe(true);
        expect(once.every(Number.isFinite)).toBe(true);
        const clipped = apply(name, severity, 3, [-0.5, 10]);
        expect(clipped.every((value) => value >= -0.5 && value <= 10)).toBe(true);
        expect(corruptionByName(name).describe(severity, shape)).toMatch(/\d/);
      }
      expect(example).toEqual(before);
      expect(() => corruptionByName(name).describe(6, shape)).toThrow(/Severity 6/);
    },
  );

  it.each(seriesCorruptionNames)('%s bears one frame, and channels that do not vary', (name) => {
    for (const flat of [Float32Array.of(2), new Float32Array(50).fill(3), new Float32Array(7)]) {
      for (const severity of severities) {
        const x = corruptionByName(name).apply(flat, [1, flat.length], severity, [-9, 9], Random.of(0, name, severity));
        expect(x).toHaveLength(flat.length);
        expect(x.every(Number.isFinite)).toBe(true);
      }
    }
  });

  it.each(['white_noise', 'pink_noise'] as const)('%s has its signal-to-noise ratio in every channel', (name) => {
    for (const [k, ratio] of [20, 15, 10, 5, 0].entries()) {
      const x = apply(name, k + 1);
      for (let c = 0; c < channels; c++) {
        const noise = difference(channel(x, c), channel(example, c));
        expect(Math.abs(decibels(power(channel(example, c)) / energy(noise)) - ratio)).toBeLessThan(0.2);
      }
    }
  });

  it('white noise is as strong at all frequencies, and pink noise falls by 10 dB a decade', () => {
    const slope = (draw: (out: Float64Array, random: Random) => void) => {
      const bands = [16, 32, 64, 128, 256, 512];
      const levels = bands.map(() => 0);
      for (let k = 0; k < 60; k++) {
        const re = new Float64Array(2048);
        draw(re, Random.of(k, 'slope'));
        const im = new Float64Array(2048);
        fourier(re, im);
        for (const [b, low] of bands.entries()) {
          for (let f = low; f < 1.5 * low; f++) levels[b]! += (re[f]! ** 2 + im[f]! ** 2) / (0.5 * low);
        }
      }
      const [x, y] = [bands.map(Math.log10), levels.map(decibels)];
      const [mx, my] = [mean(x), mean(y)];
      return (
        x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0) /
        x.reduce((sum, value) => sum + (value - mx) ** 2, 0)
      );
    };
    const white = (out: Float64Array, random: Random) => out.set(out.map(() => random.normal()));
    expect(Math.abs(slope(white))).toBeLessThan(0.5);
    expect(Math.abs(slope(pink) + 10)).toBeLessThan(1);
  });

  it('the Fourier transform is that of its definition', () => {
    const random = Random.of(1, 'fourier');
    const re = Float64Array.from({ length: 16 }, () => random.normal());
    const im = Float64Array.from({ length: 16 }, () => random.normal());
    const [a, b] = [re.slice(), im.slice()];
    fourier(a, b);
    for (let k = 0; k < 16; k++) {
      let [r, m] = [0, 0];
      for (let t = 0; t < 16; t++) {
        const angle = (-2 * Math.PI * k * t) / 16;
        r += re[t]! * Math.cos(angle) - im[t]! * Math.sin(angle);
        m += re[t]! * Math.sin(angle) + im[t]! * Math.cos(angle);
      }
      expect(a[k]).toBeCloseTo(r, 10);
      expect(b[k]).toBeCloseTo(m, 10);
    }
  });

  it('gain changes the energy by its decibels, up or down', () => {
    const signs = new Set<number>();
    for (const [k, amount] of [3, 6, 9, 12, 18].entries()) {
      for (let i = 0; i < 8; i++) {
        const change = decibels(energy(apply('gain', k + 1, i)) / energy(example));
        expect(Math.abs(change)).toBeCloseTo(amount, 3);
        signs.add(Math.sign(change));
      }
    }
    expect(signs.size).toBe(2);
  });

  it('clipping leaves what is within its level, and nothing beyond', () => {
    for (const [k, level] of [0.8, 0.6, 0.4, 0.25, 0.1].entries()) {
      const x = apply('clipping', k + 1);
      for (let c = 0; c < channels; c++) {
        const before = channel(example, c);
        const middle = mean(before);
        const most = level * Math.max(...before.map((value) => Math.abs(value - middle)));
        const after = channel(x, c);
        expect(after.every((value) => Math.abs(value - middle) <= most * (1 + 1e-4) + 1e-6)).toBe(true);
        expect(after.every((value, i) => Math.abs(before[i]! - middle) > most || value === before[i])).toBe(true);
      }
    }
  });

  it('quantisation keeps to its levels and to half a step', () => {
    for (const [k, bits] of [8, 6, 4, 3, 2].entries()) {
      const x = apply('quantisation', k + 1);
      for (let c = 0; c < channels; c++) {
        const before = channel(example, c);
        const step = (Math.max(...before) - Math.min(...before)) / (2 ** bits - 1);
        expect(new Set(channel(x, c)).size).toBeLessThanOrEqual(2 ** bits);
        const off = difference(channel(x, c), before).map(Math.abs);
        expect(Math.max(...off)).toBeLessThanOrEqual(step / 2 + 1e-5);
      }
    }
    // Over the data's range, where there is one: a quiet signal falls between few of its levels.
    const quiet = example.slice(0, frames).map((value) => value / 100);
    expect(new Set(apply('quantisation', 3, 0, [-1, 1], quiet)).size).toBeLessThanOrEqual(2);
  });

  it('a time shift moves every frame by one number and holds the edge', () => {
    const ramp = Float32Array.from({ length: 200 }, (_, i) => i);
    const directions = new Set<number>();
    for (const [k, by] of [4, 10, 20, 30, 40].entries()) {
      for (let index = 0; index < 6; index++) {
        const x = apply('time_shift', k + 1, index, undefined, ramp);
        const moved = x[100]! - 100;
        directions.add(Math.sign(moved));
        expect(Math.abs(moved)).toBe(by);
        expect([...x]).toEqual(Array.from(ramp, (t) => Math.min(199, Math.max(0, t + moved))));
      }
    }
    expect(directions.size).toBe(2);
  });

  it('a time warp keeps order, ends and amplitudes, and moves more the stronger it is', () => {
    const ramp = Float32Array.from({ length: 400 }, (_, i) => i);
    const moved = severities.map((severity) => {
      const far = Array.from({ length: 30 }, (_, index) => {
        const x = apply('time_warp', severity, index, undefined, ramp);
        expect(x[0]).toBe(0);
        expect(x[399]).toBeCloseTo(399, 2);
        expect(x.every((value, t) => t === 0 || value > x[t - 1]!)).toBe(true);
        return Math.max(...difference(x, ramp).map(Math.abs));
      });
      return mean(far);
    });
    for (let k = 1; k < 5; k++) expect(moved[k]!).toBeGreaterThan(moved[k - 1]!);
  });

  it('a magnitude warp multiplies by a smooth curve with the standard deviation of its severity', () => {
    const ones = new Float32Array(101).fill(1);
    for (const [k, deviation] of [0.1, 0.2, 0.3, 0.4, 0.5].entries()) {
      const curves = Array.from({ length: 400 }, (_, index) => apply('magnitude_warp', k + 1, index, undefined, ones));
      // At a knot the curve is the normal value itself.
      const atKnot = curves.map((curve) => curve[20]!);
      expect(mean(atKnot)).toBeCloseTo(1, 1);
      expect(Math.sqrt(power(atKnot)) / deviation).toBeGreaterThan(0.88);
      expect(Math.sqrt(power(atKnot)) / deviation).toBeLessThan(1.12);
      const bend = curves[0]!.subarray(1, 100).map((value, t) => curves[0]![t]! - 2 * value + curves[0]![t + 2]!);
      expect(Math.max(...bend.map(Math.abs))).toBeLessThan(0.02 * deviation);
    }
  });

  it('drift is a straight line from nothing to its distance', () => {
    for (const [k, distance] of [0.25, 0.5, 1, 1.5, 2].entries()) {
      const off = difference(channel(apply('sensor_drift', k + 1), 2), channel(example, 2));
      expect(off[0]).toBe(0);
      expect(Math.abs(off.at(-1)!)).toBeCloseTo(distance * Math.sqrt(power(channel(example, 2))), 3);
      expect(off[500]! / off[999]!).toBeCloseTo(500 / 999, 3);
    }
  });

  it('spikes stand out of the rest, which stays', () => {
    for (const [k, share] of [0.002, 0.005, 0.01, 0.02, 0.05].entries()) {
      const changed = difference(channel(apply('spikes', k + 1), 0), channel(example, 0)).filter((d) => d !== 0).length;
      expect(changed).toBeGreaterThan(0);
      expect(changed).toBeLessThanOrEqual(share * frames);
      expect(Math.max(...channel(apply('spikes', k + 1), 0).map(Math.abs))).toBeCloseTo(1.5, 2);
    }
  });

  it('packets are dropped in all channels at once, at their rate', () => {
    for (const [k, chance] of [0.05, 0.1, 0.2, 0.3, 0.4].entries()) {
      let dropped = 0;
      for (let index = 0; index < 100; index++) {
        const x = apply(
          'dropped_frames',
          k + 1,
          index,
          undefined,
          example.map(() => 1),
        );
        expect(channel(x, 0)).toEqual(channel(x, 1));
        dropped += x.filter((value) => value === 0).length / x.length / 100;
      }
      expect(Math.abs(dropped - chance)).toBeLessThan(0.03);
    }
  });

  it('a missing span holds the last value, or is NaN, or the mean or median of the rest', () => {
    const ramp = Float32Array.from({ length: 100 }, (_, i) => i);
    const spans = (fill: 'nan' | 'mean' | 'median' | undefined, severity: number, index: number) =>
      corruptionByName('missing_spans', fill).apply(ramp, [1, 100], severity, [0, 99], Random.of(1, severity, index));
    for (const [k, length] of [5, 10, 20, 30, 50].entries()) {
      for (let index = 0; index < 10; index++) {
        const missing = spans('nan', k + 1, index);
        const gap = [...missing.keys()].filter((t) => Number.isNaN(missing[t]!));
        const [start = 0] = gap;
        expect(gap).toEqual(Array.from({ length }, (_, i) => start + i));
        const rest = [...ramp].filter((t) => !gap.includes(t));
        const value = (fill: 'mean' | 'median' | undefined) => spans(fill, k + 1, index)[start + length - 1];
        expect(value(undefined)).toBe(start > 0 ? start - 1 : length);
        expect(value('mean')).toBeCloseTo(mean(rest), 3);
        expect(value('median')).toBeCloseTo((rest[Math.ceil(rest.length / 2) - 1]! + rest[rest.length >> 1]!) / 2, 3);
      }
    }
  });

  it('a lower rate keeps what is slow and loses what is fast', () => {
    const tone = (cycles: number) =>
      Float32Array.from({ length: 600 }, (_, t) => Math.sin((2 * Math.PI * cycles * (t + 0.5)) / 600));
    for (const [k, factor] of [1.5, 2, 3, 4, 6].entries()) {
      const left = (cycles: number) => {
        const before = tone(cycles);
        const after = apply('resampling', k + 1, 0, undefined, before);
        return after.reduce((sum, value, t) => sum + value * before[t]!, 0) / energy(before) / 600;
      };
      expect(left(3)).toBeGreaterThan(0.97);
      // Just below twice the new Nyquist frequency, where a frame holds about one whole cycle.
      expect(
        Math.abs(left(Math.round(((0.97 * 600) / factor / (factor < 2 ? 2 : 1)) * (factor < 2 ? 1.4 : 1)))),
      ).toBeLessThan(0.6);
    }
  });

  it('dead channels are some of several, others in each example', () => {
    const x = new Float32Array(10 * 20).fill(1);
    const seen = new Set<number>();
    for (const [k, count] of [1, 2, 3, 4, 5].entries()) {
      for (let index = 0; index < 20; index++) {
        const after = corruptionByName('dead_channel').apply(x, [10, 20], k + 1, [-1, 1], Random.of(3, k, index));
        const dead = Array.from({ length: 10 }, (_, c) => c).filter((c) => after[c * 20] === 0);
        expect(dead).toHaveLength(count);
        expect(after.filter((value) => value === 0)).toHaveLength(count * 20);
        for (const c of dead) seen.add(c);
      }
    }
    expect(seen.size).toBe(10);
  });
});
