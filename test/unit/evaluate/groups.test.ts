import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { renderCsv } from '../../../src/engine/report/csv';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import { reportSchema } from '../../../src/engine/report/schema';
import { irisWorkspace } from './workspace';

describe('groups of the test data', () => {
  it('get their clean and robust accuracy, counted as the outcomes have them', async () => {
    const workspace = await irisWorkspace({
      data: { test: { path: 'grouped.csv', labels: 'species', groups: 'site' }, range: [0, 8] },
      threatModels: [{ name: 'linf', norm: 'linf', epsilon: 0.5, suite: 'quick', attacks: ['fgsm', 'pgd'] }],
      gates: ['clean.worstGroup >= 0.5', 'clean.groupGap <= 100%', 'worstGroup(linf) >= 99%'],
    });
    const lines = (await readFile(join(workspace.root, 'iris.csv'), 'utf8')).trim().split(/\r?\n/);
    const sites = lines.slice(1).map((_, i) => (i % 3 === 0 ? 'coast' : i % 7 === 0 ? 'hill' : 'valley'));
    const grouped = lines.map((line, i) => `${i === 0 ? 'site' : sites[i - 1]},${line}`);
    await writeFile(join(workspace.root, 'grouped.csv'), grouped.join('\n'));
    const { reportPaths } = await evaluate({ specPath: workspace.specPath });
    const report = reportSchema.parse(JSON.parse(readFileSync(reportPaths[0] ?? '', 'utf8')));
    await workspace.remove();

    const { groups, outcomes } = report;
    expect(groups?.by).toBe('site');
    expect(groups?.rows.map(({ name }) => name)).toEqual(['coast', 'hill', 'valley']);
    for (const { name, accuracy, robustAccuracy } of groups?.rows ?? []) {
      const members = [...sites.keys()].filter((i) => sites[i] === name);
      const right = members.filter((i) => outcomes.label[i] === outcomes.prediction[i]).length;
      const standing = members.filter((i) => outcomes.brokenBy.linf?.[i] === null).length;
      expect(accuracy.n).toBe(members.length);
      expect(accuracy.value).toBeCloseTo(right / members.length, 12);
      expect(robustAccuracy.linf?.value).toBeCloseTo(standing / members.length, 12);
    }
    const robust = groups?.rows.map((row) => row.robustAccuracy.linf?.value ?? Number.NaN) ?? [];
    expect(groups?.robust[0]?.accuracy.value).toBe(Math.min(...robust));
    expect(groups?.robust[0]?.gap).toBeCloseTo(Math.max(...robust) - Math.min(...robust), 12);
    expect(report.gates.map(({ pass }) => pass)).toEqual([true, true, false]);
    expect(renderMarkdown(report)).toContain('By group (site)');
    expect(renderCsv(report)).toMatch(/,group,linf,coast,,,robustAccuracy,/);
  });

  it('are refused for a model that predicts numbers', async () => {
    const workspace = await irisWorkspace({
      task: 'regression',
      data: { test: { path: 'iris.csv', labels: 'sepal_length', groups: 'species' }, range: [0, 8] },
    });
    await expect(evaluate({ specPath: workspace.specPath })).rejects.toMatchObject({ code: 'spec/groups' });
    await workspace.remove();
  });
});
