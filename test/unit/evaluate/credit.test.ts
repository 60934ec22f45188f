import { afterEach, describe, expect, it } from 'vitest';
import { attackByName } from '../../../src/engine/attack/registry';
import type { Attack } from '../../../src/engine/attack/types';
import { createVerifier } from '../../../src/engine/attack/verify';
import { decode, encode } from '../../../src/engine/evaluate/encode';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { gather } from '../../../src/engine/evaluate/examples';
import { cascadeStage } from '../../../src/engine/evaluate/stage/cascade';
import { unboundedStage } from '../../../src/engine/evaluate/stage/check';
import { curveStage } from '../../../src/engine/evaluate/stage/curve';
import { execute } from '../../../src/engine/evaluate/stage/execute';
import { effortStage, randomDrawStage } from '../../../src/engine/evaluate/stage/probeEffort';
import type { Stage } from '../../../src/engine/evaluate/stage/stage';
import { emptyUniversal, universalStages } from '../../../src/engine/evaluate/stage/universal';
import { emptyState, type RunState } from '../../../src/engine/evaluate/state';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import type { ResolvedThreatModel } from '../../../src/engine/spec/schema';
import { analyticOracle, randomExamples, randomNetwork } from '../attack/analyticOracle';
import { boundaryDistance } from '../attack/linearDistance';
import { digitsWorkspace, type Workspace } from './workspace';

const n = 12;
const size = 10;
const network = randomNetwork(size, 3, 0, 11);
const examples = randomExamples(network, n, 12);
const oracle = analyticOracle(network);
const verifier = createVerifier({ predict: (x) => oracle.logits(x), classes: 3, exampleSize: size });
const exact = Array.from({ length: n }, (_, i) =>
  boundaryDistance(network, examples.x.subarray(i * size, (i + 1) * size), examples.y[i]!, 'linf', [0, 1]),
);
const far = 2 * Math.max(...exact);
const facts = { kind: 'vector', shape: [size], count: n, classes: ['a', 'b', 'c'], unitSize: n } as never;

/** A run in which the cascade broke nothing, with the first example wrong as it is. */
function untouched(epsilon: number, knowledge = 'white-box'): RunState {
  const threat = { norm: 'linf', epsilon, bounds: [0, 1], name: 'ball', knowledge } as unknown as ResolvedThreatModel;
  const state = emptyState({ threatModels: [threat] }, n, 3, []);
  state.label.set(examples.y);
  state.prediction.set(examples.y);
  state.label[0] = (examples.y[0]! + 1) % 3;
  state.seen = n;
  return state;
}

/** Runs a stage and applies its result as a resumed run has it. */
async function through<T>(stage: Stage<T>, state: RunState, only?: number[]): Promise<Int32Array> {
  const wanted = only ? Int32Array.from(only) : stage.select(state);
  const y = Int32Array.from(wanted, (i) => state.label[i]!);
  const chunk = { indices: wanted, x: gather(examples.x, wanted, size), y };
  const result = await stage.run(chunk, { oracle, verifier, facts, seed: 0, state });
  stage.apply(state, wanted, decode(encode(result)) as T);
  stage.finish?.(state);
  return wanted;
}

const ball = (epsilon: number) => ({ norm: 'linf', epsilon, bounds: [0, 1] }) as const;
const brokenIn = (state: RunState) =>
  [...state.threats[0]!.brokenBy.keys()].filter((i) => state.threats[0]!.brokenBy[i] !== -1);

describe('what is found beside the cascade counts', () => {
  it('by noise', async () => {
    const wide = 0.9;
    const state = untouched(wide);
    await through(randomDrawStage(0, 'ball', ball(wide), 250), state);
    const [draws] = state.evidence.randomDraws;
    const [of] = state.threats;
    expect(draws!.broken).toBeGreaterThan(3);
    expect(brokenIn(state)).toHaveLength(draws!.broken);
    // A report names the first ten.
    expect(brokenIn(state).slice(0, 10)).toEqual(draws!.indices);
    expect(of!.attacks).toEqual([expect.objectContaining({ name: 'random-noise', sample: true, attempted: n - 1 })]);
    expect(of!.attacks[0]).toMatchObject({ broken: draws!.broken, iterations: 250, backwards: 0 });
    expect(of!.attacks[0]!.forwards).toBeGreaterThanOrEqual(100 * (n - 1));
    for (const i of brokenIn(state)) {
      expect(of!.minimal.known(i)).toBeGreaterThanOrEqual(exact[i]! * (1 - 1e-6));
      expect(of!.minimal.known(i)).toBeLessThanOrEqual(wide);
    }
    // With fewer points than are drawn at a time, no more are tried than that.
    const few = untouched(wide);
    await through(randomDrawStage(0, 'ball', ball(wide), 7), few);
    expect([...few.threats[0]!.beside.values()][0]!.forwards).toBeLessThanOrEqual(7 * (n - 1));
  });

  it.each(['iterations', 'restarts'] as const)('by more %s, once, and not what others broke', async (what) => {
    const state = untouched(far);
    const pgd = attackByName('pgd');
    state.threats[0]!.attacks.push({ name: 'fgsm', broken: 1 } as never);
    state.threats[0]!.brokenBy[3] = 0;
    const budget = { iterations: 20, restarts: 2, queries: 0 };
    const effort = { attack: pgd, budget, what, from: 10, to: 20, passes: 20, most: 32 };
    const stage = effortStage(0, 'ball', ball(far), effort);
    const tried = await through(stage, state);
    expect([...tried]).toEqual([1, 2, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(brokenIn(state)).toEqual([...tried, 3].sort((a, b) => a - b));
    expect(state.threats[0]!.brokenBy[3]).toBe(0);
    expect(state.threats[0]!.attacks[1]).toMatchObject({
      name: 'pgd',
      title: `${pgd.title} with more ${what}, run as a check`,
      broken: 10,
    });
    expect(state.threats[0]!.attacks[1]!.backwards).toBeGreaterThan(0);
    expect(state.evidence.moreEffort[0]).toMatchObject({ examples: 10, broken: 10 });
    expect([...stage.select(state)]).toEqual([]);
  });

  it('by a larger ball, at the distance that the verifier measured', async () => {
    const sorted = [...exact.slice(1)].sort((a, b) => a - b);
    const own = (sorted[5]! + sorted[6]!) / 2;
    const state = untouched(own);
    const ddn = { ...attackByName('fmn'), defaults: attackByName('fmn').defaults };
    await through(curveStage(0, 'ball', ball(far), own, ddn, ddn.defaults, 1, facts), state);
    const [of] = state.threats;
    const within = Array.from({ length: n - 1 }, (_, i) => i + 1).filter((i) => of!.minimal.known(i) <= own);
    expect(within.length).toBeGreaterThanOrEqual(4);
    expect(brokenIn(state)).toEqual(within);
    expect(of!.attacks[0]).toMatchObject({ name: 'fmn', broken: within.length, sample: true });
    // Beyond ε they are known, and do not count.
    for (let i = 1; i < n; i++) expect(of!.minimal.known(i) / exact[i]!).toBeLessThan(1.1);
  });

  it('by an attacker without a radius, where the norm is the same', async () => {
    const state = untouched(far);
    const pgd = attackByName('pgd');
    const trial = { attack: pgd, budget: { ...pgd.defaults, iterations: 30, restarts: 1 }, passes: 30 };
    const everywhere = ball(Number.POSITIVE_INFINITY);
    await through(unboundedStage(0, 'ball', everywhere, trial, facts), state);
    const [of] = state.threats;
    expect(of!.unbounded).toMatchObject({ total: n, standing: 0, done: true });
    for (let i = 1; i < n; i++) expect(of!.minimal.known(i)).toBeLessThanOrEqual(1);
    expect(brokenIn(state)).toEqual(
      Array.from({ length: n - 1 }, (_, i) => i + 1).filter((i) => of!.minimal.known(i) <= far),
    );
    const l0 = untouched(2);
    Object.assign(l0.threats[0]!.threat, { norm: 'l0' });
    await through(unboundedStage(0, 'ball', everywhere, trial, facts), l0);
    expect(l0.threats[0]!.unbounded.standing).toBe(0);
    expect(brokenIn(l0)).toEqual([]);
  });

  it.each([
    ['white-box', true],
    ['black-box-score', false],
  ])('by one perturbation for all, of an attacker who is %s: %s', async (knowledge, counts) => {
    const state = untouched(far, knowledge);
    const settings = { threatModel: 'ball', epochs: 3 };
    state.beyond.universal = emptyUniversal(settings as never, n);
    const stages = universalStages(settings as never, ball(far), facts);
    for (const stage of stages) {
      const chosen = stage.select(state).filter((i) => i !== 0);
      await through(stage, state, [...chosen]);
    }
    const { correct, seen } = state.beyond.universal;
    expect(seen).toBe(n / 2);
    expect(correct).toBeLessThan(seen);
    expect(brokenIn(state)).toHaveLength(counts ? seen - correct : 0);
    if (counts)
      expect(state.threats[0]!.attacks[0]).toMatchObject({
        name: 'universal',
        broken: seen - correct,
        attempted: seen,
      });
  });
});

describe('an attack’s strongest points', () => {
  const points = examples.x.map((v) => 1 - v);
  /** Returns points of its own, and claims nothing. */
  const modest: Attack = {
    ...attackByName('fgsm'),
    run: async ({ x, y }) => ({
      adversarial: points.slice(0, x.length),
      success: new Uint8Array(y.length),
      lossTrace: [],
    }),
  };

  it('are confirmed on the file even where the attack claims nothing', async () => {
    const budget = modest.defaults;
    const outcome = await execute(modest, budget, ball(1), examples, { oracle, verifier, seed: 0 });
    const verdict = await verifier.confirm({ ...examples, adversarial: points, threat: ball(1) });
    expect(verdict.confirmed.some((c) => c === 1)).toBe(true);
    expect([...outcome.confirmed]).toEqual([...verdict.confirmed]);
    expect(outcome.refused).toBe(0);
    outcome.reach.forEach((d, i) => {
      expect(d).toBe(verdict.confirmed[i] === 1 ? Math.min(1, verdict.distance[i]!) : Number.POSITIVE_INFINITY);
    });
    const within = await execute(modest, budget, ball(1e-3), examples, { oracle, verifier, seed: 0 });
    expect(within.confirmed.every((c) => c === 0)).toBe(true);
    expect(within.reach.every((d) => d === Number.POSITIVE_INFINITY)).toBe(true);
  });

  it.each(['linf', 'l2', 'l1', 'l0'] as const)('lower the curve to where they lie, in %s', async (norm) => {
    // Whatever the radius, the point lies elsewhere in the ball.
    const state = untouched(100);
    const threat = { norm, epsilon: 100, bounds: [0, 1] } as const;
    Object.assign(state.threats[0]!.threat, { norm });
    const shared = {
      threatIndex: 0,
      attackIndex: 0,
      last: true,
      threatName: 'ball',
      threat,
      passes: 1,
      galleryQuota: 0,
    };
    state.threats[0]!.attacks.push({
      name: 'fgsm',
      broken: 0,
      attempted: 0,
      refused: 0,
      forwards: 0,
      traces: [],
    } as never);
    const attack: Attack = { ...modest, norms: [norm] };
    const wanted = await through(cascadeStage({ ...shared, attack, budget: attack.defaults }, facts), state);
    const inner = gather(examples.x, wanted, size);
    const verdict = await verifier.confirm({
      x: inner,
      adversarial: points.slice(0, inner.length),
      y: Int32Array.from(wanted, (i) => state.label[i]!),
      threat,
    });
    expect(verdict.confirmed.some((c) => c === 1)).toBe(true);
    wanted.forEach((index, i) => {
      const known = state.threats[0]!.minimal.known(index);
      expect(known).toBe(verdict.confirmed[i] === 1 ? verdict.distance[i] : Number.POSITIVE_INFINITY);
    });
  });
});

const open: Workspace[] = [];
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.remove();
});

describe('a report', () => {
  it('agrees with itself about what checks and probes broke', async () => {
    const threat = { name: 'ball', norm: 'linf', epsilon: 0.07, suite: 'quick', attacks: ['apgd-ce'], iterations: 1 };
    const data = { test: { path: 'data/test.npz', inputs: 'x', labels: 'y', limit: 16 }, range: [0, 255], unit: 255 };
    const workspace = await digitsWorkspace({
      data,
      threatModels: [threat],
      corruptions: false,
      universal: { threatModel: 'ball', epochs: 1 },
    });
    open.push(workspace);
    const { reportPaths } = await evaluate({ specPath: workspace.specPath, threads: 1 });
    const report = (await readReport(reportPaths[0] ?? '')) as Report;
    const [of] = report.threatModels;
    const standing = report.outcomes.brokenBy.ball!.filter((name) => name === null).length / 16;
    expect(of!.robustAccuracy!.value).toBe(standing);
    expect(of!.curve.find(({ epsilon }) => epsilon === 0.07)!.accuracy.value).toBe(standing);
    expect(of!.attacks.at(-1)!.accuracyAfter.value).toBe(standing);
    expect(of!.attacks[0]!.accuracyAfter.value).toBeGreaterThan(standing);
    expect(report.checks.ladder![0]!.rungs.at(-1)!.accuracy.value).toBe(standing);
    const beside = of!.attacks.slice(1);
    expect(beside.length).toBeGreaterThan(0);
    for (const { sample, attempted, broken, forwards } of beside) {
      expect(sample).toBe(true);
      expect(broken).toBeGreaterThan(0);
      expect(attempted).toBeGreaterThanOrEqual(broken);
      expect(forwards).toBeGreaterThanOrEqual(broken);
    }
    const named = [...(report.checks.moreEffort ?? []), ...(report.checks.randomDraws ?? [])].flatMap(
      ({ indices }) => indices,
    );
    for (const index of named) expect(report.outcomes.brokenBy.ball![index]).not.toBeNull();
  });
});
