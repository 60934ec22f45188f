import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorker } from '../../../src/worker/client';
import type { WorkerMessage } from '../../../src/worker/protocol';
import { type Bundles, bundles } from './bundle';

let built: Bundles;
beforeAll(async () => {
  built = await bundles();
});
afterAll(() => built.remove());

const model = resolve('test/fixtures/tiny/tiny.onnx');
const silent = { onMessage: () => {} };

function isAlive(pid: number | undefined): boolean {
  try {
    process.kill(pid ?? 0, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the worker', () => {
  it('inspects a model in its own process', async () => {
    const messages: WorkerMessage[] = [];
    const worker = startWorker(
      built.worker,
      { kind: 'inspect', modelPath: model },
      { onMessage: (m) => messages.push(m) },
    );
    expect(worker.pid).not.toBe(process.pid);
    expect(await worker.result).toMatchObject({ facts: { path: model, gradient: { available: true } } });
    expect(messages.map((message) => message.type)).toEqual(['result']);
  });

  it('infers data, pre-processing and threat model', async () => {
    const dataPath = resolve('test/fixtures/tiny/iris.csv');
    const { result } = startWorker(built.worker, { kind: 'infer', modelPath: model, dataPath }, silent);
    expect(await result).toMatchObject({
      data: { path: dataPath },
      facts: { kind: 'vector', shape: [4], classes: ['setosa', 'versicolor', 'virginica'] },
      atChance: false,
    });
  });

  it('hands typed errors over as they are', async () => {
    const { result } = startWorker(built.worker, { kind: 'inspect', modelPath: '/nowhere.onnx' }, silent);
    await expect(result).rejects.toMatchObject({
      name: 'RobustnessError',
      code: 'model/unreadable',
      hint: expect.stringMatching(/\w/),
    });
  });

  it('ends by itself when its job is done', async () => {
    const worker = startWorker(built.worker, { kind: 'inspect', modelPath: model }, silent);
    await worker.result;
    await expect.poll(() => isAlive(worker.pid), { timeout: 5000 }).toBe(false);
  });

  it('is gone after a cancel, which returns at once', async () => {
    const worker = startWorker(built.worker, { kind: 'inspect', modelPath: model }, silent);
    const start = performance.now();
    worker.cancel();
    await expect(worker.result).rejects.toMatchObject({ code: 'worker/cancelled' });
    expect(performance.now() - start).toBeLessThan(500);
    await expect.poll(() => isAlive(worker.pid), { timeout: 5000 }).toBe(false);
  });

  it('says nothing more after a cancel', async () => {
    let after = 0;
    let cancelled = false;
    const worker = startWorker(
      built.worker,
      { kind: 'inspect', modelPath: model },
      {
        onMessage: () => {
          if (cancelled) after++;
        },
      },
    );
    cancelled = true;
    worker.cancel();
    await worker.result.catch(() => {});
    await expect.poll(() => isAlive(worker.pid), { timeout: 5000 }).toBe(false);
    expect(after).toBe(0);
  });

  it('refuses to run unless it was forked', () => {
    const { status, stderr } = spawnSync(process.execPath, [built.worker], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/is started by the extension or the command line/);
  });
});

describe('a worker that dies', () => {
  async function deathOf(source: string): Promise<unknown> {
    const path = join(built.folder, 'dying.cjs');
    await writeFile(path, source);
    return startWorker(path, { kind: 'inspect', modelPath: model }, silent).result.catch((error: unknown) => error);
  }

  it.each([
    ['process.exit(7)', /exit code 7/],
    ['process.kill(process.pid, "SIGKILL")', /SIGKILL.*memory runs out/],
    ['process.kill(process.pid, "SIGSEGV"); setTimeout(() => {}, 9000)', /SIGSEGV/],
    ['throw new Error("no such native module")', /no such native module|last words/],
    ['process.on("message", () => process.exit(0))', /exit code 0/],
  ])('%s', async (source, message) => {
    expect(await deathOf(source)).toMatchObject({
      code: 'worker/died',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/Resume/),
    });
  });

  it('is told of a bundle that does not exist', async () => {
    const { result } = startWorker(join(built.folder, 'nothing.cjs'), { kind: 'inspect', modelPath: model }, silent);
    await expect(result).rejects.toMatchObject({ code: 'worker/died' });
  });

  it('dies with its parent', async () => {
    const parent = `
      const { fork } = require('node:child_process');
      const child = fork(${JSON.stringify(built.worker)}, { stdio: 'ignore' });
      process.stdout.write(String(child.pid), () => process.kill(process.pid, 'SIGKILL'));
    `;
    const { stdout } = spawnSync(process.execPath, ['-e', parent], { encoding: 'utf8' });
    const pid = Number(stdout);
    expect(pid).toBeGreaterThan(1);
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });
});
