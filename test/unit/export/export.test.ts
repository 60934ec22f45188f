import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/engine/data/open';
import { type WritableArray, writeNpz } from '../../../src/engine/data/write';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { exportExamples } from '../../../src/engine/export/export';
import { removeLeftovers } from '../../../src/engine/export/leftovers';
import { encodeTexts, NpzStream } from '../../../src/engine/export/npzStream';
import type { ExportSubject } from '../../../src/engine/export/request';
import { storedForm } from '../../../src/engine/export/stored';
import { readReport } from '../../../src/engine/report/store';
import { digitsWorkspace, irisWorkspace, type Workspace } from '../evaluate/workspace';

const open: Workspace[] = [];
afterAll(async () => {
  for (const workspace of open) await workspace.remove();
});
async function kept(workspace: Promise<Workspace>): Promise<Workspace> {
  open.push(await workspace);
  return workspace;
}

async function column(path: string, name: string): Promise<number[]> {
  const data = await openDataset({ path, inputs: 'x', labels: name, layout: 'flat' }, '.', { unit: 1 });
  const values: number[] = [];
  for await (const { y } of data.batches(1000)) values.push(...y);
  await data.close();
  return values;
}

async function rows(path: string): Promise<{ x: Float32Array; count: number; size: number }> {
  const data = await openDataset({ path, inputs: 'x', labels: 'y', layout: 'flat' }, '.', { unit: 1 });
  for await (const { x, count } of data.batches(data.count)) return { x, count, size: x.length / count };
  throw new Error('empty');
}

describe('an .npz that is streamed', () => {
  it('is read by the readers of data, with as many rows as came', async () => {
    const { root } = await kept(irisWorkspace());
    const path = join(root, 'streamed.npz');
    const stream = await NpzStream.create(path, 'x', [2, 3]);
    const all = Float32Array.from({ length: 60 }, (_, i) => i / 7);
    for (let i = 0; i < 10; i++) await stream.append(all.subarray(6 * i, 6 * (i + 1)));
    expect(stream.rows).toBe(10);
    await stream.finish({
      y: { shape: [10], values: BigInt64Array.from({ length: 10 }, (_, i) => BigInt(i % 3)) },
      names: encodeTexts(['a', 'größe 😀']),
    });
    expect((await rows(path)).x).toEqual(all);
    expect(await column(path, 'y')).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0]);
    // Rows that are no whole ones, and what is left of a failure.
    const broken = await NpzStream.create(join(root, 'broken.npz'), 'x', [2]);
    await expect(broken.append(new Float32Array(3))).rejects.toThrow(/no rows/);
    await broken.abandon();
    expect((await readdir(root)).filter((name) => name.startsWith('broken'))).toEqual([]);
  });
});

it('what a process that was killed left of a file goes, and nothing else', async () => {
  const { root } = await kept(irisWorkspace());
  const before = (await readdir(root)).sort();
  await writeFile(join(root, 'out.npz.4711.0123abcd.tmp'), 'half');
  await writeFile(join(root, 'out.npz.notes.tmp'), 'mine');
  await removeLeftovers(join(root, 'out.npz'));
  expect((await readdir(root)).sort()).toEqual([...before, 'out.npz.notes.tmp'].sort());
  await removeLeftovers(join(root, 'no such folder', 'out.npz'));
});

describe('the form of the file', () => {
  it('turns channels and units as they are stored, and back', () => {
    const dataset = { unit: 255, shape: [2, 1, 3], stored: { shape: [1, 3, 2], channelsLast: true } };
    const form = storedForm({ dataset, scale: undefined } as unknown as Parameters<typeof storedForm>[0]);
    const x = Float32Array.of(0, 1, 2, 10, 11, 12).map((value) => value / 255);
    expect([...form.toFile(x)].map(Math.round)).toEqual([0, 10, 1, 11, 2, 12]);
    expect([...form.fromFile(form.toFile(x))]).toEqual([...x].map((value) => expect.closeTo(value, 7)));
    const scaled = storedForm({ dataset: { unit: 1, shape: [2] }, scale: [2, 10] } as unknown as Parameters<
      typeof storedForm
    >[0]);
    expect([...scaled.toFile(Float32Array.of(1, 1, 3, 2))]).toEqual([2, 10, 6, 20]);
    expect([...scaled.fromFile(Float32Array.of(2, 10, 6, 20))]).toEqual([1, 1, 3, 2]);
  });
});

describe('examples of the sample digits', () => {
  let workspace: Workspace;
  let reportPath: string;
  const to = (name: string) => join(workspace.root, name);
  const run = (subject: ExportSubject, name = 'out.npz') => exportExamples({ reportPath, subject, out: to(name) });

  beforeAll(async () => {
    workspace = await kept(digitsWorkspace());
    [reportPath = ''] = (await evaluate({ specPath: workspace.specPath })).reportPaths;
  }, 60_000);

  it('that the attacks broke are those of the report, and break the model read again', async () => {
    const report = await readReport(reportPath);
    const broken = report.outcomes.brokenBy.linf!.flatMap((by, i) => (by === null || by === 'clean' ? [] : [i]));
    expect(broken.length).toBeGreaterThan(0);
    const result = await run({ kind: 'adversarial', threatModel: 'linf' });
    expect(result).toMatchObject({
      examples: broken.length,
      errorRate: 1,
      report: { wrong: broken.length, found: broken.length, agrees: true },
      notes: [],
    });
    expect(await column(result.out, 'index')).toEqual(broken);
    expect(await column(result.out, 'y')).toEqual(broken.map((i) => report.outcomes.label[i]));
    const predicted = await column(result.out, 'y_pred');
    predicted.forEach((label, k) => {
      expect(label).not.toBe(report.outcomes.label[broken[k]!]);
    });
    // Within ε of the clean example, in the units of the file.
    const test = await rows(to('data/test.npz'));
    const { x, count, size } = await rows(result.out);
    let furthest = 0;
    for (let k = 0; k < count; k++)
      for (let i = 0; i < size; i++) {
        furthest = Math.max(furthest, Math.abs(x[k * size + i]! - test.x[broken[k]! * size + i]!));
      }
    expect(furthest).toBeLessThanOrEqual(255 * 0.1 * (1 + 1e-5));
    expect(furthest).toBeGreaterThan(255 * 0.05);
  });

  it('under corruptions are those of the report', async () => {
    const report = await readReport(reportPath);
    const result = await run({ kind: 'corrupted' });
    const wrong = report.corruptions!.byCorruption.reduce(
      (sum, { accuracy }) => sum + Math.round(40 * (1 - accuracy.value)),
      0,
    );
    expect(result).toMatchObject({
      examples: 4 * 40,
      shape: [160, 28, 28],
      report: { wrong, found: wrong, agrees: true },
    });
    const some = await run({ kind: 'corrupted', names: ['contrast'], severities: [5] });
    expect(some.examples).toBe(40);
    expect(some.report?.agrees).toBe(true);
    expect((await run({ kind: 'corrupted', names: ['fog'], severities: [2] })).report).toBeNull();
  });

  it('of a spec without a report are the same', async () => {
    const subject = { kind: 'adversarial', threatModel: 'linf' } as const;
    const first = await run(subject);
    const second = await exportExamples({
      evaluation: { specPath: workspace.specPath },
      subject,
      out: to('second.npz'),
    });
    expect(second.report).toBeNull();
    expect(second.errorRate).toBe(1);
    expect(await column(second.out, 'index')).toEqual(await column(first.out, 'index'));
    expect((await rows(second.out)).x).toEqual((await rows(first.out)).x);
  });

  it('are refused by name where they cannot be made', async () => {
    const subject = { kind: 'adversarial', threatModel: 'linf' } as const;
    await expect(run({ kind: 'adversarial', threatModel: 'lnif' })).rejects.toMatchObject({
      code: 'export/threat-model',
      hint: expect.stringContaining('Did you mean linf?'),
    });
    await expect(run({ kind: 'corrupted', names: ['fogg'] })).rejects.toMatchObject({ code: 'export/corruption' });
    await expect(run({ kind: 'corrupted', names: ['missing_values'] })).rejects.toMatchObject({
      code: 'export/corruption',
    });
    await expect(run({ kind: 'corrupted', severities: [6] })).rejects.toMatchObject({ code: 'export/severity' });
    await expect(exportExamples({ subject, out: to('none.npz') })).rejects.toMatchObject({ code: 'export/no-subject' });
    // No half of a file, and none of the temporary ones.
    expect((await readdir(workspace.root)).filter((name) => name.endsWith('.tmp'))).toEqual([]);

    const data = to('data/test.npz');
    const before = await readFile(data);
    const values = Float32Array.from({ length: 40 * 784 }, (_, i) => i % 255);
    const y: WritableArray = { shape: [40], values: BigInt64Array.from({ length: 40 }, (_, i) => BigInt(i % 10)) };
    await writeNpz(data, { x: { shape: [40, 28, 28], values }, y });
    await expect(run(subject)).rejects.toMatchObject({
      code: 'export/changed',
      message: expect.stringContaining('data'),
    });
    await writeFile(data, before);
    expect((await stat(data)).size).toBe(before.length);
  });
});

it('examples of a table stay in the units of its columns', async () => {
  const { root, specPath } = await kept(
    irisWorkspace({
      corruptions: { only: ['unit_errors'], severities: [3] },
      threatModels: [{ name: 'linf', norm: 'linf', epsilon: 1, suite: 'quick', attacks: ['pgd'] }],
    }),
  );
  const result = await exportExamples({
    evaluation: { specPath },
    subject: { kind: 'adversarial', threatModel: 'linf' },
    out: join(root, 'table.npz'),
  });
  expect(result.examples).toBeGreaterThan(0);
  expect(result).toMatchObject({ errorRate: 1, shape: [result.examples, 4] });
  const { x } = await rows(result.out);
  for (const value of x) {
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(8);
  }
});
