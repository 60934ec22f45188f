import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { comparable } from '../../../src/engine/evaluate/run';
import { renderCsv } from '../../../src/engine/report/csv';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import { digitsWorkspace, irisWorkspace, type Workspace } from './workspace';

let digits: Workspace;
let iris: Workspace;
const few = {
  corruptions: false,
  // One query: what is looked at here has no adversary.
  threatModels: [
    { name: 'linf', norm: 'linf', epsilon: 0.05, knowledge: 'black-box-score', attacks: ['square'], queries: 1 },
  ],
};
const short = { only: ['gaussian_noise', 'translate', 'tilt'], frames: 6, limit: 12 };

beforeAll(async () => {
  digits = await digitsWorkspace({ ...few, stability: short });
  iris = await irisWorkspace(few);
});
afterAll(async () => {
  await digits.remove();
  await iris.remove();
});

let runs = 0;
async function run(
  { root, specPath }: Workspace,
  change: Record<string, unknown> = {},
  request: Partial<Parameters<typeof evaluate>[0]> = {},
): Promise<Report> {
  const spec = JSON.parse(await readFile(specPath, 'utf8'));
  const own = join(root, `spec-${runs}.json`);
  const out = join(root, `report-${runs++}.robustness.json`);
  await writeFile(own, JSON.stringify({ ...spec, ...change }));
  await evaluate({ specPath: own, out, threads: 1, ...request });
  return readReport(out);
}

describe('flips along sequences', () => {
  let report: Report;
  beforeAll(async () => {
    report = await run(digits, { gates: ['stability.mFP <= 1', 'stability.index >= 99.9%', 'stability.mFP < 0'] });
  });

  it('are reported by sequence, with the figures over all', () => {
    const { stability } = report;
    expect(stability?.bySequence.map(({ name, frames, compared }) => [name, frames, compared])).toEqual([
      ['gaussian_noise', 6, 'first'],
      ['translate', 6, 'previous'],
      ['tilt', 6, 'previous'],
    ]);
    expect(stability?.examples).toBe(12);
    const mean = stability!.bySequence.reduce((sum, { flipProbability }) => sum + flipProbability.value / 3, 0);
    expect(stability?.mFP.value).toBeCloseTo(mean, 12);
    expect(stability?.index.value).toBeCloseTo(1 - mean, 12);
    for (const { flipProbability, byStep, steady } of stability!.bySequence) {
      expect(byStep).toHaveLength(5);
      expect(byStep.reduce((sum, share) => sum + share / 5, 0)).toBeCloseTo(flipProbability.value, 12);
      expect(flipProbability.low).toBeLessThanOrEqual(flipProbability.value);
      expect(flipProbability.high).toBeGreaterThanOrEqual(flipProbability.value);
      // That nothing flipped in a few sequences does not mean that nothing can.
      expect(flipProbability.high).toBeGreaterThan(0);
      // A sequence with a flip has one step of five at least.
      expect(flipProbability.value).toBeGreaterThanOrEqual((1 - steady.value) / 5 - 1e-12);
    }
    // Digits that move by pixels are other digits to a small network sooner than digits with a little noise.
    const [noise, translate] = stability!.bySequence;
    expect(translate!.flipProbability.value).toBeGreaterThan(noise!.flipProbability.value);
    expect(translate!.top5Distance!.value).toBeGreaterThan(0);
  });

  it('pass and fail gates', () => {
    expect(report.gates.map(({ pass }) => pass)).toEqual([true, false, false]);
    expect(report.gates[0]?.measured).toBe(report.stability?.mFP.value);
  });

  it('are the same of the same seed, whatever the batch size', async () => {
    const same = await run(digits, { gates: report.gates.map(({ expression }) => expression) }, { batchSize: 3 });
    const figures = (r: Report) => (comparable(r) as Report).stability;
    expect(figures(same)).toEqual(figures(report));
    const other = await run(digits, {}, { seed: 17 });
    expect(figures(other)?.bySequence[0]?.top5Distance).not.toEqual(figures(report)?.bySequence[0]?.top5Distance);
  });

  it('are told in words, and as CSV', () => {
    const text = renderMarkdown(report);
    expect(text).toContain('Stability along sequences');
    expect(text).toContain('flips most');
    expect(text).toContain('| Tilt | 0.75° a frame about both axes');
    const csv = renderCsv(report);
    expect(csv).toMatch(/,stability,,,,,mFP,0\.\d+/);
    expect(csv.split('\r\n').filter((line) => line.includes(',flipsByStep,'))).toHaveLength(15);
  });

  it('are relative to a report, or to probabilities that the spec states', async () => {
    const reference = `report-${runs}.robustness.json`;
    await run(digits, { model: 'models/robust.onnx' });
    const relative = await run(digits, { stability: { ...short, reference } });
    const { mFR, bySequence, name } = relative.stability!.reference!;
    expect(name).toBe('robust.onnx');
    const rates = bySequence.flatMap(({ flipRate }) => (flipRate === null ? [] : [flipRate]));
    expect(mFR?.value).toBeCloseTo(rates.reduce((sum, rate) => sum + rate, 0) / rates.length, 12);

    const stated = await run(digits, { stability: { ...short, reference: { translate: 0.5, tilt: 0.25, snow: 0.1 } } });
    const flips = (sequence: string) =>
      stated.stability!.bySequence.find((row) => row.name === sequence)!.flipProbability.value;
    expect(stated.stability?.reference).toMatchObject({ kind: 'stated', mT5D: null });
    expect(stated.stability?.reference?.mFR?.value).toBeCloseTo(
      (flips('translate') / 0.5 + flips('tilt') / 0.25) / 2,
      12,
    );
    expect(stated.stability?.reference?.bySequence.map((row) => row.name)).toEqual(['translate', 'tilt']);
  });

  it('of a table go by its columns, and leave out what is of images', async () => {
    const { stability, inferred } = await run(iris, { stability: { limit: 20, frames: 8 } });
    expect(stability?.bySequence.map(({ name }) => name)).toEqual([
      'column_noise',
      'column_gain',
      'column_shift',
      'column_drift',
    ]);
    // Three classes have no five best.
    expect(stability?.top5Distance).toBeUndefined();
    expect(inferred.join()).not.toContain('left out');
    const other = await run(iris, { stability: { only: ['tilt', 'column_noise'], limit: 5, frames: 3 } });
    expect(other.stability?.bySequence.map(({ name }) => name)).toEqual(['column_noise']);
    expect(other.inferred).toContain('sequences of tilt were left out, they are not defined for data of kind vector');
  });

  it('are off unless they are asked for, and on in the suite thorough', async () => {
    const off = await run(iris, {});
    expect(off.stability).toBeUndefined();
    const on = await run(iris, {
      threatModels: [{ name: 'linf', norm: 'linf', epsilon: 0.1, suite: 'thorough', attacks: ['fgsm'] }],
    });
    expect(on.stability?.bySequence).toHaveLength(4);
    expect(on.inferred).toContain('flips along sequences are measured, since the suite is thorough');
  });

  it('resume to the report of an undisturbed run', async () => {
    const out = join(digits.root, `report-${runs}.robustness.json`);
    const stop = new AbortController();
    let runId = '';
    const specPath = join(digits.root, 'robustness.json');
    const handlers = {
      onStarted: (started: { runId: string }) => {
        runId = started.runId;
      },
      onProgress: ({ stage }: { stage: string }) => {
        if (stage.startsWith('Sequences: translate: 8')) stop.abort();
      },
    };
    await expect(evaluate({ specPath, out, threads: 1 }, handlers, stop.signal)).rejects.toThrow();
    expect((await readReport(out)).stability?.bySequence).toHaveLength(1);
    await evaluate({ specPath, out, threads: 1, resume: runId });
    expect((await readReport(out)).stability).toEqual(report.stability);
  });
});

describe('what cannot be measured', () => {
  it.each([
    [{ gates: ['stability.mFR <= 1'] }, 'spec/gate', 'names none'],
    [{ stability: false, gates: ['stability.mFP <= 1'] }, 'spec/gate', 'does not have them measured'],
    [{ stability: { only: ['tilts'] } }, 'spec/', 'stability'],
    [{ stability: { frames: 1 } }, 'spec/', 'stability'],
    [{ stability: { reference: { tilt: 2 } } }, 'spec/', 'stability'],
    [{ stability: { reference: 'missing.json' } }, 'report/', 'missing.json'],
    [{ stability: { reference: 'AlexNet' } }, 'spec/stability-reference', 'compressed videos'],
    [{ task: 'regression', stability: true }, 'spec/stability', 'predicts numbers'],
  ])('%j', async (change, code, words) => {
    const error = await run(digits, change).catch((thrown: unknown) => thrown as { code: string; message: string });
    expect((error as { code: string }).code).toContain(code);
    expect((error as { message: string }).message).toContain(words);
  });

  it('a reference without figures of sequences', async () => {
    const plain = `report-${runs}.robustness.json`;
    await run(digits, { stability: false });
    await expect(run(digits, { stability: { ...short, reference: plain } })).rejects.toMatchObject({
      code: 'spec/stability-reference',
    });
  });
});
