import { describe, expect, it } from 'vitest';
import { lengthBetween } from '../../../src/engine/attack/closest';
import type { FeatureConstraints } from '../../../src/engine/attack/constraint';
import { cw } from '../../../src/engine/attack/cw';
import { ddn } from '../../../src/engine/attack/ddn';
import { deepfool } from '../../../src/engine/attack/deepfool';
import { fab } from '../../../src/engine/attack/fab';
import { fabT } from '../../../src/engine/attack/fabT';
import { fmn } from '../../../src/engine/attack/fmn';
import type { Attack, AttackThreat, Oracle } from '../../../src/engine/attack/types';
import { createVerifier } from '../../../src/engine/attack/verify';
import { analyticOracle, minimalPerturbation, randomExamples, randomNetwork } from './analyticOracle';
import { boundaryDistance } from './linearDistance';

const size = 24;
const classes = 4;
const bounds = [0, 1] as const;
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
const everywhere = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
const linear = randomNetwork(size, classes, 0, 5);
const curved = randomNetwork(size, classes, 30, 6);
const rowsOf = (x: Float32Array, i: number, width = size) => x.subarray(i * width, (i + 1) * width);

const two = randomNetwork(size, 2, 0, 8);

interface Case {
  readonly attack: Attack;
  readonly norm: 'linf' | 'l2' | 'l1';
  readonly network?: typeof linear;
  /** Share by which four fifths of the distances may exceed the exact one, and by which any may. */
  readonly most: number;
  readonly any: number;
  readonly iterations: number;
}

const in3 = (attack: Attack, most: number, any: number, iterations: number): Case[] =>
  (['linf', 'l2', 'l1'] as const)
    .filter((norm) => attack.norms.includes(norm))
    .map((norm) => ({ attack, norm, most, any, iterations }));

const exact: readonly Case[] = [
  ...in3(fabT, 0.004, 0.006, 40),
  ...in3(fab, 0.004, 0.006, 40),
  ...in3(deepfool, 0.004, 0.05, 50),
  // The steepest way up a difference of logits leads to the runner-up, which need not be the closest class.
  ...in3(fmn, 0.002, 0.25, 300),
  // The cross-entropy points to all other classes at once: exact with two alone.
  { attack: ddn, norm: 'l2', network: two, most: 0.002, any: 0.004, iterations: 300 },
  { attack: cw, norm: 'l2', most: 0.01, any: 0.1, iterations: 400 },
];

describe('on a linear classifier, where the smallest perturbation is known', () => {
  const n = 20;

  it.each(exact)('$attack.name reaches it in $norm, with bounds and without', async (test) => {
    const { attack, norm, iterations, network = linear } = test;
    const examples = randomExamples(network, n, 7);
    for (const range of [bounds, null]) {
      const threat: AttackThreat = { norm, epsilon: 0, bounds: range };
      const budget = { ...attack.defaults, iterations };
      const oracle = analyticOracle(network);
      const { minimal, success } = await attack.run({ oracle, ...examples, threat, budget, seed: 0 });
      const excess = Array.from({ length: n }, (_, i) => {
        const clean = rowsOf(examples.x, i);
        const shortest = boundaryDistance(network, clean, examples.y[i]!, norm, range ?? everywhere);
        if (range === null) {
          expect(shortest).toBeCloseTo(minimalPerturbation(network, clean, examples.y[i]!, norm), 6);
        }
        const reached = lengthBetween(norm, clean, rowsOf(minimal!.points, i));
        expect(minimal!.found[i]).toBe(1);
        expect(success[i]).toBe(0);
        // Rounding to float32 is all that may bring it below.
        expect(reached).toBeGreaterThan(shortest * (1 - 1e-5) - 1e-6);
        return reached / shortest - 1;
      }).sort((a, b) => a - b);
      expect(excess[Math.floor(0.8 * n)]).toBeLessThan(test.most);
      expect(excess[n - 1]).toBeLessThan(test.any);
    }
  });
});

describe('a step of FAB', () => {
  // f(x) = z_other − z_y, linear: every projection has a closed form.
  const examples = randomExamples(two, 1, 7);
  const [z0, z1] = [0, 1].map((k) => two.weight.subarray(k * size, (k + 1) * size)) as [Float64Array, Float64Array];
  const y = examples.y[0]!;
  const w = z0.map((v, i) => (y === 0 ? z1[i]! - v : v - z1[i]!));
  const offset = (y === 0 ? 1 : -1) * (two.bias[1]! - two.bias[0]!);
  const f = (x: ArrayLike<number>) => w.reduce((total, v, i) => total + v * x[i]!, offset);
  const squared = w.reduce((total, v) => total + v * v, 0);
  const toPlane = (x: ArrayLike<number>) => w.map((v) => (-f(x) * v) / squared);

  /** Where the model was linearized, and where it was asked after the steps. */
  async function watched(epsilon: number, iterations: number) {
    const oracle = analyticOracle(two);
    const linearized: Float32Array[] = [];
    const asked: Float32Array[] = [];
    const watching: Oracle = {
      ...oracle,
      gradient(x, ...rest) {
        linearized.push(x.slice());
        return oracle.gradient(x, ...rest);
      },
      logits(x) {
        asked.push(x.slice());
        return oracle.logits(x);
      },
    };
    const budget = { ...fabT.defaults, iterations, restarts: 2 };
    const threat: AttackThreat = { norm: 'l2', epsilon, bounds: null };
    await fabT.run({ oracle: watching, ...examples, threat, budget, seed: 0 });
    // The first question is for the targets.
    return { linearized, asked: asked.slice(1) };
  }
  const close = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    for (let i = 0; i < size; i++) expect(a[i]).toBeCloseTo(b[i]!, 5);
  };

  it('goes a twentieth beyond the plane, a tenth of the way by the projection of the example at most, and a tenth back', async () => {
    const { linearized, asked } = await watched(0, 2);
    expect(linearized).toHaveLength(4);
    const x = examples.x;
    close(linearized[0]!, x);
    const clean = toPlane(x);
    close(
      asked[0]!,
      clean.map((v, i) => x[i]! + 1.05 * v),
    );
    close(
      linearized[1]!,
      clean.map((v, i) => x[i]! + 0.9 * 1.05 * v),
    );
    // From a random start: half the distance that is known away from the example.
    const start = linearized[2]!;
    const known = Math.min(...asked.slice(0, 2).map((at) => lengthBetween('l2', x, at)));
    expect(lengthBetween('l2', x, start)).toBeCloseTo(known / 2, 5);
    const own = toPlane(start);
    const bias = Math.min(0.1, Math.hypot(...own) / (Math.hypot(...own) + Math.hypot(...clean)));
    expect(bias).toBe(0.1);
    close(
      asked[2]!,
      own.map((v, i) => 0.9 * (start[i]! + 1.05 * v) + 0.1 * (x[i]! + 1.05 * clean[i]!)),
    );
  });

  it('starts within half of ε, where more is known to be enough', async () => {
    const epsilon = 0.5 * minimalPerturbation(two, examples.x, y, 'l2');
    const { linearized } = await watched(epsilon, 1);
    expect(lengthBetween('l2', examples.x, linearized[1]!)).toBeCloseTo(epsilon / 2, 6);
  });
});

describe('the closest of all boundaries', () => {
  it.each(['linf', 'l2'] as const)(
    'is where DeepFool goes in %s at once, by all gradients or one at a time',
    async (norm) => {
      const examples = randomExamples(linear, 20, 7);
      const threat: AttackThreat = { norm, epsilon: 1e9, bounds: null };
      const plain = analyticOracle(linear);
      const together: Oracle = {
        ...plain,
        async jacobian(x) {
          const count = x.length / size;
          const gradient = new Float32Array(count * classes * size);
          for (let i = 0; i < count; i++) gradient.set(linear.weight, i * classes * size);
          return { logits: await plain.logits(x), gradient };
        },
      };
      for (const oracle of [plain, together]) {
        const { adversarial, success } = await deepfool.run({
          oracle,
          ...examples,
          threat,
          budget: { ...deepfool.defaults, iterations: 1 },
          seed: 0,
        });
        expect(sum(success)).toBe(20);
        for (let i = 0; i < 20; i++) {
          const least = minimalPerturbation(linear, rowsOf(examples.x, i), examples.y[i]!, norm);
          const reached = lengthBetween(norm, rowsOf(examples.x, i), rowsOf(adversarial, i));
          expect(reached / least).toBeCloseTo(1.02, 3);
        }
      }
    },
  );
});

const all: readonly { readonly attack: Attack; readonly norm: 'linf' | 'l2' | 'l1' }[] = [
  { attack: fabT, norm: 'linf' },
  { attack: fabT, norm: 'l1' },
  { attack: fab, norm: 'l2' },
  { attack: deepfool, norm: 'linf' },
  { attack: ddn, norm: 'l2' },
  { attack: fmn, norm: 'l1' },
  { attack: fmn, norm: 'linf' },
  { attack: cw, norm: 'l2' },
];
const small = (attack: Attack) => ({ ...attack.defaults, iterations: 30, restarts: attack === cw ? 5 : 1 });
const radius = { linf: 0.12, l2: 0.4, l1: 1.2 };

describe.each(all)('$attack.name in $norm', ({ attack, norm }) => {
  const n = 15;
  const examples = randomExamples(curved, n, 9);
  const threat: AttackThreat = { norm, epsilon: radius[norm], bounds };
  const request = { ...examples, threat, budget: small(attack), seed: 3 };
  const verifierOf = (oracle: Oracle) =>
    createVerifier({
      predict: (x) => oracle.logits(x),
      classes,
      exampleSize: size,
      ...(oracle.free === undefined ? {} : { free: oracle.free }),
    });

  it('claims what the verifier confirms, and keeps what is beyond ε as found', async () => {
    const oracle = analyticOracle(curved);
    const result = await attack.run({ ...request, oracle });
    const within = await verifierOf(oracle).confirm({ ...examples, adversarial: result.adversarial, threat });
    expect(within.confirmed).toEqual(result.success);
    expect(sum(result.success)).toBeGreaterThan(5);
    const { points, found } = result.minimal!;
    const anywhere = { ...threat, epsilon: Number.POSITIVE_INFINITY };
    const verified = await verifierOf(oracle).confirm({ ...examples, adversarial: points, threat: anywhere });
    expect(verified.confirmed).toEqual(found);
    expect(sum(found)).toBeGreaterThan(sum(result.success));
    for (let i = 0; i < n; i++) {
      if (found[i] === 0) expect(rowsOf(points, i)).toEqual(rowsOf(examples.x, i));
      else expect(verified.distance[i]! <= threat.epsilon).toBe(result.success[i] === 1);
    }
  });

  it('spends less on what is broken within ε, and comes closer where it may go on', async () => {
    const oracle = analyticOracle(curved);
    const stopped = await attack.run({ ...request, oracle });
    const patient = analyticOracle(curved);
    const closest = await attack.run({ ...request, oracle: patient, threat: { ...threat, epsilon: 0 } });
    expect(oracle.counts.forwards).toBeLessThan(patient.counts.forwards);
    expect(sum(closest.success)).toBe(0);
    const distances = (points: Float32Array) =>
      Array.from({ length: n }, (_, i) => lengthBetween(norm, rowsOf(examples.x, i), rowsOf(points, i)));
    const [at, from] = [distances(closest.minimal!.points), distances(stopped.minimal!.points)];
    expect(sum(at)).toBeLessThan(sum(from));
    for (let i = 0; i < n; i++) expect(at[i]!).toBeLessThanOrEqual(from[i]! + 1e-6);
  });

  it('does the same whatever the batch', async () => {
    const whole = await attack.run({ ...request, oracle: analyticOracle(curved) });
    const tail = { x: examples.x.slice(9 * size), y: examples.y.slice(9), indices: examples.indices.slice(9) };
    const alone = await attack.run({ ...request, ...tail, oracle: analyticOracle(curved) });
    expect(alone.minimal!.points).toEqual(whole.minimal!.points.slice(9 * size));
    expect(alone.success).toEqual(whole.success.slice(9));
  });

  it('holds what may not change', async () => {
    const oracle = { ...analyticOracle(curved), free: 15 };
    const result = await attack.run({ ...request, oracle, threat: { ...threat, epsilon: 3 * threat.epsilon } });
    const wide = { ...threat, epsilon: 3 * threat.epsilon };
    const verified = await verifierOf(oracle).confirm({ ...examples, adversarial: result.adversarial, threat: wide });
    expect(verified.confirmed).toEqual(result.success);
    expect(sum(result.success)).toBeGreaterThan(3);
    for (let i = 0; i < n; i++) {
      const held = rowsOf(result.minimal!.points, i).slice(15);
      expect(held).toEqual(rowsOf(examples.x, i).slice(15));
    }
  });

  it('does to each feature of a table only what its constraints allow', async () => {
    const half = Array.from({ length: size }, (_, i) => i % 2 === 0);
    const constraints: FeatureConstraints = {
      scale: half.map(() => 1),
      low: half.map((even) => (even ? 0 : -0.1)),
      high: half.map((even) => (even ? 1 : 1.2)),
      held: half.map((_, i) => i < 4),
      direction: half.map((_, i) => (i === 5 || i === 9 ? 1 : i === 7 ? -1 : 0)),
      integer: half.map(() => false),
      groups: [],
    };
    const wide = { ...threat, epsilon: 4 * threat.epsilon, bounds: null, constraints };
    const oracle = analyticOracle(curved);
    const result = await attack.run({ ...request, oracle, threat: wide });
    const verified = await verifierOf(oracle).confirm({ ...examples, adversarial: result.adversarial, threat: wide });
    expect(verified.confirmed).toEqual(result.success);
    expect(sum(result.success)).toBeGreaterThan(3);
    result.minimal!.points.forEach((v, k) => {
      const i = k % size;
      const clean = examples.x[k]!;
      if (i < 4) expect(v).toBe(clean);
      if (constraints.direction[i] === 1) expect(v).toBeGreaterThanOrEqual(clean);
      if (constraints.direction[i] === -1) expect(v).toBeLessThanOrEqual(clean);
      expect(v).toBeGreaterThanOrEqual(Math.min(clean, constraints.low[i]!) - 1e-6);
      expect(v).toBeLessThanOrEqual(Math.max(clean, constraints.high[i]!) + 1e-6);
    });
  });

  it('survives gradients that are zero or not numbers', async () => {
    const blind = await attack.run({ ...request, oracle: analyticOracle(curved, 0) });
    expect(blind.zeroGradient).toEqual(new Uint8Array(n).fill(1));
    for (const scale of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const oracle = analyticOracle(curved, scale);
      const lost = await attack.run({ ...request, oracle });
      expect(lost.minimal!.points.every(Number.isFinite)).toBe(true);
      const verified = await verifierOf(oracle).confirm({ ...examples, adversarial: lost.adversarial, threat });
      expect(verified.confirmed).toEqual(lost.success);
    }
  });

  it('runs again from elsewhere, by the seed', async () => {
    const twice = { ...small(attack), restarts: attack === cw ? 4 : 2 };
    const run = (seed: number) =>
      attack.run({
        ...request,
        oracle: analyticOracle(curved),
        threat: { ...threat, epsilon: 0 },
        budget: twice,
        seed,
      });
    const [once, again, other] = [await run(1), await run(1), await run(2)];
    expect(again.minimal!.points).toEqual(once.minimal!.points);
    const random = attack !== cw && attack !== deepfool;
    if (random) expect(other.minimal!.points).not.toEqual(once.minimal!.points);
    else expect(other.minimal!.points).toEqual(once.minimal!.points);
  });
});

describe('units', () => {
  it.each(all)(
    '$attack.name in $norm finds the same in data of 0 to 255, but for rounding',
    async ({ attack, norm }) => {
      const examples = randomExamples(curved, 12, 9);
      const scaled = { ...curved, hidden: { ...curved.hidden!, weight: curved.hidden!.weight.map((w) => w / 255) } };
      const budget = small(attack);
      const base = { y: examples.y, indices: examples.indices, budget, seed: 0 };
      const one = await attack.run({
        ...base,
        oracle: analyticOracle(curved),
        x: examples.x,
        threat: { norm, epsilon: radius[norm], bounds },
      });
      const many = await attack.run({
        ...base,
        oracle: analyticOracle(scaled),
        x: examples.x.map((v) => v * 255),
        threat: { norm, epsilon: 255 * radius[norm], bounds: [0, 255] },
      });
      const differing = one.success.filter((s, i) => s !== many.success[i]).length;
      expect(differing).toBeLessThanOrEqual(1);
      expect(sum(one.success)).toBeGreaterThan(3);
    },
  );
});

describe('what cannot be run', () => {
  it.each([
    [deepfool, 'l1'],
    [ddn, 'linf'],
    [fmn, 'l0'],
    [cw, 'l1'],
    [fabT, 'l0'],
  ] as const)('%# is refused by name', async (attack, norm) => {
    const examples = randomExamples(curved, 2, 9);
    const request = { oracle: analyticOracle(curved), ...examples, threat: { norm, epsilon: 1, bounds }, seed: 0 };
    await expect(attack.run({ ...request, budget: attack.defaults })).rejects.toThrow(
      `not defined for the ${norm} norm`,
    );
  });
});
