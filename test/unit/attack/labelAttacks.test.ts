import { describe, expect, it } from 'vitest';
import type { FeatureConstraints } from '../../../src/engine/attack/constraint';
import { hopSkipJump } from '../../../src/engine/attack/hopskipjump';
import { searchByLabels } from '../../../src/engine/attack/labelSearch';
import { rays } from '../../../src/engine/attack/rays';
import { square } from '../../../src/engine/attack/square';
import { surfree } from '../../../src/engine/attack/surfree';
import { directionsAbout } from '../../../src/engine/attack/surfreeDirection';
import type { Attack, AttackThreat, Norm, Oracle } from '../../../src/engine/attack/types';
import { createVerifier } from '../../../src/engine/attack/verify';
import { Random } from '../../../src/engine/random';
import { analyticOracle, minimalPerturbation, type Network, randomExamples, randomNetwork } from './analyticOracle';

/** What a deployed model gives away: one-hot rows in place of scores, and no gradient. */
function labelsOf(network: Network, shape?: readonly number[]): Oracle {
  const inner = analyticOracle(network, 1, shape);
  return {
    ...inner,
    differentiable: false,
    gradient: () => Promise.reject(new Error('an attack by labels asked for a gradient')),
    async logits(x) {
      const scores = await inner.logits(x);
      const { classes } = network;
      const labels = new Float32Array(scores.length);
      for (let i = 0; i < scores.length; i += classes) {
        const row = scores.subarray(i, i + classes);
        labels[i + row.indexOf(Math.max(...row))] = 1;
      }
      return labels;
    },
  };
}

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const length = (norm: Norm, a: Float32Array, b: Float32Array) => {
  const change = Array.from(a, (v, i) => Math.abs(v - b[i]!));
  return norm === 'linf' ? Math.max(...change) : Math.hypot(...change);
};

const searches: readonly (readonly [string, Attack, 'linf' | 'l2', number])[] = [
  ['HopSkipJump', hopSkipJump, 'l2', 1.1],
  ['HopSkipJump', hopSkipJump, 'linf', 1.35],
  ['RayS', rays, 'linf', 1.02],
  ['SurFree', surfree, 'l2', 1.15],
];

describe.each(searches)('%s', (_, attack, norm, factor) => {
  it(`${norm}: comes close to the closed-form distance on a linear classifier, never under it`, async () => {
    const network = randomNetwork(20, 3, 0, 41);
    const examples = randomExamples(network, 20, 42, 0.3, 0.7);
    const threat: AttackThreat = { norm, epsilon: 0, bounds: null };
    const oracle = labelsOf(network);
    const budget = { iterations: 0, restarts: 1, queries: 3000 };
    const { minimal, success } = await attack.run({ oracle, ...examples, threat, budget, seed: 1 });
    const excess = Array.from(examples.y, (y, i) => {
      const clean = examples.x.subarray(i * 20, (i + 1) * 20);
      const least = minimalPerturbation(network, clean, y, norm);
      const reached = length(norm, clean, minimal!.points.subarray(i * 20, (i + 1) * 20));
      expect(minimal!.found[i]).toBe(1);
      // Values of about 1 and a distance of 0.01: rounding shows in the fifth digit.
      expect(reached).toBeGreaterThan(least * 0.9999);
      return reached / least;
    });
    expect(median(excess)).toBeLessThan(factor);
    expect(sum(success)).toBe(0);
    expect(oracle.counts.forwards).toBeLessThanOrEqual(20 * 3000);
  });

  it.each([
    ['a vector', [30]],
    ['an image', [3, 5, 6]],
  ] as const)(
    `${norm}, %s: what it claims is confirmed, within its queries, whatever the batch`,
    async (_kind, shape) => {
      const size = shape.reduce((a: number, b: number) => a * b, 1);
      const network = randomNetwork(size, 4, 20, 31);
      const examples = randomExamples(network, 24, 32);
      const threat: AttackThreat = {
        norm,
        epsilon: (norm === 'l2' ? 5 : 1) * (size === 30 ? 0.12 : 0.07),
        bounds: [0, 1],
      };
      for (const [queries, restarts] of [
        [500, 1],
        [137, 2],
        [1, 1],
      ] as const) {
        const oracle = labelsOf(network, shape);
        const budget = { iterations: 0, restarts, queries };
        const request = { oracle, ...examples, threat, budget, seed: 3 };
        const result = await attack.run(request);
        expect(oracle.counts.forwards).toBeLessThanOrEqual(24 * queries);
        const verifier = createVerifier({ predict: (x) => oracle.logits(x), classes: 4, exampleSize: size });
        const checked = await verifier.confirm({ ...examples, adversarial: result.adversarial, threat });
        expect(checked.confirmed).toEqual(result.success);
        if (queries === 500) {
          expect(sum(result.success)).toBeGreaterThan(3);
          expect(sum(result.success)).toBeLessThan(24);
        }
        const anywhere = { ...threat, epsilon: Number.POSITIVE_INFINITY };
        const far = await verifier.confirm({ ...examples, adversarial: result.minimal!.points, threat: anywhere });
        expect(far.confirmed).toEqual(result.minimal!.found);

        const tail = { x: examples.x.slice(11 * size), y: examples.y.slice(11), indices: examples.indices.slice(11) };
        const alone = await attack.run({ ...request, oracle: labelsOf(network, shape), ...tail });
        expect(alone.adversarial).toEqual(result.adversarial.slice(11 * size));
      }
    },
  );

  it(`${norm}: finds nothing where every answer is the label, and stops`, async () => {
    const network: Network = {
      ...randomNetwork(12, 3, 0, 41),
      weight: new Float64Array(36),
      bias: Float64Array.of(0, 1, 0),
    };
    const examples = randomExamples(network, 3, 42);
    const threat: AttackThreat = { norm, epsilon: 0.5, bounds: [0, 1] };
    const oracle = labelsOf(network);
    const budget = { iterations: 0, restarts: 1, queries: 400 };
    const { success, minimal } = await attack.run({ oracle, ...examples, threat, budget, seed: 1 });
    expect([...success, ...minimal!.found]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(minimal!.points).toEqual(examples.x);
    expect(oracle.counts.forwards).toBeLessThanOrEqual(3 * 400);
  });

  it(`${norm}: holds what is passed through`, async () => {
    const network = randomNetwork(12, 3, 0, 41);
    const examples = randomExamples(network, 8, 42);
    const threat: AttackThreat = { norm, epsilon: 0, bounds: [0, 1] };
    const budget = { iterations: 0, restarts: 1, queries: 300 };
    const oracle = { ...labelsOf(network), free: 9 };
    const { minimal } = await attack.run({ oracle, ...examples, threat, budget, seed: 1 });
    expect(sum(minimal!.found)).toBeGreaterThan(0);
    for (let i = 0; i < 8; i++) {
      expect(minimal!.points.slice(i * 12 + 9, (i + 1) * 12)).toEqual(examples.x.slice(i * 12 + 9, (i + 1) * 12));
    }
  });
});

describe('features with limits of their own', () => {
  const constraints: FeatureConstraints = {
    scale: new Array<number>(12).fill(1),
    low: Array.from({ length: 12 }, (_, i) => (i === 3 ? 0.4 : 0)),
    high: new Array<number>(12).fill(1),
    held: Array.from({ length: 12 }, (_, i) => i === 0),
    direction: Array.from({ length: 12 }, (_, i) => (i === 1 ? 1 : i === 2 ? -1 : 0)),
    integer: new Array<boolean>(12).fill(false),
    groups: [],
  };

  it.each([
    ['RayS in linf', rays, 'linf'],
    ['HopSkipJump in linf', hopSkipJump, 'linf'],
    ['HopSkipJump in l2', hopSkipJump, 'l2'],
    ['SurFree in l2', surfree, 'l2'],
    ['Square in linf', square, 'linf'],
    ['Square in l2', square, 'l2'],
    ['Square in l1', square, 'l1'],
  ] as const)('%s keeps them', async (_, attack, norm) => {
    const network = randomNetwork(12, 3, 0, 41);
    const examples = randomExamples(network, 20, 42, 0.4, 0.9);
    const epsilon = { linf: 0.1, l2: 0.25, l1: 0.6 }[norm];
    const threat: AttackThreat = { norm, epsilon, bounds: [0, 1], constraints };
    const budget = { iterations: 0, restarts: 1, queries: 600 };
    const oracle = attack === square ? analyticOracle(network) : labelsOf(network);
    const result = await attack.run({ oracle, ...examples, threat, budget, seed: 1 });
    expect(sum(result.success)).toBeGreaterThan(2);
    const verifier = createVerifier({ predict: (x) => oracle.logits(x), classes: 3, exampleSize: 12 });
    const checked = await verifier.confirm({ ...examples, adversarial: result.adversarial, threat });
    expect(checked.confirmed).toEqual(result.success);
  });
});

describe('questions', () => {
  const network = randomNetwork(20, 3, 0, 41);
  const examples = randomExamples(network, 1, 42, 0.3, 0.7);

  it('of HopSkipJump grow with the root of the step, and come closer to the point', async () => {
    const inner = labelsOf(network);
    const asked: Float32Array[] = [];
    const oracle: Oracle = {
      ...inner,
      logits(x) {
        if (x.length > 20) asked.push(x.slice());
        return inner.logits(x);
      },
    };
    const threat: AttackThreat = { norm: 'l2', epsilon: 0, bounds: [0, 1] };
    const budget = { iterations: 0, restarts: 1, queries: 1000 };
    await hopSkipJump.run({ oracle, ...examples, threat, budget, seed: 1 });
    expect(asked.slice(0, 4).map((x) => x.length / 20)).toEqual([100, 141, 173, 200]);
    // The points lie about their middle, at one distance but for the bounds: a tenth of their width at first.
    const radius = (x: Float32Array) => {
      const rows = Array.from({ length: x.length / 20 }, (_, k) => x.subarray(k * 20, (k + 1) * 20));
      const middle = Float64Array.from({ length: 20 }, (_, i) => sum(rows.map((row) => row[i]!)) / rows.length);
      return median(rows.map((row) => Math.hypot(...row.map((v, i) => v - middle[i]!))));
    };
    expect(radius(asked[0]!)).toBeCloseTo(0.1, 1);
    expect(radius(asked[1]!)).toBeLessThan(0.05);
  });

  it('that cost more than is left end the search', async () => {
    const oracle = labelsOf(network);
    const threat: AttackThreat = { norm: 'l2', epsilon: 0, bounds: [0, 1] };
    const request = { oracle, ...examples, threat, budget: { iterations: 0, restarts: 1, queries: 10 }, seed: 1 };
    let turns = 0;
    await searchByLabels(surfree, request, function* ({ clean }) {
      for (;;) {
        turns++;
        yield Float32Array.from([...clean, ...clean, ...clean]);
      }
    });
    expect(oracle.counts.forwards).toBe(9);
    expect(turns).toBe(4);
  });
});

describe('directions', () => {
  it('of images are smooth, of vectors not, of length about 1', () => {
    const roughness = (direction: Float64Array, width: number) => {
      let [change, size] = [0, 0];
      direction.forEach((v, i) => {
        size += v * v;
        if (i % width > 0) change += (v - direction[i - 1]!) ** 2;
      });
      return change / size;
    };
    const draw = (shape: readonly number[]) => {
      const free = shape.reduce((a, b) => a * b, 1);
      const random = Random.of(1);
      const clean = Float32Array.from({ length: free }, () => random.uniform());
      return directionsAbout({ clean, shape, free, random }, 1)();
    };
    expect(roughness(draw([3, 16, 20]), 20)).toBeLessThan(1);
    expect(roughness(draw([960]), 20)).toBeGreaterThan(1.5);
    expect(Math.hypot(...draw([960]))).toBeCloseTo(1, 1);
    expect(Math.hypot(...draw([3, 16, 20]))).toBeCloseTo(1, 9);
    const even = { clean: new Float32Array(320), shape: [1, 16, 20], free: 320, random: Random.of(2) };
    expect(Math.hypot(...directionsAbout(even, 1)())).toBeCloseTo(1, 3);
  });
});
