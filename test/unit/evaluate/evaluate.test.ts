import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { comparable, type RunProgress } from '../../../src/engine/evaluate/run';
import { type Report, reportSchema } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import { digitsWorkspace, irisWorkspace, type Workspace } from './workspace';

/** Of the digits workspace. */
const count = 40;

const open: Workspace[] = [];
async function keep(workspace: Promise<Workspace>): Promise<Workspace> {
  open.push(await workspace);
  return workspace;
}
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.remove();
});

async function reportOf(specPath: string, options = {}): Promise<Report> {
  const { reportPaths } = await evaluate({ specPath, ...options });
  return readReport(reportPaths[0] ?? '');
}

describe('evaluate', () => {
  it('gives a whole report of a real network, and streams it while it grows', async () => {
    const { specPath, root } = await keep(
      digitsWorkspace({ gates: ['clean.accuracy >= 0.9', 'robustAccuracy(linf) >= 0.9'] }),
    );
    const reports: Report[] = [];
    const progress: RunProgress[] = [];
    const started: string[] = [];
    const { reportPaths } = await evaluate(
      { specPath },
      {
        onReport: (report) => {
          if (report.task === 'classification') reports.push(report);
        },
        onProgress: (each) => progress.push(each),
        onStarted: ({ reportPath }) => started.push(reportPath),
      },
    );
    expect(reportPaths).toEqual([join(root, '.robustness', 'plain.robustness.json')]);
    expect(started).toEqual(reportPaths);
    const report = await readReport(reportPaths[0] ?? '');
    expect(report).toEqual(reports.at(-1));
    expect(report.status).toMatchObject({ state: 'complete', done: 100, total: 100 });
    expect(report.model.path).toBe('models/plain.onnx');
    expect(report.specPath).toBe('robustness.json');
    expect(JSON.stringify(report)).not.toContain(root);
    for (const partial of reports) expect(reportSchema.safeParse(partial).error).toBeUndefined();
    expect(reports[0]).toMatchObject({ status: { state: 'running' }, clean: null });

    const [threat] = report.threatModels;
    const correct = report.outcomes.label.filter((label, i) => label === report.outcomes.prediction[i]).length;
    expect(report.clean?.accuracy.value).toBeCloseTo(correct / count);
    expect(threat?.examplesDone).toBe(count);
    const broken = threat?.attacks.reduce((sum, attack) => sum + attack.broken, 0) ?? 0;
    expect(broken).toBeGreaterThan(12);
    expect(threat?.robustAccuracy?.value).toBeCloseTo((correct - broken) / count);
    expect(threat?.attackSuccessRate?.value).toBeCloseTo(broken / correct);
    expect(threat?.attacks.map((attack) => attack.name)).toEqual(['fgsm', 'pgd', 'apgd-ce']);
    // The cascade hands on only what still stands.
    let left = correct;
    for (const attack of threat?.attacks ?? []) {
      expect(attack.attempted).toBe(left);
      left -= attack.broken;
      expect(attack.accuracyAfter.value).toBeCloseTo(left / count);
    }
    const names = report.outcomes.brokenBy.linf ?? [];
    expect(names.filter((name) => name === 'clean')).toHaveLength(count - correct);
    expect(names.filter((name) => name === null)).toHaveLength(left);

    const accuracies = threat?.curve.map((point) => point.accuracy.value) ?? [];
    expect(accuracies).toEqual([...accuracies].sort((a, b) => b - a));
    expect(threat?.curve[0]?.accuracy.value).toBeCloseTo(correct / count);
    expect(threat?.curve.find((point) => point.epsilon === 0.1)?.accuracy.value).toBeCloseTo(left / count);
    expect(report.corruptions?.byCorruption.map((row) => `${row.name}/${row.severity}`)).toEqual([
      'gaussian_noise/1',
      'gaussian_noise/5',
      'contrast/1',
      'contrast/5',
    ]);
    expect(report.checks.unbounded[0]?.accuracy.value).toBe(0);
    expect(report.gates.map((gate) => gate.pass)).toEqual([true, false]);
    expect(report.gallery.length).toBe(12);
    for (const item of report.gallery) {
      expect(item.adversarial.label).not.toBe(item.trueLabel);
      expect(item.distance).toBeLessThanOrEqual(0.1 + 1e-6);
      expect(item.image?.original).toMatch(/^data:image\/png;base64,/);
    }
    const perClass = report.clean?.perClass ?? [];
    const standing = perClass.reduce((sum, row) => sum + (row.robustAccuracy.linf?.value ?? 0) * row.support, 0);
    expect(standing).toBeCloseTo(left);

    const dones = progress.map(({ done }) => done).slice(1);
    expect(dones).toEqual([...dones].sort((a, b) => a - b));
    expect(progress.some(({ secondsLeft }) => secondsLeft !== null && secondsLeft > 0)).toBe(true);
  });

  it('gives the same report again from the same seed', async () => {
    const { specPath } = await keep(irisWorkspace());
    const first = await reportOf(specPath);
    expect(comparable(await reportOf(specPath))).toEqual(comparable(first));
    expect(first.createdAt).not.toBe('');
    expect(comparable(first)).not.toHaveProperty('createdAt', first.createdAt);
  });

  it('gives the same report, to the bit, whatever the batch size and the number of threads', async () => {
    const { specPath } = await keep(
      digitsWorkspace({
        threatModels: [
          { name: 'linf', norm: 'linf', epsilon: 0.15, iterations: 6, queries: 40, restarts: 2 },
          { name: 'l2', norm: 'l2', epsilon: 1.5, iterations: 6, attacks: ['pgd', 'apgd-ce'] },
        ],
      }),
    );
    const first = comparable(await reportOf(specPath, { batchSize: 64, threads: 1 }));
    for (const options of [
      { batchSize: 1, threads: 1 },
      { batchSize: 7, threads: 2 },
    ]) {
      expect(comparable(await reportOf(specPath, options))).toEqual({
        ...(first as Report),
        environment: { ...(first as Report).environment, threads: options.threads },
      });
    }
  });

  it('evaluates vectors: features that changed instead of pictures, no corruptions', async () => {
    const { specPath } = await keep(irisWorkspace());
    const report = await reportOf(specPath, { epsilon: '1', norm: 'l2' });
    expect(report.data).toMatchObject({ kind: 'vector', classes: ['setosa', 'versicolor', 'virginica'] });
    expect(report.threatModels[0]).toMatchObject({ norm: 'l2', epsilon: 1 });
    expect(report.gallery[0]?.values?.names).toContain('petal_length');
    expect(report.corruptions).toBeNull();
  });

  it('stops at chance, and proposes the pre-processing that fits', async () => {
    // Float32 cannot tell pixels apart so far from zero: the network sees the same image always.
    const { specPath, root } = await keep(digitsWorkspace({ preprocess: { mean: 1e9, std: 1 } }));
    const error = await evaluate({ specPath }).catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'evaluate/at-chance' });
    expect((error as { hint: string }).hint).toMatch(/preprocess: \{mean: [\d.]+, std: [\d.]+, layout: nchw\}/);
    const report = await readReport(join(root, '.robustness', 'plain.robustness.json'));
    expect(report.status).toMatchObject({ state: 'failed', error: { code: 'evaluate/at-chance' } });
    expect(report.threatModels[0]?.robustAccuracy).toBeNull();
  });

  it('infers pre-processing where nobody states it, and says so', async () => {
    const { root } = await keep(digitsWorkspace());
    const { reportPaths } = await evaluate({
      modelPath: join(root, 'models/plain.onnx'),
      dataPath: join(root, 'data/test.npz'),
      limit: 30,
      preset: 'quick',
      epsilon: '0.5',
      norm: 'linf',
    });
    const report = await readReport(reportPaths[0] ?? '');
    expect(reportPaths[0]).toBe(join(root, 'models', '.robustness', 'plain.robustness.json'));
    expect(report.clean?.accuracy.value).toBeGreaterThan(0.9);
    expect(report.inferred.join('\n')).toMatch(/the model is right about/);
  });

  it.each([
    [{ gates: ['clean.acuracy >= 1'] }, 'spec/gate'],
    [{ threatModels: [{ name: 'l0', norm: 'l0', epsilon: 0.5 }] }, 'spec/l0'],
    [{ threatModels: [{ name: 'l0', norm: 'l0', epsilon: 3, counts: 'pixels' }] }, 'spec/l0'],
    [{ threatModels: [{ name: 'linf', norm: 'linf', epsilon: 0.1, counts: 'values' }] }, 'spec/l0'],
    [{ threatModels: [{ name: 't', norm: 'linf', epsilon: 0.1, target: 'tulip' }] }, 'spec/target'],
    [{ threatModels: [{ name: 't', norm: 'linf', epsilon: 0.1, target: 3 }] }, 'spec/target'],
    [{ threatModels: [{ name: 't', norm: 'linf', epsilon: 0.1, goal: 'untargeted', target: 'all' }] }, 'spec/target'],
    [
      { threatModels: [{ name: 't', norm: 'linf', epsilon: 0.1, goal: 'targeted', attacks: ['apgd-dlr'] }] },
      'spec/no-attack',
    ],
    [
      { threatModels: [{ name: 't', norm: 'linf', epsilon: 0.1, target: 'all', knowledge: 'black-box-decision' }] },
      'spec/no-attack',
    ],
    [{ data: { test: { path: 'nowhere.csv' } } }, 'data/not-found'],
    [{ model: 'nowhere.onnx' }, 'model/unreadable'],
  ])('refuses %j before it computes anything', async (spec, code) => {
    const { specPath, root } = await keep(irisWorkspace(spec));
    await expect(evaluate({ specPath })).rejects.toMatchObject({ code });
    expect(await readdir(join(root, '.robustness', 'runs'))).toEqual([]);
  });

  it('refuses one output for several models', async () => {
    const { specPath } = await keep(irisWorkspace({ model: undefined, models: ['tiny.onnx', 'tiny.onnx'] }));
    await expect(evaluate({ specPath, out: 'x.json' })).rejects.toMatchObject({ code: 'usage/one-output' });
  });

  it('refuses labels that the model has no class for', async () => {
    const { specPath, root } = await keep(irisWorkspace());
    const csv = await readFile(join(root, 'iris.csv'), 'utf8');
    await writeFile(join(root, 'iris.csv'), `${csv.trimEnd()}\n1,2,3,4,zinnia\n`);
    await expect(evaluate({ specPath })).rejects.toMatchObject({ code: 'data/labels' });
  });
});
