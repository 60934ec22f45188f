import { afterEach, describe, expect, it } from 'vitest';
import { createVerifier } from '../../../src/engine/attack/verify';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { minimalAttacks } from '../../../src/engine/evaluate/minimalAttacks';
import { confirmedDistances } from '../../../src/engine/evaluate/stage/minimal';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import { wantsMinimalNorm } from '../../../src/engine/spec/minimalNorm';
import { analyticOracle, randomExamples, randomNetwork } from '../attack/analyticOracle';
import { boundaryDistance } from '../attack/linearDistance';
import { digitsWorkspace, irisWorkspace, type Workspace } from './workspace';

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
    // A single step misses examples; those who broke them are named.
    const names = new Set(report!.outcomes.brokenBy.measured);
    const rows = measured!.attacks.map(({ name }) => name);
    expect(rows[0]).toBe('fgsm');
    expect(rows.length).toBeGreaterThan(1);
    for (const row of measured!.attacks) {
      expect(names.has(row.name)).toBe(row.broken > 0);
      expect(row.attempted).toBeGreaterThanOrEqual(row.broken);
    }
    expect(measured!.robustAccuracy!.value).toBeLessThan(plain!.robustAccuracy!.value);
    expect(measured!.attacks.at(-1)?.accuracyAfter).toEqual(measured!.robustAccuracy);
  });

  it('is far smaller for a plain network than for one trained against attacks', async () => {
    const [plain, robust] = await reportsOf(
      digitsWorkspace({
        model: undefined,
        models: ['models/plain.onnx', 'models/robust.onnx'],
        data: { test: { path: 'data/test.npz', inputs: 'x', labels: 'y', limit: 8 }, range: [0, 255], unit: 255 },
        threatModels: [{ name: 'l2', norm: 'l2', epsilon: 0.5, iterations: 60, attacks: ['deepfool'] }],
        corruptions: false,
      }),
    );
    const of = (report: Report | undefined) => report!.threatModels[0]!.minimalNorm!;
    expect(of(plain).attacks).toEqual(['deepfool', 'fab-t', 'ddn', 'fmn']);
    expect(of(plain).found).toBe(8);
    expect(of(robust).found).toBe(8);
    expect(of(robust).median.value!).toBeGreaterThan(1.5 * of(plain).median.value!);
  }, 60_000);
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
