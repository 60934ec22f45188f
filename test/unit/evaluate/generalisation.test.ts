import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { stratifiedSample } from '../../../src/engine/evaluate/generalisation';
import { renderCsv } from '../../../src/engine/report/csv';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import { reportSchema } from '../../../src/engine/report/schema';
import { irisWorkspace } from './workspace';

const weak = [{ name: 'linf', norm: 'linf', epsilon: 0.1, suite: 'quick', attacks: ['fgsm'] }];

async function reportOn(data: object, files: (lines: readonly string[]) => Readonly<Record<string, string[]>>) {
  const workspace = await irisWorkspace({
    data: { classes: ['setosa', 'versicolor', 'virginica'], ...data },
    threatModels: weak,
    gates: ['generalisation.gap <= 5%'],
  });
  try {
    const lines = (await readFile(join(workspace.root, 'iris.csv'), 'utf8')).trim().split(/\r?\n/);
    for (const [name, rows] of Object.entries(files(lines.slice(1))))
      await writeFile(join(workspace.root, name), [lines[0], ...rows].join('\n'));
    const { reportPaths } = await evaluate({ specPath: workspace.specPath });
    return reportSchema.parse(JSON.parse(readFileSync(reportPaths[0] ?? '', 'utf8')));
  } finally {
    await workspace.remove();
  }
}

/** Every third flower of the test half gets a wrong name, as if the model knew the training half by heart. */
const halves = (rows: readonly string[]) => ({
  'train.csv': rows.filter((_, i) => i % 2 === 0),
  'test.csv': rows
    .filter((_, i) => i % 2 === 1)
    .map((row, i) =>
      i % 3 === 0 ? row.replace(/[a-z]+$/, (name) => (name === 'setosa' ? 'virginica' : 'setosa')) : row,
    ),
});

describe('generalisation', () => {
  it('holds the accuracy on training data against that on test data', async () => {
    const range = [0, 8];
    const report = await reportOn({ test: { path: 'test.csv' }, train: { path: 'train.csv' }, range }, halves);
    // What the training data give as test data is what they must give as training data.
    const own = await reportOn({ test: { path: 'train.csv' }, range }, halves);
    const found = report.generalisation;
    expect(found?.train).toEqual(own.clean?.accuracy);
    expect(found?.test).toEqual(report.clean?.accuracy);
    expect(found?.gap.value).toBeCloseTo(own.clean!.accuracy.value - report.clean!.accuracy.value, 12);
    expect(found?.gap.value).toBeGreaterThan(0.2);
    expect(report.pitfalls.map(({ rule }) => rule)).toContain('pitfalls/overfitting');
    expect(report.gates.map(({ pass }) => pass)).toEqual([false]);
    expect(renderMarkdown(report)).toContain('On training data (');
    expect(renderCsv(report)).toMatch(/,generalisation,,,,,gap,0\./);
    expect(own.generalisation).toBeUndefined();
  });

  it('draws as many as `data.train.limit` says', async () => {
    const data = { test: { path: 'test.csv' }, train: { path: 'train.csv', limit: 10 }, range: [0, 8] };
    const { generalisation } = await reportOn(data, halves);
    expect(generalisation?.train.n).toBe(10);
    expect(generalisation?.trainExamples).toBe(25);
  });
});

describe('stratified sample', () => {
  it('has the size asked for, and of each class its share to within one', () => {
    const labels = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(labels, fc.integer({ min: 0, max: 250 }), fc.integer(), (list, size, seed) => {
        const chosen = stratifiedSample(Int32Array.from(list), size, seed);
        const wanted = Math.min(size, list.length);
        expect(chosen.reduce((sum, one) => sum + one, 0)).toBe(wanted);
        for (let label = 0; label < 5; label++) {
          const members = list.filter((each) => each === label).length;
          const drawn = list.filter((each, i) => each === label && chosen[i] === 1).length;
          expect(Math.abs(drawn - (members * wanted) / list.length)).toBeLessThan(1);
        }
        expect(stratifiedSample(Int32Array.from(list), size, seed)).toEqual(chosen);
      }),
    );
  });

  it('is another one by another seed', () => {
    const labels = new Int32Array(100);
    expect(stratifiedSample(labels, 50, 1)).not.toEqual(stratifiedSample(labels, 50, 2));
  });
});
