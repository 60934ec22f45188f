import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { baselineReport } from '../../../src/engine/evaluate/baseline';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { pairedComparison } from '../../../src/engine/metric/paired';
import { renderCsv } from '../../../src/engine/report/csv';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import { reportBase } from '../../fixtures/reportBase';
import { digitsWorkspace, type Workspace } from './workspace';

let digits: Workspace;
let before: Report;
let runs = 0;

beforeAll(async () => {
  digits = await digitsWorkspace({
    corruptions: false,
    threatModels: [
      { name: 'linf', norm: 'linf', epsilon: 0.2, knowledge: 'black-box-score', attacks: ['square'], queries: 40 },
    ],
  });
  before = await run({ model: 'models/robust.onnx' }, 'before.robustness.json');
});
afterAll(() => digits.remove());

async function run(change: Record<string, unknown>, name = `report-${runs++}.robustness.json`): Promise<Report> {
  const spec = JSON.parse(await readFile(digits.specPath, 'utf8')) as Record<string, unknown>;
  const specPath = join(digits.root, `spec-${runs++}.json`);
  const out = join(digits.root, name);
  await writeFile(specPath, JSON.stringify({ ...spec, ...change }));
  await evaluate({ specPath, out, threads: 1 });
  return readReport(out);
}

/** The report of before, changed, in a file. */
async function baselineOf(change: (report: Report) => unknown): Promise<string> {
  const report = structuredClone(before);
  change(report);
  const name = `changed-${runs++}.robustness.json`;
  await writeFile(join(digits.root, name), JSON.stringify(report));
  return name;
}

describe('an evaluation with a baseline', () => {
  let now: Report;
  beforeAll(async () => {
    now = await run({
      baseline: 'before.robustness.json',
      gates: ['churn <= 100%', 'negativeFlips < 0', 'negativeFlips(linf) <= 1', 'positiveFlips(linf) > 1'],
    });
  });

  it('says what changed, clean and under each threat model', () => {
    const { baseline } = now;
    expect(baseline).toMatchObject({ path: 'before.robustness.json', sameModel: false, leftOut: [] });
    expect(baseline?.model.path).toBe('models/robust.onnx');
    const right = ({ outcomes }: Report) =>
      Uint8Array.from(outcomes.label, (truth, i) => Number(outcomes.prediction[i] === truth));
    const clean = pairedComparison(right(now), right(before))!;
    const n = now.data.count;
    expect(baseline?.clean?.negativeFlips.value).toBe(clean.onlySecond / n);
    expect(baseline?.clean?.positiveFlips.value).toBe(clean.onlyFirst / n);
    expect(baseline?.clean?.difference.value).toBeCloseTo(now.clean!.accuracy.value - before.clean!.accuracy.value, 12);
    const others = now.outcomes.prediction.filter((k, i) => k !== before.outcomes.prediction[i]).length;
    expect(baseline?.clean?.churn.value).toBe(others / n);

    const [under] = baseline!.threatModels;
    expect(under?.name).toBe('linf');
    expect(under?.before.value).toBe(before.threatModels[0]?.robustAccuracy?.value);
    expect(under?.after.value).toBe(now.threatModels[0]?.robustAccuracy?.value);
    // The plain network falls where the robust one stands.
    expect(under!.negativeFlips.value).toBeGreaterThan(under!.positiveFlips.value);
    expect(under!.adjusted).toBeGreaterThanOrEqual(under!.pValue);
  });

  it('passes and fails gates', () => {
    expect(now.gates.map(({ pass }) => pass)).toEqual([true, false, true, false]);
    expect(now.gates[2]?.measured).toBe(now.baseline?.threatModels[0]?.negativeFlips.value);
  });

  it('is told in words, and as CSV', () => {
    const text = renderMarkdown(now);
    expect(text).toContain('Changes since the baseline');
    expect(text).toMatch(/Held against robust\.onnx \(before\.robustness\.json, \d{4}-\d{2}-\d{2}\)/);
    const csv = renderCsv(now);
    expect(csv).toMatch(/,baseline,,,,,churn,/);
    expect(csv).toMatch(/,baseline,linf,,,,negativeFlips,/);
  });
});

describe('what is held against what', () => {
  const now = reportBase();
  const hold = (change: (report: Report) => unknown) => {
    const earlier = structuredClone(now);
    change(earlier);
    return baselineReport({ report: earlier, path: 'earlier.json' }, now);
  };

  it('the same report has no changes', () => {
    const same = hold(() => {})!;
    expect(same.sameModel).toBe(true);
    expect(same.clean).toMatchObject({ churn: { value: 0 }, pValue: 1 });
    expect(same.lost).toEqual([]);
  });

  it('an error that is another error now is churn, and no flip', () => {
    const { label, prediction } = now.outcomes;
    const wrong = label.findIndex((truth, i) => prediction[i] !== truth);
    const other = now.data.classes.findIndex((_, k) => k !== label[wrong] && k !== prediction[wrong]);
    const held = hold((earlier) => earlier.outcomes.prediction.splice(wrong, 1, other))!;
    expect([wrong, other]).not.toContain(-1);
    expect(held.clean?.churn.value).toBe(1 / label.length);
    expect([held.clean?.negativeFlips.value, held.clean?.positiveFlips.value]).toEqual([0, 0]);
  });

  it('names the examples that are lost, and no more than a few', () => {
    const { label, prediction } = now.outcomes;
    const wrong = label.flatMap((truth, i) => (prediction[i] === truth ? [] : [i]));
    const lost = hold((earlier) => {
      earlier.outcomes.prediction = [...label];
      earlier.clean!.accuracy = { ...earlier.clean!.accuracy, value: 1 };
    })!;
    expect(lost.lost.map(({ index }) => index)).toEqual(wrong.slice(0, 20));
    expect(lost.clean?.negativeFlips.value).toBeCloseTo(wrong.length / label.length, 12);
  });

  it.each([
    [
      'another radius',
      (r: Report) => Object.assign(r.threatModels[0]!, { epsilon: 0.4321 }),
      'the baseline was not evaluated under it',
    ],
    [
      'another suite',
      (r: Report) => Object.assign(r.threatModels[0]!, { suite: 'thorough' }),
      'suites of attacks differ',
    ],
    [
      'outcomes that are not those of the figure',
      (r: Report) => Object.assign(r.threatModels[0]!.robustAccuracy!, { value: 0.123 }),
      'the baseline: outcomes and figure differ',
    ],
  ])('%s is left out, with the reason', (_, change, reason) => {
    const held = hold(change)!;
    expect(held.leftOut).toContainEqual({ on: now.threatModels[0]!.name, reason });
    expect(held.threatModels.map(({ name }) => name)).not.toContain(now.threatModels[0]!.name);
  });

  it('nothing before all examples are seen', () => {
    const running = structuredClone(now);
    running.outcomes.prediction.pop();
    expect(baselineReport({ report: now, path: 'earlier.json' }, running)).toBeNull();
  });
});

describe('what cannot be a baseline', () => {
  it.each([
    ['a file that is not there', () => 'missing.json', 'report/', 'missing.json'],
    [
      'other data',
      () => baselineOf((r) => Object.assign(r.data, { sha256: 'f'.repeat(64) })),
      'spec/baseline-data',
      'other data',
    ],
    [
      'more examples',
      () => baselineOf((r) => Object.assign(r.data, { count: 41 })),
      'spec/baseline-data',
      'rests on 41 examples',
    ],
    ['other classes', () => baselineOf((r) => r.data.classes.reverse()), 'spec/baseline-data', 'other classes'],
    [
      'other labels',
      () => baselineOf((r) => r.outcomes.label.splice(3, 1, (r.outcomes.label[3]! + 1) % 10)),
      'spec/baseline-data',
      'another label for example 3',
    ],
    [
      'a run that did not finish',
      () => baselineOf((r) => Object.assign(r.status, { state: 'interrupted' })),
      'spec/baseline',
      'finish',
    ],
  ])('%s', async (_, make, code, words) => {
    const error = await run({ baseline: await make() }).catch((thrown: unknown) => thrown);
    expect((error as { code: string }).code).toContain(code);
    expect((error as Error).message).toContain(words);
  });

  it('the file that the report is written to', async () => {
    const name = await baselineOf(() => {});
    await expect(run({ baseline: name }, name)).rejects.toMatchObject({ code: 'spec/baseline' });
  });

  it('nothing, where gates are on changes', async () => {
    await expect(run({ gates: ['churn <= 0.05'] })).rejects.toMatchObject({
      code: 'spec/gate',
      message: expect.stringContaining('names none'),
    });
    await expect(run({ baseline: 'before.robustness.json', gates: ['churn(other) <= 0.05'] })).rejects.toMatchObject({
      code: 'spec/gate',
      message: expect.stringContaining('no threat model `other`'),
    });
  });
});
