import { describe, expect, it } from 'vitest';
import { normBall } from '../../../src/engine/attack/geometry';
import { outputAttacks } from '../../../src/engine/attack/output';
import type { AttackThreat, Oracle } from '../../../src/engine/attack/types';
import { verifyOutputs } from '../../../src/engine/attack/verifyOutput';
import { Random } from '../../../src/engine/random';

const weights = [
  [2, -1, 0.5, 0, 3],
  [-0.25, 4, 1, 1, 0],
];
const size = 5;

/** outputs = W·x + offset, with its gradient. */
function linearOracle(): Oracle {
  const counts = { forwards: 0, backwards: 0 };
  const logits = (x: Float32Array) => {
    const n = x.length / size;
    counts.forwards += n;
    return Float32Array.from({ length: n * 2 }, (_, at) => {
      const [i, j] = [at >> 1, at & 1];
      return weights[j]!.reduce((sum, w, k) => sum + w * x[i * size + k]!, j);
    });
  };
  return {
    classes: 2,
    exampleShape: [size],
    exampleSize: size,
    differentiable: true,
    batchSize: 8,
    counts,
    logits: async (x) => logits(x),
    async gradient(x, y, loss, aim) {
      if (loss !== 'linear' || !aim) throw new Error(`the loss ${loss} was asked for`);
      const outputs = logits(x);
      counts.backwards += y.length;
      const row = (i: number) => [aim[2 * i]!, aim[2 * i + 1]!] as const;
      return {
        logits: outputs,
        loss: Float32Array.from(y, (_, i) => row(i)[0] * outputs[2 * i]! + row(i)[1] * outputs[2 * i + 1]!),
        gradient: Float32Array.from(
          x,
          (_, at) =>
            row(Math.floor(at / size))[0] * weights[0]![at % size]! +
            row(Math.floor(at / size))[1] * weights[1]![at % size]!,
        ),
      };
    },
  };
}

/** The largest change of w·x in a ball without bounds: ε times the dual norm of w. */
function dual(norm: string, w: readonly number[]): number {
  const sizes = w.map(Math.abs);
  if (norm === 'linf') return sizes.reduce((sum, v) => sum + v, 0);
  return norm === 'l2' ? Math.hypot(...w) : Math.max(...sizes);
}

const n = 6;
const random = Random.of(1, 'output');
const x = Float32Array.from({ length: n * size }, () => random.between(-1, 1));
/** Every other example by its first output alone, the rest by a weighting of both. */
const aim = Float32Array.from(Array.from({ length: n }, (_, i) => (i % 2 === 0 ? [1, 0] : [-0.5, 0.5])).flat());

async function run(name: string, threat: AttackThreat, iterations = 40, queries = 2000) {
  const attack = outputAttacks.find((each) => each.name === name)!;
  const oracle = linearOracle();
  const keys = Array.from({ length: n }, (_, i) => `${i}`);
  const budget = { iterations, restarts: 2, queries };
  return { oracle, ...(await attack.run({ oracle, x, aim, keys, threat, budget, seed: 3 })) };
}

describe('attacks on outputs', () => {
  for (const norm of ['linf', 'l2', 'l1'] as const) {
    for (const name of ['pgd', 'apgd', 'square']) {
      it(`${name} reaches the closed form of a linear model in ${norm}`, async () => {
        const threat = { norm, epsilon: 0.3, bounds: null };
        const { values, points, oracle } = await run(name, threat);
        const clean = await oracle.logits(x);
        const ball = normBall(threat, size);
        for (let i = 0; i < n; i++) {
          const [a, b] = [aim[2 * i]!, aim[2 * i + 1]!];
          const w = weights[0]!.map((v, k) => a * v + b * weights[1]![k]!);
          const best = a * clean[2 * i]! + b * clean[2 * i + 1]! + 0.3 * dual(norm, w);
          expect(values[i]).toBeLessThanOrEqual(best + 1e-4);
          // Random search in l2 and l1 only comes near.
          expect(values[i]).toBeGreaterThan(best - (name === 'square' && norm !== 'linf' ? 0.12 : 0.02));
          const row = (rows: Float32Array) => rows.subarray(i * size, (i + 1) * size);
          expect(ball.distance(row(x), row(points))).toBeLessThanOrEqual(0.3);
        }
      });
    }
  }

  it('stays within bounds, where the largest change has a closed form too', async () => {
    const inside = { norm: 'linf', epsilon: 0.3, bounds: [-1, 1] } as const;
    const { values, points } = await run('apgd', inside);
    for (let i = 0; i < n; i++) {
      const [a, b] = [aim[2 * i]!, aim[2 * i + 1]!];
      let best = a * 0 + b * 1;
      for (let k = 0; k < size; k++) {
        const w = a * weights[0]![k]! + b * weights[1]![k]!;
        const c = x[i * size + k]!;
        best += w * (w > 0 ? Math.min(1, c + 0.3) : Math.max(-1, c - 0.3));
      }
      expect(values[i]).toBeCloseTo(best, 3);
    }
    expect(points.every((v) => Math.abs(v) <= 1)).toBe(true);
  });

  it('takes one step where it is one step', async () => {
    const { oracle, values } = await run('fgsm', { norm: 'linf', epsilon: 0.1, bounds: null });
    // A forward for the clean point, one for the gradient and one for the last point, twice for two restarts.
    expect(oracle.counts).toEqual({ forwards: n * 5, backwards: n * 2 });
    const clean = await oracle.logits(x);
    for (let i = 0; i < n; i++) {
      const [a, b] = [aim[2 * i]!, aim[2 * i + 1]!];
      const w = weights[0]!.map((v, k) => a * v + b * weights[1]![k]!);
      expect(values[i]).toBeCloseTo(a * clean[2 * i]! + b * clean[2 * i + 1]! + 0.1 * dual('linf', w), 4);
    }
  });

  it('gives every example its own stream, whatever is beside it', async () => {
    const threat = { norm: 'l2', epsilon: 0.3, bounds: null } as const;
    const all = await run('square', threat, 1, 50);
    const attack = outputAttacks.find(({ name }) => name === 'square')!;
    const alone = await attack.run({
      oracle: linearOracle(),
      x: x.slice(2 * size, 3 * size),
      aim: aim.slice(4, 6),
      keys: ['2'],
      threat,
      budget: { iterations: 1, restarts: 2, queries: 50 },
      seed: 3,
    });
    expect([...alone.points]).toEqual([...all.points.subarray(2 * size, 3 * size)]);
  });
});

describe('the verifier of outputs', () => {
  const threat = { norm: 'linf', epsilon: 0.3, bounds: [-2, 2] } as const;
  const model = (predict: (x: Float32Array) => Float32Array) => ({
    predict: async (points: Float32Array) => predict(points),
    classes: 1,
    exampleSize: size,
  });
  const sums = (points: Float32Array) =>
    Float32Array.from({ length: points.length / size }, (_, i) =>
      points.subarray(i * size, (i + 1) * size).reduce((sum, v) => sum + v, 0),
    );

  it('computes outputs by the original model and refuses what lies outside', async () => {
    const points = x.slice();
    points[0]! += 0.31;
    points[size]! += 0.29;
    points[2 * size] = Number.NaN;
    const { reasons, outputs } = await verifyOutputs(model(sums), x, points, threat);
    expect(reasons[0]).toContain('distance');
    expect(reasons[1]).toBeNull();
    expect(reasons[2]).toContain('not finite');
    expect(outputs[1]).toBeCloseTo(sums(points)[1]!, 6);
  });

  it('refuses outputs that are no numbers, and models that change their width', async () => {
    const { reasons } = await verifyOutputs(
      model((points) => sums(points).fill(Number.POSITIVE_INFINITY)),
      x,
      x,
      threat,
    );
    expect(reasons.every((reason) => reason?.includes('not finite'))).toBe(true);
    const wrong = verifyOutputs(
      model(() => new Float32Array(1)),
      x,
      x,
      threat,
    );
    await expect(wrong).rejects.toMatchObject({ code: 'attack/verify' });
  });
});
