import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpz } from '../../../src/engine/data/write';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { parseRegressionGate } from '../../../src/engine/evaluate/regression/gate';
import { Random } from '../../../src/engine/random';
import { renderCsv } from '../../../src/engine/report/csv';
import { renderHtml } from '../../../src/engine/report/html';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import type { AnyReport, RegressionReport } from '../../../src/engine/report/regression';
import { parseAnyReport, readAnyReport, readReport } from '../../../src/engine/report/store';
import { bytesOf, TestModel } from '../onnx/model';

const weights = [3, -2, 0.5, 1];
const size = 4;
const n = 30;
let folder: string;

/** y = w·x + 1, or of two outputs that and its negative half. */
async function writeLinear(name: string, outputs: 1 | 2): Promise<void> {
  const model = new TestModel(['N', size]);
  const columns = weights.flatMap((w) => (outputs === 1 ? [w] : [w, -w / 2]));
  const product = model.op('MatMul', ['x', model.builder.floats(columns, [size, outputs])]);
  const y = model.op('Add', [product, model.builder.floats(outputs === 1 ? [1] : [1, 0], [outputs])]);
  await writeFile(join(folder, name), bytesOf(model.finish(y, ['N', outputs], 13)));
}

const random = Random.of(7, 'regression');
const x = Float32Array.from({ length: n * size }, () => random.between(-1, 1));
const clean = Array.from({ length: n }, (_, i) => weights.reduce((sum, w, k) => sum + w * x[i * size + k]!, 1));
const noise = Float32Array.from({ length: n }, () => random.between(-0.4, 0.4));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regression-'));
  await writeLinear('line.onnx', 1);
  await writeLinear('two.onnx', 2);
  const one = Float32Array.from(clean, (v, i) => v + noise[i]!);
  const both = Float32Array.from(clean.flatMap((v, i) => [v + noise[i]!, (1 - v) / 2]));
  await writeNpz(join(folder, 'one.npz'), { x: { values: x, shape: [n, size] }, y: { values: one, shape: [n] } });
  await writeNpz(join(folder, 'two.npz'), { x: { values: x, shape: [n, size] }, y: { values: both, shape: [n, 2] } });
});
afterAll(() => rm(folder, { recursive: true }));

async function run(lines: string, handlers: Parameters<typeof evaluate>[1] = {}): Promise<RegressionReport> {
  const specPath = join(folder, 'robustness.yaml');
  await writeFile(specPath, `task: regression\npreprocess: {mean: 0, std: 1}\n${lines}`);
  const { reportPaths } = await evaluate({ specPath, threads: 1 }, handlers);
  const report = await readAnyReport(reportPaths[0]!);
  if (report.task !== 'regression') throw new Error('another task');
  return report;
}

const threats = `threatModels:
  - {name: box, norm: linf, epsilon: 0.1, knowledge: white-box, goal: untargeted, suite: quick}
  - {name: ball, norm: l2, epsilon: 0.2, knowledge: white-box, goal: untargeted, suite: quick}`;

describe('an evaluation of a regression', () => {
  it('finds the worst case of a linear model, which has a closed form', async () => {
    const seen: AnyReport[] = [];
    const report = await run(
      `model: line.onnx\ntolerance: 0.5\ndata: {test: {path: one.npz}}\n${threats}
gates: ["clean.mae <= 0.4", "worstCase.maxChange(box) <= 0.6", "withinTolerance(ball) >= 99%"]`,
      { onReport: (each) => seen.push(structuredClone(each)) },
    );
    const errors = [...noise].map(Math.abs);
    const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
    expect(report.clean!.mae.value).toBeCloseTo(mean(errors), 5);
    expect(report.clean!.r2!.value).toBeGreaterThan(0.98);
    const [box, ball] = report.threatModels;
    // ε times the dual norm: ℓ1 of the weights for ℓ∞, ℓ2 for ℓ2.
    for (const [threat, change] of [
      [box!, 0.1 * 6.5],
      [ball!, 0.2 * Math.hypot(...weights)],
    ] as const) {
      expect(threat.worstCase!.maxChange).toBeCloseTo(change, 3);
      expect(threat.worstCase!.meanChange.value).toBeCloseTo(change, 3);
      expect(threat.worstCase!.mae.value).toBeCloseTo(mean(errors) + change, 3);
      expect(threat.worstCase!.rmse.value).toBeCloseTo(Math.sqrt(mean(errors.map((e) => (e + change) ** 2))), 3);
      expect(threat.withinTolerance!.value).toBeCloseTo(mean(errors.map((e) => Number(e + change <= 0.5))), 6);
      expect(threat.certifiedInterval).toBeNull();
      expect(threat.attacks.every((attack) => attack.refused === 0)).toBe(true);
      const reached = report.outcomes.reached[threat.name]!;
      clean.forEach((v, i) => {
        expect(reached.highest[i]![0]).toBeCloseTo(v + change, 3);
        expect(reached.lowest[i]![0]).toBeCloseTo(v - change, 3);
      });
    }
    expect(report.gates.map(({ pass }) => pass)).toEqual([true, false, false]);
    expect(report.pitfalls.filter(({ severity }) => severity === 'error')).toEqual([]);
    // The worst case only grows while it runs.
    const maes = seen.flatMap((each) =>
      each.task === 'regression' ? [each.threatModels[0]?.worstCase?.mae.value ?? 0] : [],
    );
    maes.forEach((mae, k) => {
      expect(mae).toBeGreaterThanOrEqual((maes[k - 1] ?? 0) - 1e-9);
    });

    for (const text of [renderMarkdown(report), renderHtml(report)]) {
      expect(text).toContain('Worst MAE');
      expect(text).toContain('to drive the predicted numbers up or down');
    }
    expect(renderCsv(report)).toMatch(/worstCase,box,,,0\.1,maxChange,0\.6/);
    const path = join(folder, '.robustness', 'line.robustness.json');
    await expect(readReport(path)).rejects.toMatchObject({ code: 'report/task' });
    for (const broken of [
      { ...report, clean: { accuracy: 1 } },
      { ...report, outcomes: null },
      { ...report, checks: {} },
    ]) {
      expect(() => parseAnyReport(JSON.stringify(broken), 'r')).toThrow(
        expect.objectContaining({ code: 'report/invalid' }),
      );
    }
  });

  it('drives several outputs together and each by itself', async () => {
    const report = await run(`model: two.onnx\ndata: {test: {path: two.npz}}\n${threats}`);
    expect(report.outputs).toBe(2);
    const { worstCase } = report.threatModels[0]!;
    expect(worstCase!.maxChange).toBeCloseTo(0.65, 3);
    const reached = report.outcomes.reached.box!;
    expect(reached.highest[0]![1]! - report.outcomes.prediction[0]![1]!).toBeCloseTo(0.325, 3);
    // Both outputs move at one point: the error is their mean there.
    const mean = [...noise].reduce((sum, e) => sum + (Math.abs(e) + 0.65 + 0.325) / 2, 0) / n;
    expect(worstCase!.mae.value).toBeLessThanOrEqual(mean + 1e-3);
    expect(worstCase!.mae.value).toBeGreaterThan(mean - 0.35);
    expect(renderMarkdown(report)).toContain('## By output');
  });

  it('gives the same report again, and after an interruption', async () => {
    const lines = `model: line.onnx\ndata: {test: {path: one.npz}}\n${threats}`;
    const first = await run(lines);
    const stop = new AbortController();
    const specPath = join(folder, 'robustness.yaml');
    let runId = '';
    let units = 0;
    const stopped = evaluate(
      { specPath, threads: 1 },
      {
        onStarted: (started) => {
          runId = started.runId;
        },
        onProgress: () => {
          if (++units === 4) stop.abort();
        },
      },
      stop.signal,
    );
    await expect(stopped).rejects.toThrow();
    const { reportPaths } = await evaluate({ specPath, threads: 1, resume: runId });
    const resumed = (await readAnyReport(reportPaths[0]!)) as RegressionReport;
    for (const part of ['clean', 'outcomes', 'gallery'] as const) expect(resumed[part]).toEqual(first[part]);
    const untimed = (report: RegressionReport) =>
      report.threatModels.map((t) => ({ ...t, attacks: t.attacks.map((a) => ({ ...a, seconds: 0 })) }));
    expect(untimed(resumed)).toEqual(untimed(first));
  });

  it('takes time series as they are: steps by channels, no images', async () => {
    const [steps, channels] = [6, 2];
    const model = new TestModel(['N', steps, channels]);
    const kernel = model.builder.floats([1, -1, 2, 0.5, 1, 1], [1, channels, 3]);
    const turned = model.op('Transpose', ['x'], { perm: [0, 2, 1] });
    const filtered = model.op('Relu', [model.op('Conv', [turned, kernel], { pads: [1, 1] })]);
    const y = model.op('Reshape', [
      model.op('ReduceSum', [filtered, model.builder.ints([1, 2])], { keepdims: 0 }),
      model.builder.ints([-1, 1]),
    ]);
    await writeFile(join(folder, 'series.onnx'), bytesOf(model.finish(y, ['N', 1], 13)));
    const series = Float32Array.from({ length: 10 * steps * channels }, () => random.between(-2, 2));
    await writeNpz(join(folder, 'series.npz'), {
      x: { values: series, shape: [10, steps, channels] },
      y: { values: new Float32Array(10), shape: [10, 1] },
    });
    const report = await run(`model: series.onnx\ndata: {test: {path: series.npz, layout: flat}}\n${threats}`);
    expect(report.data).toMatchObject({ kind: 'vector', shape: [steps * channels] });
    expect(report.gallery[0]!.image).toBeNull();
    expect(report.threatModels[0]!.worstCase!.meanChange.value).toBeGreaterThan(0.5);
  });

  it('refuses what does not fit', async () => {
    const bad = (lines: string) => run(lines);
    await expect(bad(`model: line.onnx\ndata: {test: {path: two.npz}}\n${threats}`)).rejects.toMatchObject({
      code: 'data/targets',
    });
    const dlr = threats.replace('suite: quick}', 'attacks: [apgd-dlr]}');
    await expect(bad(`model: line.onnx\ndata: {test: {path: one.npz}}\n${dlr}`)).rejects.toMatchObject({
      code: 'spec/no-attack',
    });
    const gate = 'gates: ["robustAccuracy(box) >= 0.5"]';
    await expect(bad(`model: line.onnx\ndata: {test: {path: one.npz}}\n${threats}\n${gate}`)).rejects.toMatchObject({
      code: 'spec/gate',
      hint: expect.stringContaining('worstCase.mae'),
    });
    expect(() => parseRegressionGate('worstCase.mae <= 3', ['box'])).toThrow('needs a threat model');
  });
});

describe('the sample with constraints', () => {
  it('is attacked within them', async () => {
    const sample = join(folder, 'flats');
    await cp(resolve('samples/flats'), sample, { recursive: true });
    const specPath = join(sample, 'robustness.yaml');
    const { reportPaths } = await evaluate({ specPath, limit: 12, threads: 1 });
    const report = (await readAnyReport(reportPaths[0]!)) as RegressionReport;
    expect(report.clean!.r2!.value).toBeGreaterThan(0.9);
    expect(report.threatModels).toHaveLength(2);
    for (const threat of report.threatModels) {
      expect(threat.description).toContain("in units of each feature's scale");
      expect(threat.attacks.every((attack) => attack.refused === 0)).toBe(true);
      expect(threat.worstCase!.mae.value).toBeGreaterThan(1.5 * report.clean!.mae.value);
    }
    expect(report.gallery.length).toBeGreaterThan(0);
    const close = (value: number, to: number) => Math.abs(value - to) < 1e-4;
    for (const { values } of report.gallery) {
      const before = Object.fromEntries(values!.names.map((name, i) => [name, values!.original[i]!]));
      const after = Object.fromEntries(values!.names.map((name, i) => [name, values!.adversarial[i]!]));
      expect(after.year_built).toBe(before.year_built);
      expect(after.distance_km).toBe(before.distance_km);
      expect(close(after.rooms!, Math.round(after.rooms!))).toBe(true);
      expect(close(after.floor!, Math.round(after.floor!))).toBe(true);
      const heating = [after.heating_gas!, after.heating_district!, after.heating_heat_pump!];
      expect(heating.filter((v) => close(v, 1))).toHaveLength(1);
      expect(heating.filter((v) => close(v, 0))).toHaveLength(2);
      expect(Math.abs(after.area! - before.area!)).toBeLessThanOrEqual(10.0001);
    }
    // The figures are those of the file: the spec in the report holds no infinities.
    expect(await readFile(reportPaths[0]!, 'utf8')).not.toContain('"constraints"');
  });
});

describe('a classifier of a table', () => {
  it('is attacked within the constraints too', async () => {
    const specPath = join(folder, 'iris.yaml');
    const tiny = resolve('test/fixtures/tiny');
    const spec = (features: string) => `model: ${tiny}/tiny.onnx
data: {test: {path: ${tiny}/iris.csv}${features}}
preprocess: {mean: 0, std: 1}
threatModels: [{name: box, norm: linf, epsilon: 0.8, knowledge: white-box, goal: untargeted, suite: quick}]`;
    const measure = async (features: string) => {
      await writeFile(specPath, spec(features));
      const { reportPaths } = await evaluate({ specPath, threads: 1 });
      return readReport(reportPaths[0]!);
    };
    const free = await measure('');
    const held = await measure(
      ', features: [{name: petal_length, immutable: true}, {name: petal_width, immutable: true}, {name: sepal_length, direction: increase}]',
    );
    const frozen = await measure(
      `, features: [${['sepal_length', 'sepal_width', 'petal_length', 'petal_width'].map((name) => `{name: ${name}, immutable: true}`).join(', ')}]`,
    );
    const scaled = await measure(', features: [{name: petal_length, scale: 0.01}, {name: petal_width, scale: 0.01}]');
    const robust = (report: typeof free) => report.threatModels[0]!.robustAccuracy!.value;
    expect(robust(free)).toBeLessThan(robust(held));
    expect(robust(frozen)).toBe(frozen.clean!.accuracy.value);
    expect(robust(scaled)).toBeGreaterThan(robust(free));
    for (const report of [held, scaled]) {
      expect(report.clean!.accuracy.value).toBe(free.clean!.accuracy.value);
      expect(report.threatModels[0]!.attacks.every(({ refused }) => refused === 0)).toBe(true);
    }
    expect(held.gallery.length).toBeGreaterThan(0);
    for (const { values } of held.gallery) {
      const [before, after] = [values!.original, values!.adversarial].map((row) =>
        Object.fromEntries(values!.names.map((name, i) => [name, row[i]!])),
      ) as [Record<string, number>, Record<string, number>];
      expect(after.petal_length).toBe(before.petal_length);
      expect(after.petal_width).toBe(before.petal_width);
      if (before.sepal_length !== undefined) expect(after.sepal_length).toBeGreaterThanOrEqual(before.sepal_length);
    }
  });
});
