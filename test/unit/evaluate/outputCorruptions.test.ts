import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corruptionByName } from '../../../src/engine/corruption/registry';
import { columnsOf } from '../../../src/engine/corruption/tabular/columns';
import { openDataset } from '../../../src/engine/data/open';
import { writeNpz } from '../../../src/engine/data/write';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { corruptedOutputFigures } from '../../../src/engine/metric/outputCorruption';
import { regressionMetrics } from '../../../src/engine/metric/regression';
import { Random } from '../../../src/engine/random';
import { renderCsv } from '../../../src/engine/report/csv';
import { renderHtml } from '../../../src/engine/report/html';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import type { RegressionReport } from '../../../src/engine/report/regression';
import { readAnyReport } from '../../../src/engine/report/store';
import type { CorruptionName } from '../../../src/engine/spec/corruptions';
import { bytesOf, TestModel } from '../onnx/model';

const weights = [3, -2, 0.5, 1];
const size = weights.length;
const n = 60;
const seed = 5;
const tolerance = 1.5;
let folder: string;

const random = Random.of(7, 'corrupted outputs');
const x = Float32Array.from({ length: n * size }, () => random.normal());
const formula = (row: ArrayLike<number>) => weights.reduce((sum, w, k) => sum + w * row[k]!, 1);
const rowOf = (i: number) => x.slice(i * size, (i + 1) * size);
const y = Float32Array.from({ length: n }, (_, i) => formula(rowOf(i)) + random.between(-0.4, 0.4));

async function writeModel(name: string, shape: readonly number[]): Promise<void> {
  const model = new TestModel(['N', ...shape]);
  const flat = model.op('Reshape', ['x', model.builder.ints([-1, size])]);
  const product = model.op('MatMul', [flat, model.builder.floats(weights, [size, 1])]);
  await writeFile(
    join(folder, name),
    bytesOf(model.finish(model.op('Add', [product, model.builder.floats([1], [1])]), ['N', 1], 13)),
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corrupted-outputs-'));
  await writeModel('table.onnx', [size]);
  await writeModel('image.onnx', [1, 2, 2]);
  await writeModel('series.onnx', [2, 2]);
  const answers = { values: y, shape: [n] };
  await writeNpz(join(folder, 'table.npz'), { x: { values: x, shape: [n, size] }, y: answers });
  await writeNpz(join(folder, 'image.npz'), { x: { values: x, shape: [n, 1, 2, 2] }, y: answers });
  await writeNpz(join(folder, 'series.npz'), { x: { values: x, shape: [n, 2, 2] }, y: answers });
});
afterAll(() => rm(folder, { recursive: true }));

async function run(kind: string, more: object): Promise<RegressionReport> {
  const specPath = join(folder, 'robustness.json');
  const spec = {
    task: 'regression',
    model: `${kind}.onnx`,
    data: { test: { path: `${kind}.npz`, ...(kind === 'series' ? { kind, layout: 'ct' } : {}) } },
    preprocess: { mean: 0, std: 1 },
    threatModels: [
      { name: 'linf', norm: 'linf', epsilon: 0.1, suite: 'quick', attacks: ['fgsm', 'pgd'], iterations: 1 },
    ],
    tolerance,
    seed,
    ...more,
  };
  await writeFile(specPath, JSON.stringify(spec));
  const { reportPaths } = await evaluate({ specPath, threads: 1 });
  return (await readAnyReport(reportPaths[0]!)) as RegressionReport;
}

/** What the formula gives for every example under a corruption of the table. */
async function byHand(name: CorruptionName, severity: number, missing?: 'nan'): Promise<number[]> {
  const dataset = await openDataset({ path: join(folder, 'table.npz') }, '/', { answers: 'targets' });
  const columns = await columnsOf(dataset, undefined, seed);
  await dataset.close();
  const corruption = corruptionByName(name, missing);
  return Array.from({ length: n }, (_, i) =>
    formula(
      corruption.apply(
        rowOf(i),
        [size],
        severity,
        [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
        Random.of(seed, name, severity, i),
        columns,
      ),
    ),
  );
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a regression under corruptions', () => {
  it('has the errors of the formula that its model is', async () => {
    const report = await run('table', {
      corruptions: { only: ['drifted_columns', 'outliers'], severities: [1, 4] },
      gates: [
        'corruptions.mae <= 3',
        'corruptions.ratio <= 2',
        'corruptions.withinTolerance >= 1%',
        'corruptions.worstMae >= 1',
      ],
    });
    const { corruptions } = report;
    expect(corruptions!.byCorruption.map(({ name, severity }) => `${name} ${severity}`)).toEqual([
      'drifted_columns 1',
      'drifted_columns 4',
      'outliers 1',
      'outliers 4',
    ]);
    const clean = Array.from({ length: n }, (_, i) => formula(rowOf(i)));
    const errors = Array.from(clean, (value, i) => Math.abs(value - y[i]!));
    const sums = new Float64Array(n);
    for (const row of corruptions!.byCorruption) {
      const given = await byHand(row.name as CorruptionName, row.severity);
      const off = given.map((value, i) => value - y[i]!);
      off.forEach((value, i) => {
        sums[i]! += Math.abs(value) / 4;
      });
      expect(row.mae!.value).toBeCloseTo(mean(off.map(Math.abs)), 4);
      expect(row.rmse!.value).toBeCloseTo(Math.sqrt(mean(off.map((value) => value ** 2))), 4);
      expect(row.ratio!.value).toBeCloseTo(mean(off.map(Math.abs)) / mean(errors), 3);
      expect(row.meanChange!.value).toBeCloseTo(mean(given.map((value, i) => Math.abs(value - clean[i]!))), 4);
      expect(row.withinTolerance!.value).toBeCloseTo(mean(off.map((v) => (Math.abs(v) <= tolerance ? 1 : 0))), 9);
      for (const figure of [row.mae!, row.rmse!, row.ratio!]) {
        expect(figure.low).toBeLessThan(figure.value);
        expect(figure.high).toBeGreaterThan(figure.value);
        expect(figure.n).toBe(n);
      }
      expect(row.parameter).toMatch(/σ/);
      expect(row).not.toHaveProperty('unanswered');
    }
    expect(corruptions!.mae!.value).toBeCloseTo(mean([...sums]), 4);
    const worst = ['drifted_columns', 'outliers'].map((name) =>
      mean(corruptions!.byCorruption.filter((row) => row.name === name).map(({ mae }) => mae!.value)),
    );
    expect(corruptions!.worst!.mae).toBeCloseTo(Math.max(...worst), 9);
    expect(corruptions!.worst!.name).toBe(worst[0]! > worst[1]! ? 'drifted_columns' : 'outliers');
    expect(report.gates.map(({ measured }) => measured)).toEqual([
      corruptions!.mae!.value,
      corruptions!.ratio!.value,
      corruptions!.withinTolerance!.value,
      corruptions!.worst!.mae,
    ]);
    expect(report.gates[1]!.pass).toBe(corruptions!.ratio!.value <= 2);

    const markdown = renderMarkdown(report);
    expect(markdown).toContain('## Corruptions');
    expect(markdown).toMatch(/The largest errors are under (Drifted columns|Outliers)/);
    expect(markdown).toContain('## What the severities mean');
    expect(markdown).toContain('## Residuals');
    const [farthest] = errors.map((error, i) => ({ error, i })).sort((a, b) => b.error - a.error);
    const listed = markdown.slice(markdown.indexOf('## Largest clean errors'));
    expect(listed.split('\n').find((line) => /^\| \d/.test(line))).toMatch(new RegExp(`^\\| ${farthest!.i} \\|`));
    expect(markdown).toContain('| Within tolerance | 100.0 %');
    const html = renderHtml(report);
    expect(html).toContain('<circle class="dot"');
    expect(html).toContain('class="heat"');
    const csv = renderCsv(report);
    expect(csv).toContain(`corruption,,outliers,4,,mae,${corruptions!.byCorruption[3]!.mae!.value},`);
    expect(csv).toContain(`corruptions,,,,,ratio,${corruptions!.ratio!.value},`);
  });

  it('counts what gets no number as outside of tolerance, and measures errors on the others', async () => {
    const report = await run('table', {
      corruptions: { only: ['missing_values'], severities: [2, 5], missing: 'nan' },
    });
    for (const row of report.corruptions!.byCorruption) {
      const given = await byHand('missing_values', row.severity, 'nan');
      const answered = given.flatMap((value, i) => (Number.isNaN(value) ? [] : [Math.abs(value - y[i]!)]));
      expect(row.unanswered).toBe(n - answered.length);
      expect(answered.length).toBeLessThan(n);
      expect(row.mae!.n).toBe(answered.length);
      expect(row.mae!.value).toBeCloseTo(mean(answered), 4);
      expect(row.withinTolerance!.value).toBeCloseTo(answered.filter((error) => error <= tolerance).length / n, 9);
    }
    const [row] = report.corruptions!.byCorruption;
    expect(renderMarkdown(report)).toContain(
      `Under Missing values at severity 2 the model gives no number for ${row!.unanswered} examples`,
    );
  });

  it('is measured on images and time series, too', async () => {
    const image = await run('image', {
      data: { test: { path: 'image.npz' }, range: [-6, 6] },
      corruptions: { only: ['gaussian_noise', 'missing_values'], severities: [1, 5] },
    });
    expect(image.data.kind).toBe('image');
    const [weak, strong] = image.corruptions!.byCorruption;
    expect(strong!.mae!.value).toBeGreaterThan(weak!.mae!.value);
    expect(image.inferred.join()).toContain('Missing values was left out, it is not defined for data of kind image');
    const series = await run('series', { corruptions: { only: ['white_noise', 'gain'], severities: [5] } });
    expect(series.data).toMatchObject({ kind: 'series', shape: [2, 2] });
    expect(series.corruptions!.byCorruption.map(({ name }) => name)).toEqual(['white_noise', 'gain']);
    expect(series.gallery[0]!.waveform).toMatchObject({ channels: 2, frames: 2 });
    expect(series.gallery[0]!.values).toBeNull();
  });
});

describe('figures of corrupted outputs', () => {
  it('are those of the clean metrics, which scikit-learn holds', () => {
    const predictions = Float32Array.from({ length: 80 }, () => random.normal());
    const targets = Float32Array.from({ length: 80 }, () => random.normal());
    const clean = Float64Array.from({ length: 80 }, () => random.uniform());
    const off = Float64Array.from(predictions, (p, i) => p - targets[i]!);
    const found = corruptedOutputFigures(
      { absolute: off.map(Math.abs), squared: off.map((v) => v * v), change: off.map(Math.abs), clean },
      1,
    );
    const reference = regressionMetrics({ predictions, targets, outputs: 1, seed: 1 });
    expect(found.mae).toEqual({
      ...reference.mae,
      value: expect.closeTo(reference.mae.value, 9),
      low: expect.closeTo(reference.mae.low, 9),
      high: expect.closeTo(reference.mae.high, 9),
    });
    expect(found.rmse!.value).toBeCloseTo(reference.rmse.value, 9);
    expect(found.ratio!.value).toBeCloseTo(mean([...off.map(Math.abs)]) / mean([...clean]), 9);
  });

  it('are null where nothing was answered, and the ratio where there was no error before', () => {
    const none = [Number.NaN, Number.NaN];
    expect(corruptedOutputFigures({ absolute: none, squared: none, change: none, clean: [1, 1] }, 0)).toEqual({
      mae: null,
      rmse: null,
      ratio: null,
      meanChange: null,
    });
    const some = corruptedOutputFigures({ absolute: [1, 2], squared: [1, 4], change: [1, 1], clean: [0, 0] }, 0);
    expect(some.ratio).toBeNull();
    expect(some.mae!.value).toBe(1.5);
  });
});
