import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparable } from '../../../src/engine/evaluate/run';
import type { EvaluationRequest } from '../../../src/engine/evaluate/target';
import { readReport } from '../../../src/engine/report/store';
import { startWorker } from '../../../src/worker/client';
import type { WorkerMessage } from '../../../src/worker/protocol';
import { type Bundles, bundles } from '../worker/bundle';
import { digitsWorkspace, type Workspace } from './workspace';

interface Ended {
  readonly runId: string;
  readonly reportPath: string;
  readonly units: number;
  readonly error: unknown;
}

let built: Bundles;
let workspace: Workspace;
beforeAll(async () => {
  built = await bundles();
  workspace = await digitsWorkspace({
    model: undefined,
    models: ['models/plain.onnx', 'models/robust.onnx'],
    threatModels: [
      {
        name: 'linf',
        norm: 'linf',
        epsilon: 0.1,
        iterations: 2,
        suite: 'quick',
        attacks: ['pgd', 'square'],
        queries: 5,
      },
    ],
    corruptions: { only: ['gaussian_noise'], severities: [1] },
  });
  // Bundles are built in it: a second, on a machine that has nothing else to do.
}, 60_000);
afterAll(async () => {
  await workspace.remove();
  await built.remove();
});

/** Runs a request in a real worker, which is killed by SIGKILL once so many units have finished. */
async function run(request: EvaluationRequest, killAfter = Number.POSITIVE_INFINITY): Promise<Ended> {
  let runId = '';
  let reportPath = '';
  let units = 0;
  const worker = startWorker(
    built.worker,
    { kind: 'evaluate', request },
    {
      onMessage(message: WorkerMessage) {
        if (message.type === 'started') ({ runId, reportPath } = message);
        // The first progress of a model tells that it is being opened.
        if (message.type === 'progress' && message.progress.stage.includes(' examples')) units++;
        if (units === killAfter && worker.pid !== undefined) process.kill(worker.pid, 'SIGKILL');
      },
    },
  );
  const error = await worker.result.then(
    () => null,
    (each: unknown) => each,
  );
  return { runId, reportPath, units, error };
}

async function keysOf(runId: string): Promise<string[]> {
  const journal = await readFile(join(workspace.root, '.robustness', 'runs', runId, 'journal.jsonl'), 'utf8');
  const lines = journal.split('\n').slice(1, -1);
  return lines.map((line) => (JSON.parse(line) as { key: string }).key);
}

describe('a run whose worker is killed', () => {
  it('resumes to the report of an undisturbed one, and does no finished unit again', async () => {
    const { specPath, root } = workspace;
    const reports = ['plain', 'robust'].map((name) => join(root, '.robustness', `${name}.robustness.json`));
    const undisturbed = await run({ specPath });
    expect(undisturbed.error).toBeNull();
    const expected = await Promise.all(reports.map(async (path) => comparable(await readReport(path))));
    const allKeys = await keysOf(undisturbed.runId);

    const killed = await run({ specPath }, 3);
    expect(killed.error).toMatchObject({ code: 'worker/died', hint: expect.stringMatching(/Resume/) });
    const { runId } = killed;
    expect(await readReport(killed.reportPath)).toMatchObject({ status: { state: 'running' }, run: runId });
    let before = (await keysOf(runId)).length;
    expect(before).toBeLessThan(allKeys.length);
    for (const killAfter of [4, 9, Number.POSITIVE_INFINITY]) {
      const { error } = await run({ specPath, resume: runId }, killAfter);
      if (killAfter === Number.POSITIVE_INFINITY) expect(error).toBeNull();
      else expect(error).toMatchObject({ code: 'worker/died' });
      const keys = await keysOf(runId);
      expect(keys.length).toBeGreaterThan(before);
      before = keys.length;
    }

    const keys = await keysOf(runId);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toEqual(allKeys);
    const resumed = await Promise.all(reports.map(async (path) => comparable(await readReport(path))));
    expect(resumed).toEqual(expected);
  });

  it('resumes with the settings that it was started with', async () => {
    const { specPath } = workspace;
    const killed = await run({ specPath, modelPath: join(workspace.root, 'models/plain.onnx'), limit: 12, seed: 9 }, 2);
    expect(killed.error).toMatchObject({ code: 'worker/died' });
    const { error, reportPath } = await run({ specPath, resume: killed.runId });
    expect(error).toBeNull();
    expect(await readReport(reportPath)).toMatchObject({ seed: 9, data: { count: 12 }, status: { state: 'complete' } });
  });

  it('is found again by its model alone, when there was no spec', async () => {
    const modelPath = join(workspace.root, 'models/plain.onnx');
    const dataPath = join(workspace.root, 'data/test.npz');
    const options = { preset: 'quick', norm: 'linf', epsilon: '0.5', limit: 8 } as const;
    const killed = await run({ modelPath, dataPath, ...options }, 2);
    expect(killed.error).toMatchObject({ code: 'worker/died' });
    const { error, reportPath } = await run({ modelPath, resume: killed.runId });
    expect(error).toBeNull();
    expect(reportPath).toBe(killed.reportPath);
    expect(await readReport(reportPath)).toMatchObject({ data: { count: 8 }, threatModels: [{ epsilon: 0.5 }] });
  });

  it('is not resumed with another spec, another name, or while it runs', async () => {
    const { specPath, root } = workspace;
    const modelPath = join(root, 'models/plain.onnx');
    const killed = await run({ specPath, modelPath }, 2);
    const refused = await run({ specPath, modelPath, resume: killed.runId, seed: 4 });
    expect(refused.error).toMatchObject({ code: 'evaluate/journal-mismatch' });
    expect((await run({ specPath, resume: '../../etc' })).error).toMatchObject({ code: 'usage/run-name' });
    expect((await run({ specPath, resume: 'nothing' })).error).toMatchObject({ code: 'evaluate/no-such-run' });

    const runFile = join(root, '.robustness', 'runs', killed.runId, 'run.json');
    const file = JSON.parse(await readFile(runFile, 'utf8')) as object;
    await writeFile(runFile, JSON.stringify({ ...file, state: 'running', pid: process.pid }));
    expect((await run({ specPath, resume: killed.runId })).error).toMatchObject({ code: 'evaluate/run-in-use' });
  });
});
