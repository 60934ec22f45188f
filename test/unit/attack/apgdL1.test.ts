import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apgdCe } from '../../../src/engine/attack/apgd';
import { beginL1, phases } from '../../../src/engine/attack/apgdL1';
import { normBall } from '../../../src/engine/attack/geometry';
import { pgd } from '../../../src/engine/attack/pgd';
import type { AttackBudget, AttackThreat, Oracle } from '../../../src/engine/attack/types';
import { createVerifier } from '../../../src/engine/attack/verify';
import { Random } from '../../../src/engine/random';
import { analyticOracle, minimalPerturbation, randomExamples, randomNetwork } from './analyticOracle';

const l1 = (centre: Float32Array, point: Float32Array) =>
  point.reduce((sum, v, i) => sum + Math.abs(v - centre[i]!), 0);
const changed = (centre: Float32Array, point: Float32Array) => point.filter((v, i) => v !== centre[i]).length;

describe('the ball', () => {
  it("shrinks as in the authors' schedule", () => {
    expect(phases(100)).toEqual([
      { factor: 3, iterations: 30 },
      { factor: 2, iterations: 30 },
      { factor: 1, iterations: 40 },
    ]);
    expect(phases(25).map(({ iterations }) => iterations)).toEqual([8, 8, 9]);
    for (let n = 1; n < 200; n++) {
      const all = phases(n);
      expect(all.reduce((sum, { iterations }) => sum + iterations, 0)).toBe(n);
      expect(all.every(({ iterations }) => iterations > 0)).toBe(true);
      expect(all.at(-1)!.factor).toBe(1);
    }
  });
});

describe('a walk in l1', () => {
  const start = (size: number, iterations: number, seed: number, epsilon = 1) => {
    const random = Random.of(seed, 'walk');
    const centre = Float32Array.from({ length: size }, () => random.uniform());
    const ball = normBall({ norm: 'l1', epsilon, bounds: [0, 1] }, size);
    return { centre, ball, walker: beginL1({ centre, ball, random, iterations }), random };
  };

  it('stays in the ball of its phase, and within the bounds', () => {
    const setting = fc.record({
      size: fc.integer({ min: 1, max: 60 }),
      iterations: fc.integer({ min: 1, max: 40 }),
      seed: fc.nat(),
      epsilon: fc.double({ min: 0.01, max: 5, noNaN: true }),
      flat: fc.boolean(),
    });
    fc.assert(
      fc.property(setting, ({ size, iterations, seed, epsilon, flat }) => {
        const { centre, walker, random } = start(size, iterations, seed, epsilon);
        for (const { factor, iterations: steps } of phases(iterations)) {
          for (let i = 0; i <= steps; i++) {
            expect(l1(centre, walker.point)).toBeLessThanOrEqual(factor * epsilon * (1 + 1e-9));
            expect(walker.point.every((v) => v >= 0 && v <= 1)).toBe(true);
            if (flat && i % 3 === 1) walker.leaves?.();
            else
              walker.advance(
                random.normal(),
                Float32Array.from({ length: size }, () => random.normal()),
              );
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('moves along the largest entries of the gradient, and goes on where the loss was highest', () => {
    const { centre, walker } = start(50, 100, 4);
    const gradient = new Float32Array(50).fill(1e-3);
    const up = [...centre.keys()].filter((i) => centre[i]! < 0.5).slice(0, 3);
    for (const i of up) gradient[i] = 5;
    const before = up.map((i) => walker.point[i]!);
    const value = () => up.reduce((sum, i) => sum + walker.point[i]!, 0);
    for (let i = 0; i < 103; i++) walker.advance(value(), gradient);
    // The best of the ball is to spend all of it on those that matter.
    expect(value()).toBeGreaterThan(up.reduce((sum, i) => sum + centre[i]!, 0) + 0.99);
    expect(before).not.toEqual(up.map((i) => walker.point[i]!));
    expect(changed(centre, walker.point)).toBeLessThanOrEqual(5);
  });
});

describe('a walk in l1 from a place', () => {
  const epsilon = 0.1;
  const from = (centre: Float32Array, iterations: number, bounds: readonly [number, number] | null, at = centre) => {
    const ball = normBall({ norm: 'l1', epsilon, bounds }, centre.length);
    return beginL1({ centre, ball, random: Random.of(1), iterations, place: (out) => out.set(at) });
  };

  it('first steps as far as the ball of its phase reaches, along what the bounds let move', () => {
    const walker = from(Float32Array.of(1, 0, 0.5, 1), 10, [0, 1]);
    walker.advance(0, Float32Array.of(9, -9, 1, 7));
    [1, 0, 0.5 + 3 * epsilon, 1].forEach((v, i) => {
      expect(walker.point[i]).toBeCloseTo(v, 6);
    });
  });

  it('shortens its step by a third while the best point gets no sparser, to a tenth of the first', () => {
    const walker = from(new Float32Array(3), 100, null);
    walker.advance(0, Float32Array.of(1, 0, 0));
    let expected = 3 * epsilon;
    let step = 3 * epsilon;
    expect(walker.point[0]).toBeCloseTo(expected, 6);
    // Back and forth across the middle, so that the ball never cuts a step; the loss rises all the while.
    for (let k = 1; k <= 12; k++) {
      step = Math.max(step / 1.5, 0.3 * epsilon);
      const sign = expected > 0 ? -1 : 1;
      expected += sign * step;
      walker.advance(k, Float32Array.of(sign, 0, 0));
      expect(walker.point[0]).toBeCloseTo(expected, 6);
    }
    expect(step).toBe(0.3 * epsilon);
  });

  it('goes back to the best point, with its gradient and the whole step, once that is sparser', () => {
    const dense = new Float32Array(20).fill(epsilon / 10);
    const walker = from(new Float32Array(20), 1000, null, dense);
    const along = (i: number) => Float32Array.from(dense, (_, k) => (k === i ? 1 : 0));
    walker.advance(1, along(0));
    const best = walker.point.slice();
    expect(best.filter((v) => v !== 0).length).toBeLessThan(19);
    walker.advance(2, along(0));
    // Phases of 300 iterations look at their progress after every 12.
    for (let k = 2; k < 12; k++) walker.advance(1.5, along(1));
    expect(walker.point[1]).toBeGreaterThan(2 * epsilon);
    walker.advance(1.5, along(1));
    expect(walker.point[0]).toBeCloseTo(3 * epsilon, 6);
    expect(walker.point[1]).toBeCloseTo(0, 6);
  });

  it('enters a smaller ball from the best point of the last', () => {
    const walker = from(new Float32Array(3), 3, null);
    walker.advance(10, Float32Array.of(1, 0, 0));
    walker.advance(1, Float32Array.of(1, 0, 0));
    expect([...walker.point]).toEqual([0, 0, 0]);
    const on = from(new Float32Array(3), 3, null);
    on.advance(1, Float32Array.of(1, 0, 0));
    on.advance(10, Float32Array.of(1, 0, 0));
    expect(on.point[0]).toBeCloseTo(2 * epsilon, 6);
  });
});

describe('on networks', () => {
  const threat = (epsilon: number): AttackThreat => ({ norm: 'l1', epsilon, bounds: [0, 1] });
  const run = (oracle: Oracle, examples: ReturnType<typeof randomExamples>, at: AttackThreat, attack = apgdCe) => {
    const budget: AttackBudget = { iterations: 60, restarts: 1, queries: 0 };
    return attack.run({ oracle, ...examples, threat: at, budget, seed: 1 });
  };

  it('is optimal on linear classifiers without bounds', async () => {
    const network = randomNetwork(20, 2, 0, 11);
    const examples = randomExamples(network, 40, 12);
    const row = (i: number) => examples.x.subarray(i * 20, (i + 1) * 20);
    const least = Array.from(examples.y, (y, i) => minimalPerturbation(network, row(i), y, 'l1'));
    const epsilon = [...least].sort((a, b) => a - b)[20]! * 1.001;
    const result = await run(analyticOracle(network), examples, { norm: 'l1', epsilon, bounds: null });
    least.forEach((needed, i) => {
      if (Math.abs(needed / epsilon - 1) < 1e-2) return;
      expect([needed, result.success[i]]).toEqual([needed, needed < epsilon ? 1 : 0]);
    });
  });

  it('breaks more than PGD does, all of it within the ball, and evaluates what its schedule says', async () => {
    const network = randomNetwork(30, 5, 30, 3);
    const examples = randomExamples(network, 60, 4);
    const oracle = analyticOracle(network);
    const at = threat(0.7);
    const result = await run(oracle, examples, at);
    const plain = await run(analyticOracle(network), examples, at, pgd);
    const broken = (success: Uint8Array) => success.reduce((sum, s) => sum + s, 0);
    expect(broken(result.success)).toBeGreaterThan(5);
    expect(broken(result.success)).toBeGreaterThanOrEqual(broken(plain.success));
    const verifier = createVerifier({ predict: (x) => oracle.logits(x), classes: 5, exampleSize: 30 });
    const { confirmed } = await verifier.confirm({ ...examples, adversarial: result.adversarial, threat: at });
    expect(confirmed).toEqual(result.success);
    // Nothing breaks at a tiny radius: 60 steps, and the first point of each of three phases. Points at 3ε count for nothing.
    const counted = analyticOracle(network);
    const tiny = await run(counted, examples, threat(1e-6));
    expect(counted.counts.backwards).toBe(60 * 63);
    expect(broken(tiny.success)).toBe(0);
    expect(tiny.lossTrace).toHaveLength(24);
  });

  it('a point outside the ball is no success, however wrong the model is there', async () => {
    const network = randomNetwork(20, 2, 0, 5);
    const examples = randomExamples(network, 40, 6);
    const row = (i: number) => examples.x.subarray(i * 20, (i + 1) * 20);
    // Broken at 3ε, all of them; at ε none.
    const least = Array.from(examples.y, (y, i) => minimalPerturbation(network, row(i), y, 'l1'));
    const chosen = least.map((needed, i) => ({ needed, i })).filter(({ needed }) => needed > 0.2 && needed < 0.5);
    expect(chosen.length).toBeGreaterThan(3);
    const x = new Float32Array(chosen.length * 20);
    chosen.forEach(({ i }, k) => {
      x.set(row(i), k * 20);
    });
    const some = {
      x,
      y: Int32Array.from(chosen, ({ i }) => examples.y[i]!),
      indices: Int32Array.from(chosen, ({ i }) => i),
    };
    const result = await run(analyticOracle(network), some, { norm: 'l1', epsilon: 0.19, bounds: null });
    expect(result.success.every((s) => s === 0)).toBe(true);
    result.adversarial.forEach((_, i) => {
      if (i % 20 !== 0) return;
      expect(l1(x.subarray(i, i + 20), result.adversarial.subarray(i, i + 20))).toBeLessThanOrEqual(0.19 * (1 + 1e-6));
    });
  });
});
