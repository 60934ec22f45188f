import { afterEach, describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import { digitsWorkspace, irisWorkspace, type Workspace } from './workspace';

const open: Workspace[] = [];
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.remove();
});

async function reportOf(workspace: Promise<Workspace>): Promise<Report> {
  const { specPath } = await workspace;
  open.push(await workspace);
  const { reportPaths } = await evaluate({ specPath });
  return (await readReport(reportPaths[0] ?? '')) as Report;
}

describe('an l0 threat model', () => {
  it('of images is evaluated end to end: whole ε on the curve, an unbounded check, pixels in words', async () => {
    const threat = { name: 'few', norm: 'l0', epsilon: 8, suite: 'quick', queries: 80 } as const;
    const data = { test: { path: 'data/test.npz', inputs: 'x', labels: 'y', limit: 12 }, range: [0, 255], unit: 255 };
    const report = await reportOf(digitsWorkspace({ threatModels: [threat], data, corruptions: false }));
    const [few] = report.threatModels;
    expect(report.status.state).toBe('complete');
    expect(few).toMatchObject({ norm: 'l0', epsilon: 8, counts: 'pixels' });
    expect(few!.attacks.map(({ name, refused }) => [name, refused])).toEqual([
      ['sigma-zero', 0],
      ['sparse-rs', 0],
    ]);
    expect(few!.attacks[0]!.broken).toBeGreaterThan(0);
    expect(few!.curve.map(({ epsilon }) => epsilon)).toEqual([0, 2, 4, 6, 8, 12, 16, 32]);
    const accuracies = few!.curve.map(({ accuracy }) => accuracy.value);
    expect([...accuracies].sort((a, b) => b - a)).toEqual(accuracies);
    expect(accuracies.at(-1)).toBeLessThan(accuracies[0]!);
    expect(report.checks.unbounded).toEqual([expect.objectContaining({ threatModel: 'few' })]);
    expect(report.checks.unbounded[0]!.accuracy.value).toBe(0);
    expect(renderMarkdown(report)).toContain('may change at most 8 pixels, each to anything (ℓ0)');
  });

  it('of vectors counts values, for an attacker who sees scores too', async () => {
    const threat = { norm: 'l0', epsilon: 1, suite: 'quick' } as const;
    const report = await reportOf(
      irisWorkspace({
        threatModels: [
          { ...threat, name: 'white' },
          { ...threat, name: 'scores', knowledge: 'black-box-score' },
        ],
      }),
    );
    const [white, scores] = report.threatModels;
    expect(white!.counts).toBe('values');
    expect(white!.attackSuccessRate!.value).toBeGreaterThan(0.5);
    expect(scores!.attacks.map(({ name }) => name)).toEqual(['sparse-rs']);
    expect(scores!.attackSuccessRate!.value).toBeGreaterThan(0.5);
    expect(white!.robustAccuracy!.value).toBeLessThanOrEqual(scores!.robustAccuracy!.value);
  });
});
