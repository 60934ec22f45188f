import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RobustnessError } from '../../../src/engine/error';
import {
  baseOfReport,
  markStopped,
  parseReport,
  readReport,
  reportPathFor,
  resolveStored,
  storedPath,
  writeReport,
} from '../../../src/engine/report/store';
import { reportBase } from '../../fixtures/reportBase';
import { reportRich, reportRunning } from '../../fixtures/reportRich';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a stored report', () => {
  it('is read as it was written, with its folder made', async () => {
    const path = join(folder, '.robustness', 'm.robustness.json');
    for (const report of [reportBase(), reportRich(), reportRunning()]) {
      await writeReport(path, report);
      expect(await readReport(path)).toEqual(report);
    }
    expect(await readdir(join(folder, '.robustness'))).toEqual(['m.robustness.json']);
  });

  it('is plain JSON for people: indented, with the outcomes on one line', async () => {
    const path = join(folder, 'm.robustness.json');
    await writeReport(path, reportBase());
    const text = await readFile(path, 'utf8');
    expect(JSON.parse(text)).toEqual(reportBase());
    expect(text).toMatch(/^\{\n {2}"schemaVersion": 1,\n/);
    expect(text.split('\n').filter((line) => line.startsWith('  "outcomes": {'))).toHaveLength(1);
  });

  it('is never seen half written', async () => {
    const path = join(folder, 'm.robustness.json');
    await writeReport(path, reportRich());
    let writing = true;
    const writes = (async () => {
      for (let i = 0; i < 20; i++) await writeReport(path, reportRich());
      writing = false;
    })();
    let reads = 0;
    while (writing) {
      await readReport(path);
      reads++;
    }
    await writes;
    expect(reads).toBeGreaterThan(0);
  });
});

describe('parseReport', () => {
  const base = () => structuredClone(reportBase()) as unknown as Record<string, unknown>;
  it.each([
    ['nothing', '', 'report/not-json'],
    ['text', 'hello', 'report/not-json'],
    ['another document', '{"a":1}', 'report/invalid'],
    ['an array', '[]', 'report/invalid'],
    ['null', 'null', 'report/invalid'],
    ['deep nesting', `${'['.repeat(2000)}${']'.repeat(2000)}`, 'report/invalid'],
    ['a newer version', JSON.stringify({ ...base(), schemaVersion: 2 }), 'report/version'],
    ['an unknown key', JSON.stringify({ ...base(), surprise: 1 }), 'report/invalid'],
    ['a hash that is none', JSON.stringify({ ...base(), specSha256: 'abc' }), 'report/invalid'],
    ['a number that is text', JSON.stringify({ ...base(), seed: '0' }), 'report/invalid'],
    ['a polluting key', JSON.stringify(base()).replace('{', '{"__proto__":{"polluted":1},'), 'report/invalid'],
  ])('refuses %s', (_, text, code) => {
    expect(() => parseReport(text, 'x.robustness.json')).toThrow(
      expect.objectContaining({ code, hint: expect.stringMatching(/\w/) }),
    );
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('names the place of what is wrong', () => {
    expect(() => parseReport(JSON.stringify({ ...base(), seed: 0.5 }), 'x')).toThrow(/`seed`/);
  });

  it('throws nothing but its own errors, whatever it is given', () => {
    const text = JSON.stringify(reportBase());
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(60), fc.string(), (at, drop, put) => {
        try {
          parseReport(text.slice(0, at) + put + text.slice(at + drop), 'x');
        } catch (error) {
          expect(RobustnessError.is(error, 'report/')).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('readReport', () => {
  it('says when there is none, or when it is far too large', async () => {
    await expect(readReport(join(folder, 'no.json'))).rejects.toMatchObject({ code: 'report/not-found' });
    await expect(readReport(folder)).rejects.toMatchObject({ code: 'report/not-found' });
    const large = join(folder, 'large.json');
    await writeFile(large, '');
    await truncate(large, 2 ** 29);
    await expect(readReport(large)).rejects.toMatchObject({ code: 'report/too-large' });
  });
});

describe('paths of a report', () => {
  it('lie in .robustness beside the spec', () => {
    expect(reportPathFor('/p', '/p/models/plain.v2.onnx')).toBe(join('/p', '.robustness', 'plain.v2.robustness.json'));
  });

  it('count from the folder that holds .robustness, else from the report’s own', () => {
    expect(baseOfReport('/p/.robustness/a.robustness.json')).toBe('/p');
    expect(baseOfReport('/p/out/a.json')).toBe('/p/out');
    expect(resolveStored('/p/.robustness/a.robustness.json', 'models/a.onnx')).toBe('/p/models/a.onnx');
    expect(resolveStored('/p/.robustness/a.robustness.json', '../q/a.onnx')).toBe('/q/a.onnx');
    expect(storedPath('/p', '/p/models/a.onnx')).toBe('models/a.onnx');
    expect(storedPath('/p', '/p')).toBe('.');
  });
});

describe('markStopped', () => {
  it('marks a report that looks as if it were running, and no other', async () => {
    const path = join(folder, 'm.robustness.json');
    const error = { code: 'worker/died', message: 'm', hint: 'h' } as const;
    await writeReport(path, reportRunning());
    await markStopped(path, 'interrupted', error);
    expect((await readReport(path)).status).toMatchObject({ state: 'interrupted', error });
    await markStopped(path, 'failed', null);
    expect((await readReport(path)).status.state).toBe('interrupted');
    await writeReport(path, reportBase());
    await markStopped(path, 'interrupted', error);
    expect(await readReport(path)).toEqual(reportBase());
    await markStopped(join(folder, 'none.json'), 'failed', null);
    expect(await readdir(folder)).toEqual(['m.robustness.json']);
  });
});
