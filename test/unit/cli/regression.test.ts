import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { parseSpec } from '../../../src/engine/spec/read';
import { parseTolerance, toleranceText } from '../../../src/engine/spec/tolerance';
import { type Bundles, bundles } from '../worker/bundle';

let built: Bundles;
let folder: string;
beforeAll(async () => {
  built = await bundles();
  folder = await mkdtemp(join(tmpdir(), 'flats-'));
  await cp(resolve('samples/flats'), folder, { recursive: true });
});
afterAll(async () => {
  await built.remove();
  await rm(folder, { recursive: true });
});

function robustness(...args: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [built.cli, ...args], { cwd: folder, encoding: 'utf8' }, (error, out, err) => {
      done({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
}

describe('a regression on the command line', () => {
  it('is evaluated, rendered and compared', async () => {
    const spec = await readFile(join(folder, 'robustness.yaml'), 'utf8');
    await writeFile(
      join(folder, 'robustness.yaml'),
      spec.replace('maxChange(linf-1) <= 200', 'maxChange(linf-1) <= 1'),
    );
    const { code, out } = await robustness('evaluate', 'robustness.yaml', '--limit', '10', '--threads', '1');
    // The second gate fails.
    expect(code).toBe(1);
    expect(out).toMatch(/linf-1 \(ℓ∞ ≤ 1\) +[\d.]+ \([\d.]+ to [\d.]+\) +≥ [\d.]+/);
    expect(out).toContain('gate passed: clean.r2 >= 0.9');
    expect(out).toContain('gate FAILED: worstCase.maxChange(linf-1) <= 1');
    expect(out).toContain('lower bounds');

    const report = '.robustness/price.robustness.json';
    const csv = await robustness('report', report, '--format', 'csv');
    expect(csv.out).toContain('worstCase,l1-2,,,2,mae,');
    const json = JSON.parse((await robustness('compare', report, report, '--json')).out);
    expect(json.rows).toHaveLength(4);
    expect(json.rows[0]).toMatchObject({ threatModel: 'linf-1', worstCase: { maxChange: expect.any(Number) } });
    expect((await robustness('compare', report, report)).out).toContain('price.onnx');

    await cp(resolve('test/fixtures/tiny'), join(folder, 'tiny'), { recursive: true });
    const { reportPaths } = await evaluate({
      modelPath: join(folder, 'tiny/tiny.onnx'),
      dataPath: join(folder, 'tiny/iris.csv'),
      preset: 'quick',
      limit: 20,
      out: join(folder, 'iris.robustness.json'),
    });
    const mixed = await robustness('compare', report, reportPaths[0]!);
    expect(mixed.code).toBe(2);
    expect(mixed.err).toContain('Compare reports of one task');
  });

  it('has a tolerance in units of the target or as a share of it', () => {
    expect(parseTolerance(0.5)).toEqual({ value: 0.5, relative: false });
    expect(parseTolerance('12.5 %')).toEqual({ value: 0.125, relative: true });
    expect(toleranceText({ value: 0.07, relative: true })).toBe('7 % of the target');
    for (const text of ['0', '-1', 'much', '"10"', '"% 10"']) {
      const spec = `model: m.onnx\ntask: regression\ntolerance: ${text}\ndata: {test: {path: a.npz}}`;
      expect(() => parseSpec(spec, 'robustness.yaml')).toThrow(expect.objectContaining({ code: 'spec/invalid' }));
    }
  });
});
