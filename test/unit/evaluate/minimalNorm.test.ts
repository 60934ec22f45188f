import { afterEach, describe, expect, it } from 'vitest';
import { attackByName } from '../../../src/engine/attack/registry';
import { createVerifier } from '../../../src/engine/attack/verify';
import { decode, encode } from '../../../src/engine/evaluate/encode';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { gather } from '../../../src/engine/evaluate/examples';
import { minimalAttacks } from '../../../src/engine/evaluate/minimalAttacks';
import type { PlannedAttack } from '../../../src/engine/evaluate/plan';
import { confirmedDistances, minimalStage, smallestKnown } from '../../../src/engine/evaluate/stage/minimal';
import { emptyState } from '../../../src/engine/evaluate/state';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import { wantsMinimalNorm } from '../../../src/engine/spec/minimalNorm';
import type { ResolvedThreatModel } from '../../../src/engine/spec/schema';
import { analyticOracle, randomExamples, randomNetwork } from '../attack/analyticOracle';
import { boundaryDistance } from '../attack/linearDistance';
import { irisWorkspace, type Workspace } from './workspace';

const open: Workspace[] = [];
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.remove();
});

async function reportsOf(workspace: Promise<Workspace>): Promise<Report[]> {
  open.push(await workspace);
  const { reportPaths } = await evaluate({ specPath: open.at(-1)!.specPath, threads: 1 });
  return Promise.all(reportPaths.map(async (path) => (await readReport(path)) as Report));
}

describe('the distribution of the smallest perturbations in a report', () => {
  it('agrees with the curve and with robust accuracy, where the sample is all of the data', async () => {
    const threat = { norm: 'linf', epsilon: 0.3, attacks: ['fgsm'], minimalNorm: true } as const;
    const [report] = await reportsOf(
      irisWorkspace({
        data: { test: { path: 'iris.csv', labels: 'species', limit: 50 }, range: [0, 8] },
        threatModels: [
          { ...threat, name: 'measured' },
          { ...threat, name: 'not measured', minimalNorm: false },
          { ...threat, name: 'l2', norm: 'l2' },
        ],
      }),
    );
    const [measured, plain, l2] = report!.threatModels;
    expect(plain?.minimalNorm).toBeUndefined();
    expect(measured?.minimalNorm).toMatchObject({ attacks: ['fab-t', 'fmn'], n: 50, found: 50 });
    expect(l2?.minimalNorm?.attacks).toEqual(['fab-t', 'ddn', 'fmn']);
    for (const each of [measured!, l2!]) {
      const distances = each.minimalNorm?.distances ?? [];
      const standing = (epsilon: number) => distances.filter((d) => d > epsilon).length / 50;
      expect(distances).toEqual([...distances].sort((a, b) => a - b));
      for (const { epsilon, accuracy } of each.curve) expect(accuracy.value).toBeCloseTo(standing(epsilon));
      expect(each.robustAccuracy?.value).toBeCloseTo(standing(each.epsilon));
      const { value, low, high } = each.minimalNorm!.median;
      expect(low!).toBeLessThan(value!);
      expect(high!).toBeGreaterThan(value!);
    }
    // In l2 a ball of radius r holds less than in linf.
    const middle = (each: typeof measured) => each?.minimalNorm?.median.value ?? Number.NaN;
    expect(middle(l2)).toBeGreaterThan(middle(measured));
    // Those who broke what a single step had missed are named.
    const names = new Set(report!.outcomes.brokenBy.measured);
    const rows = measured!.attacks.map(({ name }) => name);
    expect(rows[0]).toBe('fgsm');
    expect(rows.length).toBeGreaterThan(1);
    for (const row of measured!.attacks) {
      expect(names.has(row.name)).toBe(row.broken > 0);
      expect(row.attempted).toBeGreaterThanOrEqual(row.broken);
    }
    expect(measured!.robustAccuracy!.value).toBeLessThanOrEqual(plain!.robustAccuracy!.value);
    expect(measured!.attacks.at(-1)?.accuracyAfter).toEqual(measured!.robustAccuracy);
  });
});

describe('one attack over the sample', () => {
  const n = 12;
  const network = randomNetwork(10, 3, 0, 11);
  const examples = randomExamples(network, n, 12);
  const oracle = analyticOracle(network);
  const verifier = createVerifier({ predict: (x) => oracle.logits(x), classes: 3, exampleSize: 10 });
  const exact = Array.from({ length: n }, (_, i) =>
    boundaryDistance(network, examples.x.subarray(i * 10, (i + 1) * 10), examples.y[i]!, 'l2', [0, 1]),
  ).sort((a, b) => a - b);
  const epsilon = (exact[4]! + exact[5]!) / 2;
  const threat = { norm: 'l2', epsilon, bounds: [0, 1] } as const;

  /** A run in which the cascade broke nothing, the first example is wrong as it is, and an attack looks for distances. */
  async function measured(cascades: readonly (readonly PlannedAttack[])[], name = 'ddn') {
    const model = { ...threat, name: 'l2' } as unknown as ResolvedThreatModel;
    const state = emptyState({ threatModels: [model] }, n, 3, cascades);
    state.label.set(examples.y);
    state.prediction.set(examples.y);
    state.label[0] = (examples.y[0]! + 1) % 3;
    const attack = attackByName(name);
    const step = { attack, budget: attack.defaults, passes: 1, threatIndex: 0, threatName: 'l2', threat, last: true };
    const facts = { kind: 'vector', shape: [10], count: n, classes: ['a', 'b', 'c'], unitSize: 5 } as never;
    const stage = minimalStage(step, facts);
    const wanted = stage.select(state);
    expect([...wanted]).toEqual(Array.from({ length: n - 1 }, (_, i) => i + 1));
    const chunk = { indices: wanted, x: gather(examples.x, wanted, 10), y: examples.y.slice(1) };
    const result = await stage.run(chunk, { oracle, verifier, facts, seed: 0, state });
    // As a resumed run has it.
    stage.apply(state, wanted, decode(encode(result)) as typeof result);
    stage.finish?.(state);
    return { state, of: state.threats[0]!, result };
  }

  it('credits what the cascade missed within ε, once, and knows the distance of all', async () => {
    const { state, of, result } = await measured([]);
    expect(of.minimalNorm).toMatchObject({ attacks: ['ddn'], done: true });
    const known = smallestKnown(state, of);
    expect(known[0]).toBe(0);
    expect([...known.slice(1)]).toEqual([...result.distance]);
    const within = [...known.slice(1)].filter((d) => d <= epsilon).length;
    expect(within).toBeGreaterThanOrEqual(3);
    expect(of.attacks).toHaveLength(1);
    expect(of.attacks[0]).toMatchObject({ name: 'ddn', started: true, broken: within, attempted: n - 1 });
    expect(of.attacks[0]!.backwards).toBeGreaterThan(0);
    for (let i = 1; i < n; i++) expect(of.brokenBy[i]).toBe(known[i]! <= epsilon ? 0 : -1);
  });

  it('looks on within ε, to the boundary', async () => {
    const { result } = await measured([], 'fab-t');
    const wanted = Array.from({ length: n - 1 }, (_, i) => i + 1);
    let within = 0;
    for (const [k, i] of wanted.entries()) {
      const centre = examples.x.subarray(i * 10, (i + 1) * 10);
      const least = boundaryDistance(network, centre, examples.y[i]!, 'l2', [0, 1]);
      expect(result.distance[k]).toBeGreaterThan(least * 0.999);
      if (least > epsilon) continue;
      within++;
      expect([i, result.distance[k]! / least]).toEqual([i, expect.toSatisfy((ratio: number) => ratio < 1.01)]);
    }
    expect(within).toBeGreaterThanOrEqual(3);
  });

  it('credits an attack of the cascade in its own row', async () => {
    const attack = attackByName('ddn');
    const planned = [attackByName('fgsm'), attack].map((each) => ({ attack: each, budget: each.defaults, passes: 1 }));
    const { of } = await measured([planned]);
    expect(of.attacks.map(({ name, broken }) => [name, broken > 0])).toEqual([
      ['fgsm', false],
      ['ddn', true],
    ]);
    expect(new Set(of.brokenBy)).toEqual(new Set([-1, 1]));
  });
});

describe('which attacks measure', () => {
  it('is asked for, or follows from the suite and the attacks named', () => {
    expect(wantsMinimalNorm({}, 'standard')).toBe(false);
    expect(wantsMinimalNorm({}, 'thorough')).toBe(true);
    expect(wantsMinimalNorm({ minimalNorm: false }, 'thorough')).toBe(false);
    expect(wantsMinimalNorm({ attacks: ['pgd', 'ddn'] }, 'quick')).toBe(true);
    expect(wantsMinimalNorm({ attacks: ['pgd'] }, 'quick')).toBe(false);
  });

  it('are those named and the usual ones of the norm, once each', () => {
    const names = (norm: 'linf' | 'l0', cascade: Parameters<typeof minimalAttacks>[1]) =>
      minimalAttacks({ norm, minimalNorm: true }, cascade).map(({ attack }) => attack.name);
    expect(names('linf', [])).toEqual(['fab-t', 'fmn']);
    expect(names('l0', [])).toEqual(['sigma-zero']);
    const [fmn] = minimalAttacks({ norm: 'linf', minimalNorm: true }, []).slice(1);
    const own = minimalAttacks({ norm: 'linf', minimalNorm: true }, [
      { attack: fmn!.attack, budget: { iterations: 7, restarts: 5, queries: 0 } },
    ]);
    expect(own.map(({ attack }) => attack.name)).toEqual(['fmn', 'fab-t']);
    expect(own[0]?.budget).toMatchObject({ iterations: 7, restarts: 1 });
    expect(minimalAttacks({ norm: 'linf' }, own)).toEqual([]);
  });
});

describe('confirmation of points at the boundary', () => {
  it('tries a little further out what rounding left on the wrong side, and refuses what is right', async () => {
    const network = randomNetwork(12, 3, 0, 3);
    const examples = randomExamples(network, 9, 4);
    const oracle = analyticOracle(network);
    const verifier = createVerifier({ predict: (x) => oracle.logits(x), classes: 3, exampleSize: 12 });
    const threat = { norm: 'l2', epsilon: 0.1, bounds: null } as const;
    const points = examples.x.slice();
    const distances = Array.from({ length: 9 }, (_, i) => {
      const x = examples.x.subarray(i * 12, (i + 1) * 12);
      return boundaryDistance(network, x, examples.y[i]!, 'l2', [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    });
    for (let i = 0; i < 9; i++) {
      const x = examples.x.subarray(i * 12, (i + 1) * 12);
      const y = examples.y[i]!;
      // The shortest way to each rival; the one that is as long as the distance leads to the boundary.
      for (let k = 0; k < 3; k++) {
        const w = Array.from(x, (_, j) => network.weight[k * 12 + j]! - network.weight[y * 12 + j]!);
        const length = Math.hypot(...w);
        const gap = w.reduce((sum, v, j) => sum - v * x[j]!, network.bias[y]! - network.bias[k]!);
        if (k === y || Math.abs(gap / length - distances[i]!) > 1e-6) continue;
        // A hair before it, half way to it, and not moved at all.
        const share = i % 3 === 0 ? 1 - 2e-5 : i % 3 === 1 ? 0.5 : 0;
        for (let j = 0; j < 12; j++) points[i * 12 + j] = x[j]! + (share * gap * w[j]!) / length ** 2;
      }
    }
    const confirmed = await confirmedDistances(examples, points, threat, verifier);
    for (let i = 0; i < 9; i++) {
      if (i % 3 !== 0) expect(confirmed[i]).toBe(Number.POSITIVE_INFINITY);
      else {
        expect(confirmed[i]! / distances[i]!).toBeGreaterThan(1);
        expect(confirmed[i]! / distances[i]!).toBeLessThan(1.0003);
      }
    }
    expect(
      await confirmedDistances(
        { ...examples, x: examples.x.slice(0, 0), y: new Int32Array(0) },
        new Float32Array(0),
        threat,
        verifier,
      ),
    ).toHaveLength(0);
  });
});
