import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { renderHtml } from '../../../src/engine/report/html';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import { readReport } from '../../../src/engine/report/store';
import { digitsWorkspace, irisWorkspace, type Workspace } from './workspace';

const open: Workspace[] = [];
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.remove();
});

async function reportOf(workspace: Promise<Workspace>, fixture: string) {
  const { root, specPath } = await workspace;
  open.push(await workspace);
  await cp(join('test/fixtures', fixture), join(root, 'model.onnx'));
  const { reportPaths } = await evaluate({ specPath });
  return readReport(reportPaths[0] ?? '');
}

const rules = (report: Awaited<ReturnType<typeof reportOf>>) => report.pitfalls.map(({ rule }) => rule);

describe('evaluations of what has no derivative', () => {
  it('a tree ensemble is attacked by its scores, and the report names what has no gradient and what was cut off', async () => {
    const report = await reportOf(irisWorkspace({ model: 'model.onnx' }), 'classical/forest.onnx');
    expect(report.status.state).toBe('complete');
    expect(report.model).toMatchObject({
      cutOff: ['ai.onnx.ml:ZipMap'],
      gradient: { available: false, unavailable: ['ai.onnx.ml:TreeEnsembleClassifier'] },
    });
    expect(report.clean!.accuracy.value).toBe(48 / 50);
    const [threat] = report.threatModels;
    expect(threat!.attacks.map(({ name }) => name)).toEqual(['square']);
    expect(threat!.attacks[0]!.broken).toBeGreaterThan(5);
    expect(rules(report)).toContain('pitfalls/no-gradient');
    for (const rendered of [renderMarkdown(report), renderHtml(report)]) {
      expect(rendered).toContain('not available through ai.onnx.ml:TreeEnsembleClassifier');
      expect(rendered).toContain('ai.onnx.ml:ZipMap, for the verifier too');
    }
  });

  it('a quantised network asks for a gradient-free attack until one has run', async () => {
    const threat = { name: 'linf', norm: 'linf', epsilon: 0.05, suite: 'quick' } as const;
    const spec = (attacks: readonly string[]) => ({
      model: 'model.onnx',
      preprocess: { mean: 0, std: 1 },
      corruptions: false,
      threatModels: [{ ...threat, attacks }],
    });
    const alone = await reportOf(digitsWorkspace(spec(['pgd'])), 'quantized/cnn-qop-u8s8.onnx');
    expect(rules(alone)).toContain('pitfalls/straight-through-gradient');
    expect(rules(alone)).not.toContain('pitfalls/gradient-masking');
    for (const rendered of [renderMarkdown(alone), renderHtml(alone)]) {
      expect(rendered).toMatch(/straight-through estimate for [^|<]*QLinearConv/);
    }
    const both = await reportOf(digitsWorkspace(spec(['pgd', 'square'])), 'quantized/cnn-qop-u8s8.onnx');
    expect(rules(both)).not.toContain('pitfalls/straight-through-gradient');
    expect(both.threatModels[0]!.robustAccuracy!.value).toBeLessThanOrEqual(
      alone.threatModels[0]!.robustAccuracy!.value,
    );
  });
});
