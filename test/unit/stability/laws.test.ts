import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Columns } from '../../../src/engine/corruption/tabular/columns';
import { RobustnessError } from '../../../src/engine/error';
import { Random } from '../../../src/engine/random';
import {
  columnPerturbationNames,
  imagePerturbationNames,
  type PerturbationName,
  perturbationNames,
  signalPerturbationNames,
} from '../../../src/engine/spec/stability';
import { perturbationByName, perturbationsFor } from '../../../src/engine/stability/registry';
import { windowOf } from '../../../src/engine/stability/types';

const size = 4;
const columns: Columns = {
  mean: Float64Array.of(0, 10, 5, 0),
  deviation: Float64Array.of(1, 2, 3, 0.5),
  low: Float64Array.of(-3, 0, 0, 0),
  high: Float64Array.of(3, 20, 10, 1),
  least: [-2, -Infinity, 0, 0],
  most: [2, Infinity, 9, 1],
  scale: [1, 1, 1, 1],
  integer: [false, false, true, false],
  groups: [],
  binary: [3],
  continuous: [0, 1, 2],
  sign: Float64Array.of(1, -1, 1, 1),
  stuck: Float64Array.of(0, 10, 5, 0),
};

/** An example that the sequence is for. */
function example(name: PerturbationName, channels = 3): { x: Float32Array; shape: number[]; bounds: [number, number] } {
  const random = Random.of(5, name);
  if (name.startsWith('column')) {
    return { x: Float32Array.of(0.5, 11, 4, 1), shape: [size], bounds: [-Infinity, Infinity] };
  }
  if (name.startsWith('signal')) {
    const x = Float32Array.from({ length: 2 * 80 }, (_, t) => 0.6 * Math.sin(t / 5) + 0.1 * random.normal());
    return { x: x.map((value) => Math.min(1, Math.max(-1, value))), shape: [2, 80], bounds: [-1, 1] };
  }
  const x = Float32Array.from({ length: channels * 20 * 24 }, () => -1 + 2 * random.uniform());
  return { x, shape: [channels, 20, 24], bounds: [-1, 1] };
}

function frames(name: PerturbationName, seed = 0, { most = null as number | null, channels = 3 } = {}): Float32Array[] {
  const perturbation = perturbationByName(name);
  const { x, shape, bounds } = example(name, channels);
  const { first, count } = windowOf(perturbation, shape, most);
  const frame = perturbation.open({ x, shape, bounds, random: Random.of(seed, name), columns });
  return Array.from({ length: count }, (_, k) => {
    const out = new Float32Array(x.length).fill(Number.NaN);
    frame(first + k, out);
    return out;
  });
}

const bytes = (all: readonly Float32Array[]) => all.map((frame) => Buffer.from(frame.buffer).toString('base64')).join();

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}

describe.each([...perturbationNames])('%s', (name) => {
  const perturbation = perturbationByName(name);
  const { x, shape, bounds } = example(name);

  it('keeps within the bounds and is finite, whatever the seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        for (const frame of frames(name, seed)) {
          expect(frame.every((value) => Number.isFinite(value) && value >= bounds[0] && value <= bounds[1])).toBe(true);
        }
      }),
      { numRuns: 3 },
    );
  });

  it('is the same of the same seed', () => {
    expect(bytes(frames(name, 3))).toBe(bytes(frames(name, 3)));
  });

  it('does not touch the example, and changes from frame to frame', () => {
    const before = Float32Array.from(x);
    const made = frames(name);
    expect(x).toEqual(before);
    expect(made.length).toBe(perturbation.frames(shape));
    expect(made.slice(1).filter((frame, k) => distance(frame, made[k]!) > 0).length).toBeGreaterThan(made.length / 2);
  });

  it('in fewer frames keeps its steps: frames about the example as it is', () => {
    const whole = frames(name);
    const some = frames(name, 0, { most: 5 });
    expect(some).toHaveLength(5);
    const { first } = windowOf(perturbation, shape, 5);
    // The example as it is in the middle, where the sequence goes on to both sides.
    expect(first).toBe(Math.max(0, perturbation.middle(shape) - 2));
    if (perturbation.compared === 'previous') expect(bytes(some)).toBe(bytes(whole.slice(first, first + 5)));
  });

  // Motion blur and snow hold no such frame in the benchmark, and its tilt is smaller than the image by a little.
  const without = ['motion_blur', 'snow', 'tilt'];
  if (!without.includes(name))
    it('holds the example itself, bit for bit', () => {
      expect(frames(name)[perturbation.middle(shape)]).toEqual(x);
    });
});

describe('how far frames are from the example', () => {
  const grows: PerturbationName[] = ['zoom_blur', 'brightness', 'scale', 'column_gain', 'column_shift'];
  const growsToo: PerturbationName[] = ['column_drift', 'signal_gain', 'signal_drift'];
  it.each([...grows, ...growsToo])('grows along %s', (name) => {
    const { shape } = example(name);
    const middle = perturbationByName(name).middle(shape);
    const made = frames(name, 2);
    const far = made.map((frame) => distance(frame, made[middle]!));
    // Not beyond what the whole sequence has of pixels that have left the image.
    const last = name === 'scale' ? middle + 8 : made.length - 1;
    for (let k = middle + 1; k <= last; k++) expect(far[k]!).toBeGreaterThan(far[k - 1]! - 1e-6);
    expect(far[last]!).toBeGreaterThan(0);
  });

  it('is the same on average at every frame of noise', () => {
    for (const name of ['gaussian_noise', 'column_noise', 'signal_noise'] as const) {
      const sums = new Float64Array(31);
      for (let seed = 0; seed < 20; seed++) {
        for (const [k, frame] of frames(name, seed).entries()) sums[k]! += distance(frame, example(name).x) / 20;
      }
      const [least, most] = [Math.min(...sums.slice(1)), Math.max(...sums.slice(1))];
      expect(sums[0]).toBe(0);
      expect(most / least).toBeLessThan(1.8);
    }
  });
});

describe('moves', () => {
  it('translate by whole pixels, one more a frame, with black behind', () => {
    const made = frames('translate');
    const [width, middle] = [24, 7];
    const x = example('translate').x;
    for (const [k, frame] of made.entries()) {
      const right = k - middle;
      for (let w = 0; w < width; w++) {
        const from = w - right;
        expect(frame[w]).toBe(from < 0 || from >= width ? -1 : x[from]);
      }
    }
  });

  it('are of as many frames as published for either size, and lie between for others', () => {
    const count = (name: PerturbationName, side: number) => perturbationByName(name).frames([3, side, side]);
    expect([count('translate', 32), count('translate', 224), count('translate', 128)]).toEqual([16, 41, 29]);
    expect([count('motion_blur', 28), count('motion_blur', 500)]).toEqual([21, 31]);
    const scale = perturbationByName('scale');
    expect([scale.middle([3, 32, 32]), scale.middle([3, 224, 224])]).toEqual([15, 24]);
    expect(scale.describe([3, 224, 224])).toBe('2.5 % a frame, from 40 % of the size on');
  });

  it.each([...imagePerturbationNames])('%s takes grey images', (name) => {
    for (const frame of frames(name, 0, { channels: 1 })) expect(frame.every(Number.isFinite)).toBe(true);
  });
});

describe('tables', () => {
  it('keep what a column can hold: limits, whole numbers, flags', () => {
    for (const name of columnPerturbationNames) {
      for (const [first, , whole, flag] of frames(name, 4) as unknown as number[][]) {
        expect(Math.abs(first!)).toBeLessThanOrEqual(2);
        expect(Number.isInteger(whole) && whole! >= 0 && whole! <= 9).toBe(true);
        expect(flag).toBe(1);
      }
    }
  });
});

describe('what cannot be', () => {
  const open = (name: PerturbationName, change: object) => () =>
    perturbationByName(name).open({ ...example(name), random: Random.of(0), columns, ...change });
  it.each([
    ['a column sequence without columns', 'column_noise', { columns: undefined }, 'data/columns'],
    ['one of another table', 'column_drift', { columns: { ...columns, mean: new Float64Array(3) } }, 'data/columns'],
    ['a signal of one dimension', 'signal_gain', { shape: [160] }, 'data/shape'],
    ['a signal of another length', 'signal_shift', { shape: [2, 81] }, 'data/shape'],
    ['an image without a range', 'tilt', { bounds: [-Infinity, Infinity] }, 'data/range'],
    ['an image of two dimensions', 'snow', { shape: [60, 24] }, 'data/shape'],
  ] as const)('%s', (_, name, change, code) => {
    expect(open(name, change)).toThrow(expect.objectContaining({ code }));
    expect(open(name, change)).toThrow(RobustnessError);
  });

  it('every kind of data has its own sequences', () => {
    const names = (kind: Parameters<typeof perturbationsFor>[0]) => perturbationsFor(kind).map(({ name }) => name);
    expect(names('image')).toEqual([...imagePerturbationNames]);
    expect(names('vector')).toEqual([...columnPerturbationNames]);
    expect(names('series')).toEqual([...signalPerturbationNames]);
    expect(names('text')).toEqual([]);
  });
});
