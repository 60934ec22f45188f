import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import { type MaterialModel, materialAvailable, materialClassifiers, materialRoot, materialSource } from '../material';

interface Settings {
  readonly epsilon: string;
  readonly limit: number;
}

async function reportOf(model: MaterialModel, { epsilon, limit }: Settings): Promise<Report> {
  const folder = await mkdtemp(path.join(tmpdir(), 'material-'));
  try {
    const { mean, std, layout } = model.preprocess;
    const spec = {
      model: model.path,
      data: { test: { path: path.join(materialRoot, materialSource(model)), limit } },
      preprocess: { mean, std, layout },
      threatModels: [{ name: 'ball', norm: 'linf', epsilon, suite: 'quick' }],
      corruptions: false,
    };
    const specPath = path.join(folder, 'robustness.json');
    await writeFile(specPath, JSON.stringify(spec));
    const { reportPaths } = await evaluate({ specPath });
    return await readReport(reportPaths[0] ?? '');
  } finally {
    await rm(folder, { recursive: true });
  }
}

const named = (pattern: RegExp) => materialClassifiers.filter((model) => pattern.test(model.file));
const errorsOf = (report: Report) => report.pitfalls.filter((p) => p.severity === 'error').map((p) => p.rule);

describe.skipIf(!materialAvailable)('evaluations of real networks', () => {
  // Seconds on a machine that has nothing else to do.
  vi.setConfig({ testTimeout: 240_000 });
  const plain = materialClassifiers.filter((model) => model.dataset === 'mnist');

  it.each(plain)('$file, plainly trained on digits, is down to next to nothing at linf 0.3', async (model) => {
    const report = await reportOf(model, { epsilon: '0.3', limit: 25 });
    expect(report.clean!.accuracy.value).toBeGreaterThan(0.8);
    expect(report.threatModels[0]!.robustAccuracy!.value).toBeLessThanOrEqual(0.04);
    expect(errorsOf(report)).toEqual([]);
  });

  it.each(named(/resnet_2b|2021__cifar_base_kw/))(
    '$file, trained to be robust, falls gracefully around 2/255',
    async (model) => {
      const report = await reportOf(model, { epsilon: '2/255', limit: 12 });
      const [threat] = report.threatModels;
      expect(threat!.degradation).toBe('graceful');
      expect(threat!.robustAccuracy!.value / report.clean!.accuracy.value).toBeGreaterThan(0.7);
      // The whole cascade's claims stood the original model's test.
      expect(threat!.attacks.map((attack) => attack.refused)).toEqual(threat!.attacks.map(() => 0));
      expect(errorsOf(report)).toEqual([]);
    },
  );

  it.each(named(/cifar10_small/))('$file, plainly trained on photographs, is broken at 8/255', async (model) => {
    const report = await reportOf(model, { epsilon: '8/255', limit: 25 });
    expect(report.threatModels[0]!.robustAccuracy!.value).toBeLessThanOrEqual(0.04);
    expect(errorsOf(report)).toEqual([]);
  });

  it.each(named(/QConv/))('$file masks its gradient', async (model) => {
    const report = await reportOf(model, { epsilon: '8/255', limit: 8 });
    expect(errorsOf(report)).toContain('pitfalls/gradient-masking');
    expect(report.model.gradient.straightThrough).toEqual(['Sign']);
  });
});
