import { afterEach, describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { type Report, reportSchema } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import { digitsWorkspace, type Workspace } from './workspace';

const count = 20;

const open: Workspace[] = [];
afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.remove();
});

async function reportOf(threat: object): Promise<Report> {
  const threatModels = [{ name: 'ball', norm: 'linf', epsilon: 0.07, ...threat }];
  const data = {
    test: { path: 'data/test.npz', inputs: 'x', labels: 'y', limit: count },
    range: [0, 255],
    unit: 255,
  };
  const workspace = await digitsWorkspace({ data, threatModels, corruptions: false });
  open.push(workspace);
  const { reportPaths } = await evaluate({ specPath: workspace.specPath });
  return readReport(reportPaths[0] ?? '');
}

describe('the ladder of attacks', () => {
  it('goes down from one step to the whole suite', async () => {
    const report = await reportOf({ attacks: ['apgd-ce', 'apgd-t'], suite: 'quick', iterations: 20 });
    const [ladder] = report.checks.ladder ?? [];
    expect(ladder).toMatchObject({ threatModel: 'ball' });
    expect(ladder?.rungs.map(({ name }) => name)).toEqual(['fgsm', 'pgd', 'pgd-restarts', 'suite']);
    const [fgsm = 0, pgd = 0, restarts = 0, suite = 0] = (ladder?.rungs ?? []).map(({ accuracy }) => accuracy.value);
    expect(fgsm).toBeGreaterThan(pgd);
    expect(pgd).toBeGreaterThanOrEqual(restarts);
    expect(restarts).toBeGreaterThanOrEqual(suite);
    expect(report.checks.singleStep[0]).toMatchObject({ fgsm: { value: fgsm, n: count }, iterative: { value: pgd } });
    // Few examples are their own sample.
    expect(suite).toBe(report.threatModels[0]?.robustAccuracy?.value);
  });

  it('counts what a check broke and the attacks had missed', async () => {
    const report = await reportOf({ attacks: ['fgsm'], suite: 'quick' });
    const [threat] = report.threatModels;
    const rows = threat?.attacks ?? [];
    expect(rows[0]).toMatchObject({ name: 'fgsm' });
    const checks = rows.slice(1);
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.every(({ sample, name }) => sample === true && name === 'pgd')).toBe(true);
    const rungs = report.checks.ladder?.[0]?.rungs ?? [];
    expect(rungs.at(-1)?.accuracy.value).toBe(rungs[2]?.accuracy.value);
    expect(threat?.robustAccuracy?.value).toBe(rungs[2]?.accuracy.value);
    expect(rows.at(-1)?.accuracyAfter.value).toBe(threat?.robustAccuracy?.value);
    for (const row of checks) expect(row.attempted).toBe(Math.round((rows[0]?.accuracyAfter.value ?? 0) * count));
    expect(report.outcomes.brokenBy.ball?.filter((name) => name === 'pgd')).toHaveLength(
      checks.reduce((sum, { broken }) => sum + broken, 0),
    );
    // A sample does not make a weak evaluation a strong one.
    expect(report.pitfalls.map(({ rule }) => rule)).toContain('pitfalls/single-weak-attack');
  });

  it('is absent where no gradient is seen, and from older reports', async () => {
    const report = await reportOf({ knowledge: 'black-box-score', queries: 20, suite: 'quick' });
    expect(report.checks.ladder).toEqual([]);
    const { ladder: _, ...checks } = report.checks;
    expect(reportSchema.safeParse({ ...report, checks }).error).toBeUndefined();
  });
});
