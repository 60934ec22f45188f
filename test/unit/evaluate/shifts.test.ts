import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpz } from '../../../src/engine/data/write';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { comparable } from '../../../src/engine/evaluate/run';
import { shareDifference } from '../../../src/engine/metric/difference';
import { Random } from '../../../src/engine/random';
import { renderCsv } from '../../../src/engine/report/csv';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import type { RegressionReport } from '../../../src/engine/report/regression';
import type { Report } from '../../../src/engine/report/schema';
import { readAnyReport } from '../../../src/engine/report/store';
import { bytesOf, TestModel } from '../onnx/model';

const size = 4;
const n = 160;
const random = Random.of(11, 'shifts');
let folder: string;

/** Two classes by x₀ against a threshold; sure of itself by `scale`. */
async function writeClassifier(name: string, threshold: number, scale: number): Promise<void> {
  const model = new TestModel(['N', size]);
  const weights = Array.from({ length: size }, (_, i) => (i === 0 ? [-scale, scale] : [0, 0])).flat();
  const product = model.op('MatMul', ['x', model.builder.floats(weights, [size, 2])]);
  const y = model.op('Add', [product, model.builder.floats([scale * threshold, -scale * threshold], [2])]);
  await writeFile(join(folder, name), bytesOf(model.finish(y, ['N', 2], 13)));
}

/** Examples whose label is by x₀ > 0; then x₀ is moved. */
async function writeData(name: string, moved: number, count = n, labelled = true): Promise<void> {
  const x = Float32Array.from({ length: count * size }, () => random.between(-1, 1));
  const y = Int32Array.from({ length: count }, (_, i) => Number(x[i * size]! > 0));
  for (let i = 0; i < count; i++) x[i * size]! += moved;
  await writeNpz(join(folder, name), {
    x: { values: x, shape: [count, size] },
    ...(labelled ? { y: { values: y, shape: [count] } } : {}),
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shifts-'));
  await writeClassifier('model.onnx', 0.05, 3);
  await writeClassifier('weak.onnx', 0.4, 3);
  await writeClassifier('weaker.onnx', 0.7, 3);
  await writeData('test.npz', 0);
  await writeData('moved.npz', 0.5);
  await writeData('outside.npz', 0, 50, false);
  await writeNpz(join(folder, 'narrow.npz'), {
    x: { values: new Float32Array(6), shape: [2, 3] },
    y: { values: Int32Array.of(0, 1), shape: [2] },
  });
  await writeNpz(join(folder, 'stray.npz'), {
    x: { values: new Float32Array(8), shape: [2, 4] },
    y: { values: Int32Array.of(0, 5), shape: [2] },
  });
  await writeFile(join(folder, 'broken.npz'), 'PK not an archive');
});
afterAll(() => rm(folder, { recursive: true }));

const usual = [
  'data: {test: {path: test.npz, layout: flat}}',
  'preprocess: {mean: 0, std: 1}',
  'threatModels: [{name: box, norm: linf, epsilon: 0.1, attacks: [fgsm]}]',
];

let runs = 0;
async function run(
  shifts: string,
  { model = 'model.onnx', lines = [] as readonly string[], signal = undefined as AbortSignal | undefined } = {},
  handlers: Parameters<typeof evaluate>[1] = {},
): Promise<Report> {
  const specPath = join(folder, `spec-${runs}.yaml`);
  const out = join(folder, `report-${runs++}.robustness.json`);
  await writeFile(specPath, [`model: ${model}`, ...usual, `shifts: ${shifts}`, ...lines].join('\n'));
  await evaluate({ specPath, out, threads: 1 }, handlers, signal);
  return (await readAnyReport(out)) as Report;
}

const moved = '{name: moved, data: {path: moved.npz, layout: flat}}';
const same = '{name: same, data: {path: test.npz, layout: flat}}';
const outside = '{name: outside, kind: out-of-distribution, data: {path: outside.npz, layout: flat}}';

describe('shifts of a classifier', () => {
  it('have accuracy, drop, drift and detection, each as the data make them', async () => {
    const report = await run(`[${same}, ${moved}, ${outside}]`, {
      lines: ['gates: ["shift(moved).accuracy >= 60%", "shift(moved).drop <= 0.1", "shift(outside).auroc >= 0"]'],
    });
    const [unchanged, shifted] = report.shifts;
    expect(unchanged).toMatchObject({ name: 'same', drop: 0, accuracy: report.clean!.accuracy });
    expect(unchanged!.drift).toMatchObject({ changed: 0, columns: size, compared: size, reference: n, examples: n });
    expect(unchanged!.drift!.mmd.data!.pValue).toBeGreaterThan(0.5);
    expect(unchanged!.data!.sha256).toBe(report.data.sha256);

    // Wrong are those whose x₀ was between −0.45 and 0 before it was moved by 0.5.
    expect(shifted!.accuracy.value).toBeGreaterThan(0.68);
    expect(shifted!.accuracy.value).toBeLessThan(0.87);
    const counts = (figure: { value: number; n: number }) => [Math.round(figure.value * figure.n), figure.n] as const;
    const drop = shareDifference(...counts(report.clean!.accuracy), ...counts(shifted!.accuracy));
    expect(shifted!.drop).toBeCloseTo(drop.value, 12);
    expect(shifted!.dropInterval![0]).toBeCloseTo(drop.low, 12);
    expect(shifted!.dropInterval![1]).toBeCloseTo(drop.high, 12);
    expect(shifted!.drift).toMatchObject({ changed: 1 });
    expect(shifted!.drift!.largest[0]).toMatchObject({ column: 0, name: 'feature 0' });
    expect(shifted!.drift!.mmd.outputs!.pValue).toBe(0.005);

    const [found] = report.outOfDistribution!;
    expect(found).toMatchObject({ name: 'outside', positive: 'out-of-distribution', ordinary: n });
    expect(found!.data).toMatchObject({ path: 'outside.npz', count: 50, available: 50 });
    // Drawn as the test data are: no score can tell them apart.
    for (const { auroc } of found!.detection) {
      expect(auroc.low).toBeLessThan(0.5);
      expect(auroc.high).toBeGreaterThan(0.5);
    }
    expect(report.gates.map(({ pass }) => pass)).toEqual([true, false, true]);
    expect(report.gates[0]!.measured).toBe(shifted!.accuracy.value);

    const markdown = renderMarkdown(report);
    for (const title of ['Distribution shifts', 'Out-of-distribution: outside', 'Columns that drift most: moved']) {
      expect(markdown).toContain(title);
    }
    expect(markdown).toContain('Out-of-distribution is the positive class.');
    const csv = renderCsv(report);
    expect(csv).toContain(`shift,,moved,,,accuracy,${shifted!.accuracy.value},`);
    expect(csv).toContain(`outOfDistribution,,outside/energy,,,fpr95,`);
  });

  it('stop and resume to the same report, and do not resume on other data', async () => {
    const whole = await run(`[${moved}, ${outside}]`);
    const spec = `spec-${runs - 1}.yaml`;
    const stop = new AbortController();
    let runId = '';
    const request = { specPath: join(folder, spec), out: join(folder, 'again.robustness.json'), threads: 1 };
    await expect(
      evaluate(
        request,
        {
          onStarted: (started) => {
            runId = started.runId;
          },
          onProgress: ({ stage }) => {
            if (stage.startsWith('Shift moved')) stop.abort();
          },
        },
        stop.signal,
      ),
    ).rejects.toThrow();
    await evaluate({ ...request, resume: runId });
    expect(comparable((await readAnyReport(request.out)) as Report)).toEqual(comparable(whole));

    const before = await readFile(join(folder, 'outside.npz'));
    await writeData('outside.npz', 1, 50, false);
    try {
      await expect(evaluate({ ...request, resume: runId })).rejects.toMatchObject({
        code: 'evaluate/journal-mismatch',
      });
    } finally {
      await writeFile(join(folder, 'outside.npz'), before);
    }
  });

  it.each([
    ['[{name: gone, data: {path: gone.npz}}]', 'data/', 'The shift “gone” cannot be used'],
    ['[{name: thin, data: {path: narrow.npz, layout: flat}}]', 'data/shift-shape', 'The shift “thin” cannot be used'],
    ['[{name: torn, data: {path: broken.npz}}]', 'data/', 'The shift “torn” cannot be used'],
    ['[{name: bare, data: {path: outside.npz, layout: flat}}]', 'data/no-such-array', 'The shift “bare”'],
    ['[{name: odd, data: {path: stray.npz, layout: flat}}]', 'data/labels', 'The shift “odd” holds the label 5'],
    [`[${same}, ${same}]`, 'spec/duplicate-name', 'two shifts called “same”'],
    ['[{name: "a(b)", data: {path: test.npz}}]', 'spec/invalid', ''],
    ['[{name: x, kind: other, data: {path: test.npz}}]', 'spec/invalid', ''],
  ])('refuse %s by name', async (shifts, code, message) => {
    await expect(run(shifts)).rejects.toMatchObject({
      code: expect.stringContaining(code),
      message: expect.stringContaining(message),
      hint: expect.stringMatching(/\S/),
    });
  });

  it.each([
    ['shift(other).accuracy >= 0.5', 'no shift `other`'],
    ['shift(same).speed >= 0.5', 'not a metric of a shift'],
    ['shift(same) >= 0.5', 'not of the form'],
  ])('refuse the gate %s', async (gate, message) => {
    await expect(run(`[${same}]`, { lines: [`gates: ["${gate}"]`] })).rejects.toMatchObject({
      code: 'spec/gate',
      message: expect.stringContaining(message),
    });
  });
});

describe('effective robustness', () => {
  it('is what the line through two other models does not explain', async () => {
    const points: (readonly [number, number])[] = [];
    const paths: string[] = [];
    for (const model of ['weak.onnx', 'weaker.onnx']) {
      const { clean, shifts } = await run(`[${moved}]`, { model });
      points.push([clean!.accuracy.value, shifts[0]!.accuracy.value]);
      paths.push(`report-${runs - 1}.robustness.json`);
    }
    const report = await run(`[${moved}]`, { lines: [`shiftBaselines: [${paths.join(', ')}]`] });
    const [shift] = report.shifts;
    const logit = (p: number) => Math.log(p / (1 - p));
    const [[x1, y1], [x2, y2]] = points as [readonly [number, number], readonly [number, number]];
    const slope = (logit(y2) - logit(y1)) / (logit(x2) - logit(x1));
    const at = logit(y1) + slope * (logit(Math.min(1 - 1e-4, report.clean!.accuracy.value)) - logit(x1));
    const expected = 1 / (1 + Math.exp(-at));
    expect(shift!.effectiveRobustness!.expected).toBeCloseTo(expected, 9);
    expect(shift!.effectiveRobustness!.value).toBeCloseTo(shift!.accuracy.value - expected, 9);
    expect(shift!.effectiveRobustness!.baselines.map((b) => b.model)).toEqual(['weak.onnx', 'weaker.onnx']);
    expect(renderMarkdown(report)).toContain('So few models make a rough line.');

    const alone = await run(`[${moved}, ${same}]`, { lines: [`shiftBaselines: [${paths[0]}]`] });
    expect(alone.shifts[0]!.effectiveRobustness).toBeUndefined();
    expect(alone.shifts[0]!.notes).toEqual(['effective robustness needs 2 baselines or more, and has 1']);
    expect(alone.shifts[1]!.notes![0]).toContain('it has no shift “same”');
    expect(renderMarkdown(alone)).toContain('needs 2 baselines or more');
  });

  it('refuses a baseline that is no report before anything runs', async () => {
    await expect(run(`[${moved}]`, { lines: ['shiftBaselines: [test.npz]'] })).rejects.toMatchObject({
      code: expect.stringContaining('report/'),
    });
  });
});

describe('shifts of a regression', () => {
  it('have errors and their rise', async () => {
    const model = new TestModel(['N', size]);
    const product = model.op('MatMul', ['x', model.builder.floats([1, 0, 0, 0], [size, 1])]);
    const y = model.op('Add', [product, model.builder.floats([0], [1])]);
    await writeFile(join(folder, 'line.onnx'), bytesOf(model.finish(y, ['N', 1], 13)));
    for (const [name, off] of [
      ['near.npz', 0.1],
      ['far.npz', 0.6],
    ] as const) {
      const x = Float32Array.from({ length: 40 * size }, () => random.between(-1, 1));
      const targets = Float32Array.from({ length: 40 }, (_, i) => x[i * size]! + (i % 2 === 0 ? off : -off));
      await writeNpz(join(folder, name), { x: { values: x, shape: [40, size] }, y: { values: targets, shape: [40] } });
    }
    const specPath = join(folder, 'regression.yaml');
    const lines = [
      'model: line.onnx',
      'task: regression',
      'data: {test: {path: near.npz, layout: flat}}',
      'preprocess: {mean: 0, std: 1}',
      'threatModels: [{name: box, norm: linf, epsilon: 0.1, attacks: [fgsm]}]',
      'shifts: [{name: far, data: {path: far.npz, layout: flat}}]',
      'gates: ["shift(far).mae <= 0.7", "shift(far).rise <= 0.1"]',
    ];
    await writeFile(specPath, lines.join('\n'));
    const out = join(folder, 'regression.robustness.json');
    await evaluate({ specPath, out, threads: 1 });
    const report = (await readAnyReport(out)) as RegressionReport;
    const [shift] = report.shifts!;
    expect(shift!.mae.value).toBeCloseTo(0.6, 5);
    expect(shift!.rmse.value).toBeCloseTo(0.6, 5);
    expect(shift!.rise).toBeCloseTo(0.5, 5);
    expect(shift!.drift!.changed).toBe(0);
    expect(report.gates.map(({ pass }) => pass)).toEqual([true, false]);
    expect(renderMarkdown(report)).toContain('Rise of the MAE');
    expect(renderCsv(report)).toContain('shift,,far,,,rise,');
  });
});
