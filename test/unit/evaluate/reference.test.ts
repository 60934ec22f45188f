import { afterEach, describe, expect, it } from 'vitest';
import { createVerifier } from '../../../src/engine/attack/verify';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { nearestOfOtherClass, referenceStage, uniform } from '../../../src/engine/evaluate/stage/probeReference';
import { emptyState } from '../../../src/engine/evaluate/state';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import type { ResolvedThreatModel } from '../../../src/engine/spec/schema';
import { analyticOracle, randomExamples, randomNetwork } from '../attack/analyticOracle';
import { digitsWorkspace, type Workspace } from './workspace';

const norms = ['linf', 'l2', 'l1'] as const;
const length = (a: ArrayLike<number>, b: ArrayLike<number>, norm: (typeof norms)[number]) => {
  const change = Array.from(a, (v, k) => Math.abs(v - b[k]!));
  if (norm === 'linf') return Math.max(...change);
  return norm === 'l1' ? change.reduce((s, c) => s + c, 0) : Math.hypot(...change);
};
const rowOf = (x: Float32Array, i: number, size: number) => x.subarray(i * size, (i + 1) * size);

describe.each(norms)('points without an attack, in %s', (norm) => {
  const size = 12;
  const n = 40;
  const network = randomNetwork(size, 3, 0, 5);
  const { x, y } = randomExamples(network, n, 6);

  it('are the nearest examples of another class', () => {
    const nearest = nearestOfOtherClass(x, y, size, norm);
    for (let i = 0; i < n; i++) {
      const others = [...y.keys()]
        .filter((j) => y[j] !== y[i])
        .map((j) => length(rowOf(x, i, size), rowOf(x, j, size), norm));
      expect(length(rowOf(x, i, size), rowOf(nearest, i, size), norm)).toBeCloseTo(Math.min(...others), 6);
    }
    // Of one class alone there are none.
    expect([...nearestOfOtherClass(x, new Int32Array(n), size, norm)]).toEqual([...x]);
  });

  it('and the uniform images that no other comes before', () => {
    const points = uniform(x, [2, 2, 3], norm);
    for (let i = 0; i < n; i++) {
      for (const channel of [0, 6]) {
        const own = rowOf(x, i, size).subarray(channel, channel + 6);
        const point = rowOf(points, i, size).subarray(channel, channel + 6);
        expect(new Set(point).size).toBe(1);
        const best = length(own, point, norm);
        for (let level = 0; level <= 1; level += 0.01) {
          expect(length(own, new Array<number>(6).fill(level), norm)).toBeGreaterThan(best - 1e-6);
        }
      }
    }
  });

  it('bound what is known, and count within ε', async () => {
    const oracle = analyticOracle(network);
    const verifier = createVerifier({ predict: (z) => oracle.logits(z), classes: 3, exampleSize: size });
    const distances = [...y.keys()].map((i) => {
      const near = nearestOfOtherClass(x, y, size, norm);
      return length(rowOf(x, i, size), rowOf(near, i, size), norm);
    });
    const epsilon = distances.slice().sort((a, b) => a - b)[10]!;
    const threat = { norm, epsilon, bounds: [0, 1] } as const;
    const model = { ...threat, name: 'ball', knowledge: 'white-box' } as unknown as ResolvedThreatModel;
    const state = emptyState({ threatModels: [model] }, n, 3, []);
    state.label.set(y);
    state.prediction.set(y);
    const [of] = state.threats;
    // Attacks know the first half well, and nothing of the rest.
    for (let i = 0; i < n / 2; i++) of!.minimal.record(i, 1e-3);
    const facts = { kind: 'vector', shape: [size], count: n, classes: ['a', 'b', 'c'] } as never;
    const stage = referenceStage(0, 'ball', threat, facts);
    const indices = stage.select(state);
    stage.apply(state, indices, await stage.run({ indices, x, y }, { oracle, verifier, facts, seed: 0, state }));
    const [tally] = state.evidence.references;
    expect(tally).toMatchObject({ threatModel: 'ball', examples: n, found: n, closer: n / 2, medianFound: 1e-3 });
    expect(tally!.medianReference).toBeCloseTo(distances.slice().sort((a, b) => a - b)[n / 2 - 1]!, 5);
    expect(tally!.indices).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
    for (let i = n / 2; i < n; i++) {
      expect(of!.minimal.known(i)).toBeCloseTo(distances[i]!, 5);
      expect(of!.brokenBy[i] !== -1).toBe(of!.minimal.known(i) <= epsilon);
    }
    expect(of!.attacks.map(({ name }) => name)).toEqual(of!.brokenBy.some((by) => by !== -1) ? ['reference'] : []);
  });
});

const open: Workspace[] = [];
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.remove();
});

it('a network without faults has smaller perturbations than the way to other digits', async () => {
  const workspace = await digitsWorkspace({
    data: { test: { path: 'data/test.npz', inputs: 'x', labels: 'y', limit: 20 }, range: [0, 255], unit: 255 },
    threatModels: [{ name: 'ball', norm: 'l2', epsilon: 0.5, suite: 'quick', attacks: ['ddn'] }],
    corruptions: false,
  });
  open.push(workspace);
  const { reportPaths } = await evaluate({ specPath: workspace.specPath, threads: 1 });
  const report = (await readReport(reportPaths[0] ?? '')) as Report;
  const [reference] = report.checks.references!;
  expect(reference).toMatchObject({ threatModel: 'ball', closer: 0 });
  expect(reference!.found).toBeGreaterThan(15);
  expect(reference!.medianFound!).toBeLessThan(reference!.medianReference! / 2);
  expect(report.pitfalls.map(({ rule }) => rule)).not.toContain('pitfalls/infeasible-distances');
});
