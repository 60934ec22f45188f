import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attackByName } from '../../../src/engine/attack/registry';
import type { AttackRequest, AttackResult, AttackThreat, Oracle } from '../../../src/engine/attack/types';
import { createVerifier } from '../../../src/engine/attack/verify';
import { openDataset } from '../../../src/engine/data/open';
import { type OpenedModel, openModel } from '../../../src/engine/model';
import { pointShape } from '../../../src/engine/oracle/segmentModel';
import { type MaterialModel, materialAvailable, materialClassifiers, openMaterialData } from '../material';

const attacks = ['fgsm', 'pgd', 'apgd-ce', 'apgd-dlr', 'apgd-t'];

/** The same oracle, without iterations in the graph: the reference. */
function stepwise(oracle: Oracle): Oracle {
  return {
    classes: oracle.classes,
    exampleShape: oracle.exampleShape,
    exampleSize: oracle.exampleSize,
    differentiable: oracle.differentiable,
    batchSize: oracle.batchSize,
    counts: oracle.counts,
    logits: (x) => oracle.logits(x),
    gradient: (x, y, loss, aim) => oracle.gradient(x, y, loss, aim),
  };
}

interface Examples {
  readonly x: Float32Array;
  readonly y: Int32Array;
}

/** Those that the model gets right. */
async function correct(oracle: Oracle, { x, y }: Examples): Promise<Examples> {
  const logits = await oracle.logits(x);
  const { classes, exampleSize: size } = oracle;
  const right = [...y.keys()].filter((i) => {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row)) === y[i];
  });
  const kept = new Float32Array(right.length * size);
  right.forEach((i, k) => {
    kept.set(x.subarray(i * size, (i + 1) * size), k * size);
  });
  return { x: kept, y: Int32Array.from(right, (i) => y[i]!) };
}

function request(oracle: Oracle, examples: Examples, threat: AttackThreat, iterations: number, restarts = 1) {
  return {
    oracle,
    ...examples,
    indices: Int32Array.from(examples.y.keys()),
    threat,
    budget: { iterations, restarts, queries: 0, targets: 3 },
    seed: 5,
  } satisfies AttackRequest;
}

const count = (result: AttackResult) => result.success.reduce((sum, s) => sum + s, 0);

describe('iterations in the graph, on the digits', () => {
  let plain: OpenedModel;
  let examples: Examples;
  beforeAll(async () => {
    const data = await openDataset({ path: 'data/test.npz', inputs: 'x', labels: 'y', limit: 40 }, 'samples/digits', {
      range: [0, 255],
      unit: 255,
    });
    plain = await openModel('samples/digits/models/plain.onnx', {
      preprocess: { mean: [0.1307], std: [0.3081], layout: 'nchw', channels: 'gray' },
      exampleShape: data.shape,
      kind: 'image',
      threads: 1,
    });
    for await (const batch of data.batches(40)) examples = await correct(plain.oracle, batch);
    await data.close();
  });
  afterAll(() => plain.release());

  const threats: AttackThreat[] = [
    { norm: 'linf', epsilon: 0.05, bounds: [0, 1] },
    { norm: 'l2', epsilon: 0.6, bounds: [0, 1] },
    { norm: 'linf', epsilon: 0.05, bounds: null },
    { norm: 'l2', epsilon: 0.6, bounds: null },
  ];
  for (const name of attacks) {
    for (const threat of name === 'apgd-t' ? threats.slice(0, 2) : threats) {
      const title = `${name} in ${threat.norm}${threat.bounds ? '' : ' without bounds'}`;
      it(`${title}: a few steps come to the same points as the walk`, async () => {
        const attack = attackByName(name);
        // Nothing breaks at a hundredth of ε, so what is returned is the strongest of all iterates.
        const small = { ...threat, epsilon: threat.epsilon / 100 };
        const fused = await attack.run(request(plain.oracle, examples, small, 5));
        const walked = await attack.run(request(stepwise(plain.oracle), examples, small, 5));
        expect(count(walked)).toBe(0);
        const moved = walked.adversarial.reduce((most, v, i) => Math.max(most, Math.abs(v - examples.x[i]!)), 0);
        expect(moved).toBeGreaterThan(small.epsilon / 40);
        const distances = Array.from(examples.y.keys(), (row) => {
          let sum = 0;
          for (let i = row * 784; i < (row + 1) * 784; i++)
            sum += (fused.adversarial[i]! - walked.adversarial[i]!) ** 2;
          return Math.sqrt(sum);
        }).sort((a, b) => a - b);
        if (threat.norm === 'linf') expect(distances.at(-1)).toBeLessThanOrEqual(1e-5);
        // In l2 a rectifier that switches at another last bit turns the direction a little; most do not meet one, and more
        // do in as many climbs as there are targets.
        expect(distances[distances.length >> 1]).toBeLessThanOrEqual(5e-4 * small.epsilon);
        expect(distances.at(-1)).toBeLessThanOrEqual((name === 'apgd-t' ? 1e-1 : 5e-2) * small.epsilon);
        fused.lossTrace.forEach((value, i) => {
          expect(value).toBeCloseTo(walked.lossTrace[i]!, 5);
        });
        expect(fused.lossTrace).toHaveLength(walked.lossTrace.length);
        expect(fused.zeroGradient).toEqual(walked.zeroGradient);
      });

      it(`${title}: breaks what the walk breaks, all of it confirmed`, async () => {
        const attack = attackByName(name);
        const fused = await attack.run(request(plain.oracle, examples, threat, 25, 2));
        const walked = await attack.run(request(stepwise(plain.oracle), examples, threat, 25, 2));
        expect(count(walked)).toBeGreaterThan(0);
        expect(Math.abs(count(fused) - count(walked))).toBeLessThanOrEqual(1);
        const verifier = createVerifier({ ...plain.original, exampleSize: 784 });
        const checked = await verifier.confirm({ ...examples, adversarial: fused.adversarial, threat });
        expect(checked.confirmed).toEqual(fused.success);
        // Inside the ball without any tolerance but float64's own.
        for (const distance of checked.distance) expect(distance).toBeLessThanOrEqual(threat.epsilon * (1 + 1e-12));
        if (threat.bounds) expect(fused.adversarial.every((v) => v >= 0 && v <= 1)).toBe(true);
      });
    }
  }

  it('holds points without axes of 1 at their end', () => {
    const shapes = [[784, 1], [3, 1, 1], [1, 28, 28], [1], [1, 1], [4, 1, 5]];
    expect(shapes.map(pointShape)).toEqual([[784], [3], [1, 28, 28], [1], [1], [4, 1, 5]]);
  });

  it.each(['pgd', 'apgd-ce'])(
    '%s comes to the same end where the examples have axes of 1 at their end',
    async (name) => {
      const columns = await openModel('samples/digits/models/plain.onnx', {
        preprocess: { mean: [0.1307], std: [0.3081], layout: 'flat', channels: 'gray' },
        exampleShape: [784, 1],
        kind: 'vector',
        threads: 1,
      });
      expect(columns.oracle.exampleShape).toEqual([784, 1]);
      for (const threat of threats.slice(0, 2)) {
        const attack = attackByName(name);
        const wanted = await attack.run(request(plain.oracle, examples, threat, 8));
        const found = await attack.run(request(columns.oracle, examples, threat, 8));
        expect(count(wanted)).toBeGreaterThan(0);
        expect(found.success).toEqual(wanted.success);
        const apart = found.adversarial.reduce((most, v, i) => Math.max(most, Math.abs(v - wanted.adversarial[i]!)), 0);
        expect(apart).toBeLessThan(1e-5);
        // Not step by step.
        expect(
          await columns.oracle.segments?.({ loss: 'ce', norm: threat.norm as 'linf', momentum: name !== 'pgd' }),
        ).not.toBeNull();
      }
      await columns.release();
    },
  );

  it('an example comes to the same end alone and among others', async () => {
    const threat = threats[0]!;
    for (const name of ['pgd', 'apgd-ce']) {
      const attack = attackByName(name);
      const together = await attack.run(request(plain.oracle, examples, threat, 12));
      for (const i of [0, 3, 8]) {
        const one = {
          ...request(plain.oracle, examples, threat, 12),
          x: examples.x.subarray(i * 784, (i + 1) * 784),
          y: examples.y.subarray(i, i + 1),
          indices: Int32Array.of(i),
        };
        const alone = await attack.run(one);
        expect(alone.success[0]).toBe(together.success[i]);
        alone.adversarial.forEach((value, k) => {
          expect(value).toBeCloseTo(together.adversarial[i * 784 + k]!, 4);
        });
      }
    }
  });

  it('packs of any size come to the same end', async () => {
    const threat = threats[0]!;
    const whole = await attackByName('apgd-ce').run(request(plain.oracle, examples, threat, 12));
    for (const batchSize of [1, 7]) {
      const oracle: Oracle = {
        ...stepwise(plain.oracle),
        batchSize,
        segments: (kind) => plain.oracle.segments!(kind),
      };
      const split = await attackByName('apgd-ce').run(request(oracle, examples, threat, 12));
      expect(split.success).toEqual(whole.success);
      split.lossTrace.forEach((value, i) => {
        expect(value).toBeCloseTo(whole.lossTrace[i]!, 4);
      });
    }
  });

  it('counts the passes that were run, and no backward for the last points', async () => {
    const { oracle } = plain;
    const before = { ...oracle.counts };
    const n = examples.y.length;
    await attackByName('pgd').run(request(oracle, examples, { ...threats[0]!, epsilon: 1e-5 }, 10));
    expect(oracle.counts.backwards - before.backwards).toBe(10 * n);
    expect(oracle.counts.forwards - before.forwards).toBe(11 * n);
  });

  const having = (brief: boolean): Oracle => ({
    ...stepwise(plain.oracle),
    segments: async (kind) => ({ ...(await plain.oracle.segments!(kind))!, brief, first: brief ? 4 : 1 }),
  });

  it('evaluates the last points with the last steps where passes are brief, to the same end', async () => {
    const { oracle } = plain;
    const n = examples.y.length;
    for (const threat of [...threats.slice(0, 2), { ...threats[0]!, epsilon: 1e-5 }]) {
      for (const iterations of [1, 2, 25]) {
        const [apart, together] = [having(false), having(true)].map((o) => request(o, examples, threat, iterations, 2));
        const expected = await attackByName('pgd').run(apart!);
        const before = { ...oracle.counts };
        const found = await attackByName('pgd').run(together!);
        expect(found.success).toEqual(expected.success);
        expect(found.zeroGradient).toEqual(expected.zeroGradient);
        expect(found.lossTrace).toHaveLength(iterations);
        found.lossTrace.forEach((value, i) => {
          expect(value).toBeCloseTo(expected.lossTrace[i]!, 5);
        });
        found.adversarial.forEach((value, i) => {
          expect(value).toBeCloseTo(expected.adversarial[i]!, 5);
        });
        if (count(found) > 0) continue;
        expect(oracle.counts.backwards - before.backwards).toBe(2 * (iterations + 1) * n);
        expect(oracle.counts.forwards - before.forwards).toBe(2 * (iterations + 1) * n);
      }
    }
  });

  it('calls passes brief by their work alone, and begins with fewer iterations the longer they are', async () => {
    const large = (await plain.oracle.segments!({ loss: 'ce', norm: 'linf', momentum: false }))!;
    expect([large.brief, large.first]).toEqual([false, 1]);
    const small = await openModel('samples/motors/models/fault.onnx', {
      preprocess: { mean: [0], std: [1], layout: 'flat', channels: 'gray' },
      exampleShape: [2, 192],
      kind: 'vector',
      threads: 1,
    });
    const runner = (await small.oracle.segments!({ loss: 'ce', norm: 'linf', momentum: false }))!;
    expect([runner.brief, runner.first]).toEqual([true, 2]);
    await small.release();
  });

  it('leaves the examples as they are, which some attacks start from', async () => {
    const clean = examples.x.slice();
    for (const oracle of [having(false), having(true)]) {
      for (const name of ['fgsm', 'pgd', 'apgd-ce']) {
        for (const threat of threats) await attackByName(name).run(request(oracle, examples, threat, 8, 2));
        expect(examples.x).toEqual(clean);
      }
    }
  });

  it('stops between segments when it is told to', async () => {
    const controller = new AbortController();
    const { oracle } = plain;
    const stopping: Oracle = {
      ...stepwise(oracle),
      segments: async (kind) => {
        const runner = (await oracle.segments!(kind))!;
        return {
          ...runner,
          run: (...given) => {
            controller.abort();
            return runner.run(...given);
          },
        };
      },
    };
    const before = oracle.counts.backwards;
    const run = attackByName('pgd').run({
      ...request(stopping, examples, { ...threats[0]!, epsilon: 1e-5 }, 40),
      signal: controller.signal,
    });
    await expect(run).rejects.toThrow(/abort/i);
    expect(oracle.counts.backwards - before).toBe(examples.y.length);
  });

  it('goes step by step where the runtime refuses the graph, or what it gives is not finite', async () => {
    const threat = threats[0]!;
    const { oracle } = plain;
    const walked = await attackByName('pgd').run(request(stepwise(oracle), examples, threat, 5));
    const refused: Oracle = { ...stepwise(oracle), segments: async () => null };
    const odd: Oracle = {
      ...stepwise(oracle),
      segments: async (kind) => {
        const runner = (await oracle.segments!(kind))!;
        return {
          ...runner,
          run: async (...given) => {
            const result = await runner.run(...given);
            return { ...result, loss: result.loss.fill(Number.NaN) };
          },
        };
      },
    };
    for (const other of [refused, odd]) {
      expect(await attackByName('pgd').run(request(other, examples, threat, 5))).toEqual(walked);
    }
  });
});

describe.skipIf(!materialAvailable)('iterations in the graph, on real networks', () => {
  const shapes = { mnist: [1, 28, 28], cifar10: [3, 32, 32], gtsrb: [3, 48, 48] } as const;
  const epsilons: Record<string, number> = { mnist: 0.05, cifar10: 2 / 255, gtsrb: 1 };
  const named = (model: MaterialModel) =>
    /mnist-net_256x2|Convnet_maxpool|resnet_2b|pgd_2_3_16|SIGMOID|cifar10_small/.test(model.file);
  describe.each(materialClassifiers.filter(named))('$file', (model) => {
    let opened: OpenedModel;
    let examples: Examples;
    beforeAll(async () => {
      const data = await openMaterialData(model);
      opened = await openModel(model.path, {
        preprocess: model.preprocess,
        exampleShape: shapes[model.dataset],
        kind: 'image',
        threads: 1,
      });
      for await (const batch of data.batches(20)) {
        examples = await correct(opened.oracle, batch);
        break;
      }
      await data.close();
    });
    afterAll(() => opened.release());

    const those = ['pgd', 'apgd-ce', 'apgd-dlr', ...(model.dataset === 'mnist' ? ['apgd-t'] : [])];
    it.each(those)('%s breaks what the walk breaks', async (name) => {
      const threat: AttackThreat = { norm: 'linf', epsilon: epsilons[model.dataset]!, bounds: [0, 1] };
      const fused = await attackByName(name).run(request(opened.oracle, examples, threat, 20));
      const walked = await attackByName(name).run(request(stepwise(opened.oracle), examples, threat, 20));
      expect(count(fused)).toBeGreaterThanOrEqual(count(walked) - 1);
      expect(fused.lossTrace.at(-1)! / walked.lossTrace.at(-1)!).toBeCloseTo(1, 1);
      expect(fused.zeroGradient).toEqual(walked.zeroGradient);
    });
  });
});
