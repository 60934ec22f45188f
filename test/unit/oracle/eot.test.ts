import { describe, expect, it } from 'vitest';
import { apgdCe } from '../../../src/engine/attack/apgd';
import { pgd } from '../../../src/engine/attack/pgd';
import { isBroken, reachesTarget } from '../../../src/engine/attack/scores';
import type { Oracle } from '../../../src/engine/attack/types';
import { expectationOver } from '../../../src/engine/oracle/eot';
import { Random } from '../../../src/engine/random';
import { analyticOracle, randomExamples, randomNetwork } from '../attack/analyticOracle';

const network = randomNetwork(6, 4, 12, 3);

/** A model that adds normal noise to its input, another draw in each pass; its gradient is that of its draw. */
function noisy(deviation: number, seed: number): Oracle {
  const inner = analyticOracle(network);
  const random = Random.of(seed, 'noise');
  const shaken = (x: Float32Array) => x.map((v) => v + deviation * random.normal());
  return {
    ...inner,
    logits: (x) => inner.logits(shaken(x)),
    gradient: (x, y, loss, aim) => inner.gradient(shaken(x), y, loss, aim),
  };
}

describe('the expectation over a model without randomness', () => {
  it('is the model: losses, gradients and logits to the bit, predictions too', async () => {
    const oracle = analyticOracle(network);
    const { x, y } = randomExamples(network, 20, 5);
    const other = y.map((k, i) => (i % 2 === 0 ? k : (k + 1) % 4));
    const plain = await oracle.gradient(x, other, 'ce');
    const mean = await expectationOver(oracle, 7).gradient(x, other, 'ce');
    expect(mean.loss).toEqual(plain.loss);
    expect(mean.gradient).toEqual(plain.gradient);
    expect(await expectationOver(oracle, 7).logits(x)).toEqual(await oracle.logits(x));
    other.forEach((label, i) => {
      expect(isBroken(mean.logits, i, 4, label)).toBe(isBroken(plain.logits, i, 4, label));
      // The true class's own logit is set by its margin, which rounds.
      for (let k = 0; k < 4; k++) expect(mean.logits[4 * i + k]).toBeCloseTo(plain.logits[4 * i + k]!, 5);
    });
  });

  it('keeps equal scores where the tie rule has them', async () => {
    const tied: Oracle = {
      ...analyticOracle(network),
      gradient: async (x, y) => ({
        logits: new Float32Array(4 * y.length).fill(1),
        loss: new Float32Array(y.length),
        gradient: new Float32Array(x.length),
      }),
    };
    const { logits } = await expectationOver(tied, 3).gradient(new Float32Array(12), Int32Array.of(0, 1), 'ce');
    expect([isBroken(logits, 0, 4, 0), isBroken(logits, 1, 4, 1)]).toEqual([false, true]);
  });

  it('has the gradients of all classes as they are, and averages those of a random one', async () => {
    const oracle = analyticOracle(network);
    const { x } = randomExamples(network, 2, 5);
    let draw = 0;
    const each: Oracle = {
      ...oracle,
      jacobian: async (at) => ({ logits: await oracle.logits(at), gradient: new Float32Array(2 * 4 * 6).fill(draw++) }),
    };
    const mean = await expectationOver(each, 5).jacobian!(x);
    expect(mean.logits).toEqual(await oracle.logits(x));
    expect(new Set(mean.gradient)).toEqual(new Set([2]));
  });

  it('counts each pass', async () => {
    const oracle = analyticOracle(network);
    const { x, y } = randomExamples(network, 3, 1);
    const mean = expectationOver(oracle, 5);
    await mean.gradient(x, y, 'ce');
    await mean.logits(x);
    expect(mean.counts).toEqual({ forwards: 30, backwards: 15 });
    expect(mean.passes).toBe(5);
  });
});

describe('the expectation over a random model', () => {
  it('has gradients and losses that come to the true means, within sampling error', async () => {
    const { x, y } = randomExamples(network, 4, 8);
    const many = await expectationOver(noisy(0.3, 1), 4000).gradient(x, y, 'ce');
    const few = 25;
    const trials = 40;
    // Each trial errs by σ/√25; so does the spread of the trials about the true mean.
    const spread = await spreadOf(x, y);
    const means = await Promise.all(
      Array.from({ length: trials }, (_, k) => expectationOver(noisy(0.3, 100 + k), few).gradient(x, y, 'ce')),
    );
    for (let i = 0; i < x.length; i++) {
      const error = means.reduce((sum, { gradient }) => sum + gradient[i]!, 0) / trials - many.gradient[i]!;
      expect(Math.abs(error)).toBeLessThan(5 * spread[i]! * Math.sqrt(1 / (few * trials) + 1 / 4000));
      const deviation = Math.sqrt(
        means.reduce((s, { gradient }) => s + (gradient[i]! - many.gradient[i]!) ** 2, 0) / trials,
      );
      // Averages of 25 spread a fifth as far as single draws.
      expect(deviation).toBeLessThan((1.8 * spread[i]!) / Math.sqrt(few));
    }
  });

  it('is broken only where three quarters of the passes are wrong', async () => {
    let draw = 0;
    // Wrong in the first `wrong` of each ten passes; by so much that the mean of the logits is wrong in any case.
    const model = (wrong: number): Oracle => ({
      ...analyticOracle(network),
      gradient: async (x, y) => {
        const isWrong = draw++ % 10 < wrong;
        return {
          logits: Float32Array.from(isWrong ? [0, 100, 0, 0] : [1, 0, 0, 0]),
          loss: new Float32Array(y.length),
          gradient: new Float32Array(x.length),
        };
      },
    });
    for (const [wrong, broken] of [
      [1, false],
      [5, false],
      [7, false],
      [8, true],
      [10, true],
    ] as const) {
      draw = 0;
      const { logits } = await expectationOver(model(wrong), 10).gradient(new Float32Array(6), Int32Array.of(0), 'ce');
      expect(isBroken(logits, 0, 4, 0), `${wrong} of 10`).toBe(broken);
    }
  });

  it('leads attacks where single draws mislead them', async () => {
    const { x, y, indices } = randomExamples(network, 60, 21);
    const threat = { norm: 'linf', epsilon: 0.25, bounds: [0, 1] } as const;
    const budget = { iterations: 20, restarts: 1, queries: 0 };
    const wrongShare = async (oracle: Oracle) => {
      const { adversarial } = await apgdCe.run({ oracle, x, y, indices, threat, budget, seed: 0 });
      const judge = noisy(1, 999);
      let wrong = 0;
      for (let run = 0; run < 100; run++) {
        const logits = await judge.logits(adversarial);
        for (let i = 0; i < y.length; i++) if (isBroken(logits, i, 4, y[i]!)) wrong++;
      }
      return wrong / (100 * y.length);
    };
    const averaged = await wrongShare(expectationOver(noisy(1, 5), 20));
    const single = await wrongShare(noisy(1, 5));
    expect(averaged).toBeGreaterThan(single + 0.02);
  });

  it('runs every ascent step by step, restarts and all', async () => {
    const { x, y, indices } = randomExamples(network, 5, 2);
    const oracle = expectationOver({ ...noisy(0.05, 4), segments: () => Promise.reject(new Error('not this one')) }, 4);
    const threat = { norm: 'l2', epsilon: 0.4, bounds: [0, 1] } as const;
    const result = await pgd.run({
      oracle,
      x,
      y,
      indices,
      threat,
      budget: { ...pgd.defaults, iterations: 5 },
      seed: 0,
    });
    expect(result.lossTrace).toHaveLength(5);
  });
});

/** Standard deviation of single draws of the gradient. */
async function spreadOf(x: Float32Array, y: Int32Array): Promise<Float64Array> {
  const oracle = noisy(0.3, 77);
  const [sum, squares] = [new Float64Array(x.length), new Float64Array(x.length)];
  const draws = 2000;
  for (let k = 0; k < draws; k++) {
    const { gradient } = await oracle.gradient(x, y, 'ce');
    gradient.forEach((g, i) => {
      sum[i]! += g;
      squares[i]! += g * g;
    });
  }
  return squares.map((s, i) => Math.sqrt(s / draws - (sum[i]! / draws) ** 2));
}

describe('the expectation where a target is to be reached', () => {
  /** In so many of 20 passes class 2 is predicted, in the others class 1. */
  const reached = async (passes: number) => {
    let pass = 0;
    const drawn: Oracle = {
      ...analyticOracle(network),
      gradient: async (x, y) => ({
        logits: Float32Array.of(0, 1, pass++ % 20 < passes ? 1.5 : 0.5, 0),
        loss: new Float32Array(y.length),
        gradient: new Float32Array(x.length),
      }),
    };
    const aim = Float32Array.of(0, 0, 1, 0);
    const { logits } = await expectationOver(drawn, 20).gradient(
      new Float32Array(6),
      Int32Array.of(0),
      'ce-targeted',
      aim,
      Int32Array.of(2),
    );
    return reachesTarget(logits, 0, 4, 2);
  };

  it('has it reached where three quarters of the passes predict it', async () => {
    expect([await reached(0), await reached(11), await reached(14)]).toEqual([false, false, false]);
    expect([await reached(15), await reached(20)]).toEqual([true, true]);
  });

  it('is told of it by attacks', async () => {
    const seen: (Int32Array | undefined)[] = [];
    const inner = analyticOracle(network);
    const oracle: Oracle = {
      ...inner,
      gradient: async (x, y, loss, aim, targets) => {
        seen.push(targets);
        return inner.gradient(x, y, loss, aim);
      },
    };
    const examples = randomExamples(network, 3, 1);
    const targets = examples.y.map((k) => (k + 1) % 4);
    const threat = { norm: 'linf', epsilon: 1e-3, bounds: null } as const;
    const budget = { iterations: 1, restarts: 1, queries: 0 };
    await pgd.run({ oracle, ...examples, targets, threat, budget, seed: 1 });
    expect(seen).toEqual([targets, targets]);
  });
});
