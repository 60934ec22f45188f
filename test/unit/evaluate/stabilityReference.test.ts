import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStabilityReference } from '../../../src/engine/evaluate/stabilityReference';
import type { Report } from '../../../src/engine/report/schema';
import type { StabilityRow } from '../../../src/engine/report/stability';
import { figure, reportBase } from '../../fixtures/reportBase';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reference-'));
});
afterAll(() => rm(folder, { recursive: true }));

const row = (name: string, frames: number): StabilityRow => ({
  name,
  title: name,
  steps: 'a little a frame',
  frames,
  compared: 'previous',
  flipProbability: figure(0.1, 100),
  steady: figure(0.5, 100),
  byStep: [],
});
const sequences = (...bySequence: StabilityRow[]): NonNullable<Report['stability']> => ({
  examples: 100,
  mFP: figure(0.1, 100),
  index: figure(0.9, 100),
  bySequence,
});

const shape = [3, 32, 32];
let files = 0;
async function open(change: (report: Report) => void, dataSha256?: string) {
  const report = reportBase((r) => {
    r.data.shape = [...shape];
    r.stability = sequences(row('rotate', 31), row('tilt', 31));
    change(r);
  });
  const name = `r${files++}.json`;
  await writeFile(join(folder, name), JSON.stringify(report));
  const stability = { names: null, frames: null, limit: 10, reference: name };
  return openStabilityReference({ stability }, { shape }, folder, dataSha256 ?? report.data.sha256);
}

describe('a report as reference', () => {
  it('gives its flip probabilities, and nothing to be said of the same sequences on the same data', async () => {
    const { reference, notes } = await open(() => {});
    expect(Object.fromEntries(reference!.flips)).toEqual({ rotate: 0.1, tilt: 0.1 });
    expect(reference?.distances.size).toBe(0);
    expect(notes).toEqual([]);
  });

  it.each([
    ['on other data', () => {}, 'a'.repeat(64), 'on other data'],
    ['of another size', (r: Report) => r.data.shape.splice(0, 3, 3, 64, 64), undefined, 'of another size'],
    [
      'of shorter sequences',
      (r: Report) => Object.assign(r, { stability: sequences(row('tilt', 9)) }),
      undefined,
      'another length',
    ],
  ])('%s: it is said', async (_, change, sha256, words) => {
    const { notes } = await open(change, sha256);
    expect(notes.join()).toContain(words);
  });

  it('with names that nobody knows is read all the same', async () => {
    const { reference, notes } = await open((r) => {
      r.stability = sequences(row('constructor', 3), row('wobble', 4));
    });
    expect([...reference!.flips.keys()]).toEqual(['constructor', 'wobble']);
    expect(notes).toEqual([]);
  });

  it.each([
    ['without sequences', (r: Report) => delete r.stability],
    ['that is not complete', (r: Report) => Object.assign(r.status, { state: 'failed' })],
  ])('%s is refused', async (_, change) => {
    await expect(open(change)).rejects.toMatchObject({ code: 'spec/stability-reference' });
  });

  it('none, where none is named', async () => {
    const stability = { names: null, frames: null, limit: 10 };
    expect(await openStabilityReference({ stability }, { shape }, folder, '')).toEqual({ reference: null, notes: [] });
    expect(await openStabilityReference({}, { shape }, folder, '')).toEqual({ reference: null, notes: [] });
  });
});
