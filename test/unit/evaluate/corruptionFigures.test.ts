import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { corruptionFigures } from '../../../src/engine/evaluate/corruptionFigures';
import { type CorruptionReference, openCorruptionReference } from '../../../src/engine/evaluate/corruptionReference';
import type { CorruptionTally } from '../../../src/engine/evaluate/state';
import { alexNetErrors } from '../../../src/engine/metric/corruptionError';
import { figure, reportBase } from '../../fixtures/reportBase';
import { reportOutputs } from '../../fixtures/reportOutputs';

const n = 200;
const tally = (name: string, severity: number, accuracy: number, seen = n): CorruptionTally => ({
  name,
  title: name.replace('_', ' '),
  severity,
  parameter: `severity ${severity}`,
  seen,
  correct: Math.round(accuracy * seen),
  stable: seen,
  unanswered: 0,
});
const reference = (
  errors: Record<string, number | Record<number, number>>,
  cleanError = 0.05,
): CorruptionReference => ({
  name: 'other.onnx',
  kind: 'report',
  cleanError,
  errors: new Map(
    Object.entries(errors).map(([name, given]) => [
      name,
      typeof given === 'number' ? given : new Map(Object.entries(given).map(([s, error]) => [Number(s), error])),
    ]),
  ),
});

describe('figures under corruption', () => {
  it('is null before the first corruption', () => {
    expect(corruptionFigures([], null, 0.1)).toBeNull();
    expect(corruptionFigures([tally('fog', 1, 0, 0)], reference({ fog: 0.5 }), 0.1)).toBeNull();
  });

  it('names the corruption that costs most over its severities, not in one cell', () => {
    const found = corruptionFigures([tally('fog', 1, 0.9), tally('fog', 5, 0.1), tally('snow', 1, 0.4)], null, 0.1);
    expect(found?.worst).toMatchObject({ name: 'snow', accuracy: { value: 0.4, n } });
    expect(found).toMatchObject({ mCE: null });
    expect(found).not.toHaveProperty('reference');
  });

  it('is relative to the errors that both models have, at severities that both have', () => {
    const rows = [
      tally('fog', 1, 0.8),
      tally('fog', 3, 0.6),
      tally('fog', 5, 0.1),
      tally('snow', 1, 0.7),
      tally('frost', 1, 0),
    ];
    const found = corruptionFigures(rows, reference({ fog: { 1: 0.1, 3: 0.2 }, snow: { 1: 0.6 } }), 0.1);
    // fog: (0.2 + 0.4) / (0.1 + 0.2) = 2; snow: 0.3 / 0.6 = 1/2. Relative: (0.6 − 0.2) / (0.3 − 0.1) = 2; 0.2 / 0.55.
    expect(found?.mCE?.value).toBeCloseTo(1.25, 12);
    expect(found?.reference?.relativeMCE).toBeCloseTo((2 + 0.2 / 0.55) / 2, 12);
    expect(found?.reference?.byCorruption.map(({ name, severities }) => [name, severities])).toEqual([
      ['fog', [1, 3]],
      ['snow', [1]],
    ]);
    expect(found!.mCE!.low).toBeLessThan(1.25);
    expect(found!.mCE!.high).toBeGreaterThan(1.25);
    expect(found!.mCE!.n).toBe(n);
  });

  it('is 1 for the reference itself, with an interval about it', () => {
    const rows = [tally('fog', 1, 0.8), tally('snow', 1, 0.5)];
    const found = corruptionFigures(rows, reference({ fog: 0.2, snow: 0.5 }), 0.05);
    expect(found?.mCE?.value).toBeCloseTo(1, 12);
    expect(found?.reference?.relativeMCE).toBeCloseTo(1, 12);
  });

  it('leaves out the four extra corruptions, and what the reference never gets wrong', () => {
    const rows = [tally('fog', 1, 0.5), tally('saturate', 1, 0.1), tally('snow', 1, 0.5)];
    const found = corruptionFigures(rows, reference({ fog: 0.5, saturate: 0.1, snow: 0 }), 0.1);
    expect(found?.mCE?.value).toBeCloseTo(1, 12);
    expect(found?.reference?.byCorruption.map(({ name, ce }) => [name, ce])).toEqual([
      ['fog', 1],
      ['snow', null],
    ]);
    expect(corruptionFigures(rows, reference({ snow: 0 }), 0.1)?.mCE).toBeNull();
    expect(corruptionFigures(rows, reference({}), 0.1)?.mCE).toBeNull();
  });
});

describe('the reference of the mean corruption error', () => {
  const imageNet = {
    kind: 'image' as const,
    shape: [3, 224, 224],
    classes: Array.from({ length: 1000 }, (_, k) => String(k)),
  };
  const open = (
    named: string | undefined,
    facts: { kind: 'image' | 'vector'; shape: number[]; classes: string[] } = imageNet,
    { severities = [1, 2, 3, 4, 5], base = tmpdir(), sha256 = 'f'.repeat(64) } = {},
  ) =>
    openCorruptionReference(
      { corruptions: { names: ['fog'], severities, ...(named === undefined ? {} : { reference: named }) } },
      facts,
      base,
      sha256,
    );

  it('is none unless named', async () => {
    expect(await open(undefined)).toEqual({ reference: null, notes: [] });
  });

  it("has AlexNet's published errors, and says where they mean nothing", async () => {
    const { reference: alexNet, notes } = await open('alexnet');
    expect(notes).toEqual([]);
    expect(alexNet?.errors.get('fog')).toBe(alexNetErrors.fog);
    const small = { ...imageNet, shape: [3, 32, 32], classes: ['a', 'b'] };
    expect((await open('alexnet', small)).notes).toEqual([expect.stringContaining('not ImageNet')]);
    expect((await open('alexnet', imageNet, { severities: [1, 3] })).notes).toEqual([
      expect.stringContaining('not all of them were measured'),
    ]);
  });

  it('reads a report, and says where it is on other data', async () => {
    const base = mkdtempSync(path.join(tmpdir(), 'reference-'));
    const report = reportBase((r) => {
      r.corruptions = {
        meanAccuracy: figure(0.5, 100),
        mCE: null,
        stabilityIndex: figure(0.5, 100),
        byCorruption: [
          { name: 'fog', title: 'Fog', severity: 2, accuracy: figure(0.7, 100), stability: figure(0.5, 100) },
        ],
      };
    });
    writeFileSync(path.join(base, 'a.robustness.json'), JSON.stringify(report));
    const same = await open('a.robustness.json', imageNet, { base, sha256: report.data.sha256 });
    expect(same.notes).toEqual([]);
    expect([...(same.reference!.errors.get('fog') as Map<number, number>)]).toEqual([[2, expect.closeTo(0.3, 12)]]);
    expect(same.reference?.cleanError).toBeCloseTo(1 - report.clean!.accuracy.value, 12);
    const other = await open('a.robustness.json', imageNet, { base });
    expect(other.notes).toEqual([expect.stringContaining('other data')]);
  });

  it('refuses what has no figures under corruption', async () => {
    const base = mkdtempSync(path.join(tmpdir(), 'reference-'));
    const write = (name: string, text: string) => writeFileSync(path.join(base, name), text);
    write('none.json', JSON.stringify(reportBase()));
    write('numbers.json', JSON.stringify(reportOutputs()));
    write('broken.json', '{"schemaVersion": 1');
    await expect(open('none.json', imageNet, { base })).rejects.toMatchObject({ code: 'spec/corruption-reference' });
    await expect(open('numbers.json', imageNet, { base })).rejects.toMatchObject({
      code: 'spec/corruption-reference',
    });
    await expect(open('broken.json', imageNet, { base })).rejects.toMatchObject({ code: 'report/not-json' });
    await expect(open('absent.json', imageNet, { base })).rejects.toMatchObject({ code: 'report/not-found' });
  });
});
