import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type FaultName, faults, plant } from '../../../scripts/faults';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import { digitsWorkspace, type Workspace } from '../evaluate/workspace';

const plainModel = 'samples/digits/models/plain.onnx';
/** Evaluations are small; the limit is for a machine that is busy. */
const timeout = 120_000;

const open: Workspace[] = [];
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.remove();
});

const threat = {
  name: 'linf',
  norm: 'linf',
  epsilon: 0.1,
  knowledge: 'white-box',
  goal: 'untargeted',
  suite: 'quick',
  attacks: ['pgd', 'square'],
  iterations: 10,
  restarts: 1,
  queries: 20,
};

/** Enough to tell that a model guesses. */
const thirty = {
  data: { test: { path: 'data/test.npz', inputs: 'x', labels: 'y', limit: 30 }, range: [0, 255], unit: 255 },
};

/** Attacks on random models take the mean over passes, which multiplies everything. */
const cheap = {
  eot: 3,
  threatModels: [{ ...threat, attacks: ['pgd'], iterations: 3 }],
  data: { test: { path: 'data/test.npz', inputs: 'x', labels: 'y', limit: 8 }, range: [0, 255], unit: 255 },
};

/** Evaluates on few examples, and reads the report even of a run that ended in an error. */
async function reportOf(model: string, bytes: Uint8Array | null, spec: object = {}): Promise<Report> {
  const data = { test: { path: 'data/test.npz', inputs: 'x', labels: 'y', limit: 12 }, range: [0, 255], unit: 255 };
  const settings = { model, data, threatModels: [threat], corruptions: false, ...spec };
  const workspace = await digitsWorkspace(settings);
  open.push(workspace);
  if (bytes !== null) {
    await mkdir(join(workspace.root, 'planted'));
    await writeFile(join(workspace.root, model), bytes);
  }
  let reportPath = '';
  const onStarted = (run: { reportPath: string }) => {
    reportPath = run.reportPath;
  };
  await evaluate({ specPath: workspace.specPath }, { onStarted }).catch((error: unknown) => {
    if (reportPath === '') throw error;
  });
  return readReport(reportPath);
}

const planted = async (name: FaultName, spec: object = {}) =>
  reportOf(`planted/${name}.onnx`, await plant(name, plainModel), spec);

const found = (report: Report) =>
  report.pitfalls.map(({ rule, severity }) => `${severity} ${rule.replace('pitfalls/', '')}`);

/** What each planted fault has to raise; it may raise more. */
const raised: Readonly<Record<FaultName, readonly string[]>> = {
  temperature: ['error probabilities-as-scores', 'error zero-gradient', 'error gradient-masking'],
  'temperature-before-output': ['info saturated-scores', 'info probabilities-as-scores'],
  rounding: ['error gradient-masking', 'error unstable-scores'],
  noise: ['warning random-forward-pass'],
  dropout: ['warning random-forward-pass'],
  'saturated-sigmoid': ['error zero-gradient', 'error probabilities-as-scores', 'error gradient-masking'],
  labels: ['info labels-only'],
  clipped: ['warning clipped-input'],
  normalised: ['info saturated-scores'],
  constant: ['error single-class-predicted', 'error mismatched-preprocessing'],
  shattered: ['error unstable-scores'],
  'not-a-number': ['error unusable-gradient'],
};

describe('planted faults', () => {
  it.each(Object.keys(faults) as FaultName[])(
    '%s is found out by an evaluation',
    async (name) => {
      const report = await planted(
        name,
        name === 'noise' || name === 'dropout' ? cheap : name === 'constant' ? thirty : {},
      );
      expect(found(report)).toEqual(expect.arrayContaining([...raised[name]]));
    },
    timeout,
  );

  it(
    'a normalisation that is not the model’s is found out by one that fits better',
    async () => {
      const preprocess = { mean: 3, std: 0.02 };
      const report = await reportOf('models/plain.onnx', null, { ...thirty, preprocess });
      expect(found(report)).toContain('error mismatched-preprocessing');
    },
    timeout,
  );

  it.each(['models/plain.onnx', 'models/robust.onnx'])(
    '%s, without a fault, raises no error',
    async (model) => {
      const report = await reportOf(model, null);
      expect(report.status.state).toBe('complete');
      expect(found(report).filter((each) => each.startsWith('error'))).toEqual([]);
      expect(report.checks).toMatchObject({
        forward: { examples: 12, spread: 0, probabilities: false, disagreements: 0 },
        deadInputs: { clean: 0 },
        overlap: { identical: 0, near: 0, repeated: 0 },
      });
      expect(report.checks.instability!.agreement).toBeGreaterThan(0.9);
    },
    timeout,
  );
});
