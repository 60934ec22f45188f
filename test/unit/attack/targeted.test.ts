import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAttack } from '../../../src/engine/attack/constrained';
import { attackByName, attacks } from '../../../src/engine/attack/registry';
import { reachesTarget } from '../../../src/engine/attack/scores';
import { transferAttack } from '../../../src/engine/attack/transfer';
import type { Attack, AttackRequest, AttackThreat, Norm, Oracle } from '../../../src/engine/attack/types';
import { createVerifier } from '../../../src/engine/attack/verify';
import { openDataset } from '../../../src/engine/data/open';
import { type OpenedModel, openModel } from '../../../src/engine/model';
import { Random } from '../../../src/engine/random';
import { analyticOracle, type Network, predict, randomExamples, randomNetwork, scores } from './analyticOracle';

const radius: Readonly<Record<Exclude<Norm, 'edits'>, number>> = { linf: 0.25, l2: 0.6, l1: 1.2, l0: 3 };
const targeted = attacks.filter((attack) => attack.targeted);
// Edits are of texts, and have tests of their own.
const pairs = targeted.flatMap((attack) =>
  attack.norms.flatMap((norm) => (norm === 'edits' ? [] : [[attack.name, norm] as const])),
);

/** Carlini and Wagner's search for a weight takes several tries. */
const budgetOf = (name: string) => ({
  iterations: name === 'cw' ? 100 : 40,
  restarts: name === 'cw' ? 7 : 1,
  queries: 400,
});

/** A wrong class of each example, at random. */
function wrongClasses(y: Int32Array, classes: number, seed = 1): Int32Array {
  return y.map((label, i) => (label + 1 + Random.of(seed, 'wrong', i).integer(classes - 1)) % classes);
}

function requestFor(network: Network, threat: AttackThreat, n = 24, more: Partial<AttackRequest> = {}): AttackRequest {
  const examples = randomExamples(network, n, 5);
  return {
    oracle: analyticOracle(network),
    ...examples,
    targets: wrongClasses(examples.y, network.classes),
    threat,
    budget: { iterations: 40, restarts: 1, queries: 400 },
    seed: 3,
    ...more,
  };
}

const asVerifierModel = (network: Network) => ({
  classes: network.classes,
  exampleSize: network.inputs,
  predict: async (x: Float32Array) =>
    Float32Array.from({ length: x.length / network.inputs }, (_, i) => i).reduce(
      (all, i) => {
        all.set(scores(network, x.subarray(i * network.inputs, (i + 1) * network.inputs)), i * network.classes);
        return all;
      },
      new Float32Array((x.length / network.inputs) * network.classes),
    ),
});

const sum = (values: Uint8Array) => values.reduce((total, value) => total + value, 0);

describe('attacks that are told which class to reach', () => {
  it.each(pairs)('%s in %s reaches that class, within the ball, or claims nothing', async (name, norm) => {
    const network = randomNetwork(12, 5, 16, 4);
    const request = requestFor(network, { norm, epsilon: radius[norm], bounds: [0, 1] }, 24, {
      budget: budgetOf(name),
    });
    const { adversarial, success } = await attackByName(name).run(request);
    const { confirmed, prediction } = await createVerifier(asVerifierModel(network)).confirm({
      ...request,
      adversarial,
    });
    expect(sum(success)).toBeGreaterThan(2);
    expect([...confirmed]).toEqual([...success]);
    for (const [i, hit] of success.entries()) if (hit === 1) expect(prediction[i]).toBe(request.targets![i]);
    // Any wrong class is easier to get than a certain one, of five.
    const { targets: _, ...anyClass } = request;
    expect(sum((await attackByName(name).run(anyClass)).success)).toBeGreaterThan(sum(success));
  });

  it.each(pairs.filter(([name]) => name !== 'fgsm'))(
    '%s in %s breaks with two classes what it breaks without a target',
    async (name, norm) => {
      const network = randomNetwork(10, 2, 12, 6);
      const request = requestFor(network, { norm, epsilon: radius[norm] * 0.6, bounds: [0, 1] }, 40, {
        budget: budgetOf(name),
      });
      const { targets: _, ...anyClass } = request;
      const attack = attackByName(name);
      const [toTarget, away] = [await attack.run(request), await attack.run(anyClass)];
      expect(sum(away.success)).toBeGreaterThan(1);
      expect(sum(away.success)).toBeLessThan(40);
      expect([...toTarget.success]).toEqual([...away.success]);
    },
  );

  it.each(pairs)('%s in %s gives an example the same outcome alone and among others', async (name, norm) => {
    const network = randomNetwork(12, 5, 16, 4);
    const request = requestFor(network, { norm, epsilon: radius[norm], bounds: [0, 1] }, 8);
    const together = await attackByName(name).run(request);
    for (const i of [0, 5]) {
      const alone = await attackByName(name).run({
        ...request,
        x: request.x.slice(i * 12, (i + 1) * 12),
        y: request.y.slice(i, i + 1),
        targets: request.targets!.slice(i, i + 1),
        indices: Int32Array.of(i),
      });
      expect(alone.success[0]).toBe(together.success[i]);
      expect([...alone.adversarial]).toEqual([...together.adversarial.subarray(i * 12, (i + 1) * 12)]);
    }
  });

  it('finds what a fine grid over a square finds, and nothing where the grid comes nowhere near', async () => {
    const network = randomNetwork(2, 4, 8, 11);
    const epsilon = 0.3;
    const threat: AttackThreat = { norm: 'linf', epsilon, bounds: null };
    const examples = randomExamples(network, 40, 2, -1, 1);
    const targets = wrongClasses(examples.y, 4, 7);
    const request = { ...requestFor(network, threat), ...examples, targets, oracle: analyticOracle(network) };
    const best = Float64Array.from(targets, (target, row) => {
      let most = Number.NEGATIVE_INFINITY;
      for (let a = -30; a <= 30; a++) {
        for (let b = -30; b <= 30; b++) {
          const point = [examples.x[2 * row]! + (a / 30) * epsilon, examples.x[2 * row + 1]! + (b / 30) * epsilon];
          const z = scores(network, point);
          const own = z[target]!;
          most = Math.max(most, own - Math.max(...z.filter((_, k) => k !== target)));
        }
      }
      return most;
    });
    expect(best.filter((most) => most > 0.02).length).toBeGreaterThan(5);
    expect(best.filter((most) => most < -0.02).length).toBeGreaterThan(5);
    const found = new Uint8Array(40);
    for (const name of ['apgd-ce', 'apgd-t', 'mt-pgd', 'corner', 'fab-t', 'square']) {
      const { success } = await attackByName(name).run({
        ...request,
        budget: { iterations: 60, restarts: 3, queries: 900 },
      });
      for (const [i, hit] of success.entries()) {
        if (hit === 1) found[i] = 1;
        if (hit === 1) expect(best[i], `${name} ${i}`).toBeGreaterThan(-0.02);
      }
    }
    for (const [i, most] of best.entries()) if (most > 0.02) expect(found[i], `example ${i}`).toBe(1);
  });

  it('looks for the smallest perturbation to that class, not to any', async () => {
    // Linear: to reach t is to cross the boundary with each other class, so no way is shorter than the longest of those.
    const network = randomNetwork(9, 4, 0, 8);
    for (const name of ['fab-t', 'ddn', 'fmn', 'cw']) {
      const request = requestFor(network, { norm: 'l2', epsilon: 0, bounds: null }, 10, {
        budget: { iterations: 200, restarts: name === 'cw' ? 9 : 1, queries: 0 },
      });
      const { minimal } = await attackByName(name).run(request);
      let ratio = 0;
      for (let i = 0; i < 10; i++) {
        const x = request.x.subarray(i * 9, (i + 1) * 9);
        const point = minimal!.points.subarray(i * 9, (i + 1) * 9);
        const z = scores(network, x);
        const t = request.targets![i]!;
        expect(minimal!.found[i], name).toBe(1);
        expect(predict(network, point)[0], name).toBe(t);
        const least = Math.max(
          ...[...z.keys()]
            .filter((k) => k !== t)
            .map((k) => {
              const slope = Array.from(x, (_, j) => network.weight[t * 9 + j]! - network.weight[k * 9 + j]!);
              return (z[k]! - z[t]!) / Math.hypot(...slope);
            }),
        );
        const distance = Math.hypot(...Array.from(point, (v, j) => v - x[j]!));
        expect(distance).toBeGreaterThan(0.999 * least);
        ratio += distance / least / 10;
      }
      expect(ratio, name).toBeLessThan(1.25);
    }
  });

  it('are those on losses with a target, and no others', async () => {
    const cannot = attacks.filter((attack) => !attack.targeted);
    expect(cannot.map(({ name }) => name).sort()).toEqual(
      ['apgd-dlr', 'deepfool', 'fab', 'hopskipjump', 'rays', 'surfree'].sort(),
    );
    const network = randomNetwork(6, 4, 6, 1);
    for (const attack of cannot) {
      const request = requestFor(network, { norm: attack.norms[0]!, epsilon: 0.1, bounds: [0, 1] });
      await expect(attack.run(request)).rejects.toMatchObject({
        code: 'attack/unsuitable',
        message: expect.stringContaining('which class to reach'),
      });
    }
  });

  it.each([
    ['too few', (targets: Int32Array) => targets.slice(1)],
    ['the own class', (_: Int32Array, y: Int32Array) => y],
    ['a class that there is not', (targets: Int32Array) => targets.map(() => 9)],
    ['a negative one', (targets: Int32Array) => targets.map(() => -1)],
  ])('refuse %s', async (_, change) => {
    const request = requestFor(randomNetwork(6, 4, 6, 1), { norm: 'linf', epsilon: 0.1, bounds: [0, 1] });
    const targets = change(request.targets!, request.y);
    await expect(attackByName('pgd').run({ ...request, targets })).rejects.toMatchObject({ code: 'attack/request' });
  });

  it('transfers points that the other model takes for the target', async () => {
    const network = randomNetwork(12, 4, 16, 4);
    const request = requestFor(network, { norm: 'linf', epsilon: 0.3, bounds: [0, 1] }, 40);
    const { success, adversarial } = await transferAttack('twin', analyticOracle(network)).run(request);
    const { confirmed } = await createVerifier(asVerifierModel(network)).confirm({ ...request, adversarial });
    expect(sum(success)).toBeGreaterThan(4);
    expect(sum(success)).toBeLessThan(40);
    expect([...confirmed]).toEqual([...success]);
  });

  it('brings points back to what features allow without losing sight of the target', async () => {
    const network = randomNetwork(8, 4, 12, 4);
    const of = <T>(value: T) => Array.from({ length: 8 }, () => value);
    const constraints = {
      names: of('').map((_, i) => `f${i}`),
      scale: of(1),
      low: of(-3),
      high: of(3),
      held: of(false).map((_, i) => i === 0),
      direction: of(0) as (0 | 1 | -1)[],
      integer: of(false).map((_, i) => i > 4),
      groups: [],
    };
    const examples = randomExamples(network, 60, 5, -2, 2);
    // Whole numbers where they have to be.
    const x = examples.x.map((value, i) => (i % 8 > 4 ? Math.round(value) : value));
    const y = predict(network, x);
    const threat = { norm: 'linf', epsilon: 1, bounds: null, constraints } as unknown as AttackThreat;
    for (const name of ['apgd-ce', 'square']) {
      const request = requestFor(network, threat, 60, { ...examples, x, y, targets: wrongClasses(y, 4) });
      const { adversarial, success } = await runAttack(attackByName(name), request);
      const { confirmed } = await createVerifier(asVerifierModel(network)).confirm({ ...request, adversarial });
      expect(sum(success), name).toBeGreaterThan(5);
      expect(sum(success), name).toBeLessThan(60);
      expect([...confirmed], name).toEqual([...success]);
    }
  });
});

describe('a target is reached', () => {
  it('where it is predicted: the highest score, and the first of equal ones', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 6 }), fc.nat(), (row, pick) => {
        const target = pick % row.length;
        const logits = Float32Array.from([...row, ...row]);
        expect(reachesTarget(logits, 1, row.length, target)).toBe(row.indexOf(Math.max(...row)) === target);
      }),
    );
    expect(reachesTarget(Float32Array.of(Number.NaN, 1), 0, 2, 0)).toBe(false);
  });
});

describe('iterations in the graph toward a target, on the digits', () => {
  let plain: OpenedModel;
  let request: Omit<AttackRequest, 'threat'>;
  beforeAll(async () => {
    const data = await openDataset({ path: 'data/test.npz', inputs: 'x', labels: 'y', limit: 24 }, 'samples/digits', {
      range: [0, 255],
      unit: 255,
    });
    plain = await openModel('samples/digits/models/plain.onnx', {
      preprocess: { mean: [0.1307], std: [0.3081], layout: 'nchw', channels: 'gray' },
      exampleShape: data.shape,
      kind: 'image',
      threads: 1,
    });
    let [x, y]: [Float32Array, Int32Array] = [new Float32Array(), new Int32Array()];
    for await (const batch of data.batches(24)) ({ x, y } = batch);
    await data.close();
    const logits = await plain.oracle.logits(x);
    expect([...y].every((label, i) => reachesTarget(logits, i, 10, label))).toBe(true);
    request = {
      oracle: plain.oracle,
      x,
      y,
      targets: wrongClasses(y, 10),
      indices: Int32Array.from(y.keys()),
      budget: { iterations: 20, restarts: 2, queries: 0 },
      seed: 5,
    };
  });
  afterAll(() => plain.release());

  /** The same oracle, without iterations in the graph. */
  const stepwise = (oracle: Oracle): Oracle => {
    const { classes, exampleShape, exampleSize, differentiable, batchSize, counts } = oracle;
    return {
      ...{ classes, exampleShape, exampleSize, differentiable, batchSize, counts },
      logits: (x) => oracle.logits(x),
      gradient: (x, y, loss, aim) => oracle.gradient(x, y, loss, aim),
    };
  };
  const cases = (['fgsm', 'pgd', 'apgd-ce', 'apgd-t', 'mt-pgd'] as const).flatMap((name) => [
    [name, { norm: 'linf', epsilon: 0.1, bounds: [0, 1] }] as const,
    [name, { norm: 'l2', epsilon: 1.2, bounds: [0, 1] }] as const,
  ]);

  it.each(cases)('%s %j break what the walk step by step breaks, at the target', async (name, threat) => {
    const attack: Attack = attackByName(name);
    const inGraph = await attack.run({ ...request, threat });
    const walked = await attack.run({ ...request, oracle: stepwise(plain.oracle), threat });
    expect([...inGraph.success]).toEqual([...walked.success]);
    expect(sum(inGraph.success)).toBeGreaterThan(name === 'fgsm' ? 0 : 3);
    expect(sum(inGraph.success)).toBeLessThan(24);
    const verifier = createVerifier({ predict: (x) => plain.original.predict(x), classes: 10, exampleSize: 784 });
    const { confirmed } = await verifier.confirm({ ...request, threat, adversarial: inGraph.adversarial });
    expect([...confirmed]).toEqual([...inGraph.success]);
  });
});
