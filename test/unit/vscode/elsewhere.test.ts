import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runsElsewhere } from '../../../src/vscode/runs/elsewhere';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'robustness-runs-'));
});
afterEach(() => rm(base, { recursive: true, force: true }));

async function writeRun(run: string, text: string): Promise<void> {
  const folder = join(base, '.robustness', 'runs', run);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'run.json'), text);
}

describe('runsElsewhere', () => {
  it('is true while the process lives, and false once it was killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    await writeRun('r1', JSON.stringify({ state: 'running', pid: child.pid }));
    expect(await runsElsewhere(base, 'r1')).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await runsElsewhere(base, 'r1')).toBe(false);
  });

  it('is false for a run that has ended, whoever has its number now', async () => {
    await writeRun('r1', JSON.stringify({ state: 'complete', pid: process.pid }));
    expect(await runsElsewhere(base, 'r1')).toBe(false);
  });

  it.each([
    ['no run', null],
    ['no such run', 'r2'],
    ['a name that leads out of the folder', '../r1'],
  ])('is false for %s', async (_, run) => {
    await writeRun('r1', JSON.stringify({ state: 'running', pid: process.pid }));
    expect(await runsElsewhere(base, run)).toBe(false);
  });

  it.each(['', 'null', '[]', '{"state":"running"}', '{"state":"running","pid":-1}', '{"state":"running","pid":"1"}'])(
    'is false for the damaged file %j',
    async (text) => {
      await writeRun('r1', text);
      expect(await runsElsewhere(base, 'r1')).toBe(false);
    },
  );
});
