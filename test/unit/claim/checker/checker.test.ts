import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { generateDocument } from '../../../../bench/documents';
import { checkDocument } from '../../../../src/claim/check';
import { type CheckerOptions, ClaimChecker } from '../../../../src/claim/checker/checker';
import { emptyEvidence } from '../../../../src/claim/evidence';
import { index, report } from '../evidence';

let folder: string;
let worker: string;
/** A thread that does to the text what the text says. */
let hostile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checker-'));
  worker = join(folder, 'claimWorker.cjs');
  hostile = join(folder, 'hostile.cjs');
  await build({
    entryPoints: ['src/claim/checker/worker.ts'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: worker,
    external: ['onnxruntime-node'],
    logLevel: 'warning',
  });
  await writeFile(
    hostile,
    `const { parentPort } = require('node:worker_threads');
     parentPort.on('message', (request) => {
       if (request.type !== 'check') return;
       const { text } = request.task;
       if (text === 'hang') for (;;);
       if (text === 'die') process.exit(7);
       if (text === 'fill') for (const all = []; ; ) all.push(Array.from({ length: 1000 }, () => ({})));
       if (text === 'throw') throw new Error('of its own');
       parentPort.postMessage({ type: 'claims', claims: [] });
     });
     parentPort.postMessage({ type: 'ready' });`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const checkers: ClaimChecker[] = [];
function make(options: Partial<CheckerOptions> = {}): ClaimChecker {
  const checker = new ClaimChecker({ worker, threads: 2, ...options });
  checkers.push(checker);
  return checker;
}
afterEach(() => {
  for (const checker of checkers.splice(0)) checker.dispose();
});

const documents = Array.from({ length: 8 }, (_, i) => generateDocument(i, 'claims', 30));

describe('a checker', () => {
  it('finds in threads what is found without', async () => {
    const evidence = index(report());
    const checker = make();
    const found = await Promise.all(documents.map((text, i) => checker.check(text, `docs/${i}.md`, evidence)));
    expect(checker.threaded).toBe(true);
    expect(found).toEqual(documents.map((text, i) => checkDocument(text, `docs/${i}.md`, evidence)));
    expect(found.flat().length).toBeGreaterThan(50);
  });

  it('answers for each document with its own claims, however many wait in a thread', async () => {
    const checker = make({ ahead: 2 });
    const found = await Promise.all(documents.map((text, i) => checker.check(text, `docs/${i}.md`)));
    expect(found).toEqual(documents.map((text, i) => checkDocument(text, `docs/${i}.md`, emptyEvidence)));
  });

  it('holds a document against the evidence that it was asked with, though that changes', async () => {
    const text =
      'Our model keeps 62 % robust accuracy under PGD with linf ε = 0.1, and 95 % clean accuracy (n = 200).\n';
    const checker = make({ threads: 1 });
    const indices = Array.from({ length: 12 }, (_, i) => index(report({ stale: i % 2 === 1, model: `m${i}.onnx` })));
    for (const round of [indices, indices]) {
      const found = await Promise.all(round.map((evidence) => checker.check(text, 'a.md', evidence)));
      expect(found).toEqual(round.map((evidence) => checkDocument(text, 'a.md', evidence)));
    }
  });

  it('reads by the language where the name says nothing, and leaves out what nobody asked for', async () => {
    const text = 'Our model is robust to adversarial attacks.\n';
    for (const checker of [make(), make({ worker: null })]) {
      const check = (path: string, options = {}) => checker.check(text, path, emptyEvidence, options);
      expect(await check('Untitled-1', { scoped: true, language: 'markdown' })).toHaveLength(1);
      expect(await check('main.unknown', { scoped: true })).toBeNull();
      expect(await check('main.unknown')).toHaveLength(1);
      const policies = [{ folder: '', include: [], exclude: ['old/**'], rules: {}, about: [] }];
      expect(await checker.check(text, 'old/a.md', { reports: [], policies }, { scoped: true })).toBeNull();
    }
  });

  it('gives up a check that nobody wants any more', async () => {
    const checker = make({ threads: 1 });
    const first = checker.check(documents[0]!, 'a.md');
    const typed = new AbortController();
    const waiting = checker.check(documents[1]!, 'b.md', emptyEvidence, { signal: typed.signal });
    const running = new AbortController();
    typed.abort(new Error('typed over'));
    await expect(waiting).rejects.toThrow('typed over');
    await first;
    const dropped = checker.check(documents[2]!, 'c.md', emptyEvidence, { signal: running.signal });
    running.abort(new Error('closed'));
    await expect(dropped).rejects.toThrow('closed');
    expect(await checker.check(documents[3]!, 'd.md')).toEqual(checkDocument(documents[3]!, 'd.md', emptyEvidence));
  });

  it('takes what is urgent first', async () => {
    const checker = make({ threads: 1 });
    const order: string[] = [];
    const check = (path: string, urgent: boolean) =>
      checker.check(documents[0]!, path, emptyEvidence, { urgent }).then(() => order.push(path));
    await Promise.all([check('first', false), check('later', false), check('typed', true), check('typed too', true)]);
    expect(order).toEqual(['first', 'typed', 'typed too', 'later']);
  });

  it.each([
    ['hang', 'claim/time-limit', /docs\/bad\.md could not be checked within 0\.3 s/],
    ['die', 'claim/crashed', /docs\/bad\.md died: exit code 7/],
    ['throw', 'claim/crashed', /docs\/bad\.md died: of its own/],
    ['fill', 'claim/crashed', /docs\/bad\.md died: .*memory/],
  ])('replaces a thread that is told to %s, and names the document', async (text, code, message) => {
    for (const ahead of [0, 2]) {
      const timeLimit = text === 'hang' ? 300 : 60_000;
      const checker = make({ worker: hostile, threads: 1, timeLimit, memoryLimit: 24, ahead });
      const bad = checker.check(text, 'docs/bad.md');
      const next = ['good', 'better', 'best'].map((name) => checker.check('fine', `docs/${name}.md`));
      await expect(bad).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
      expect(await Promise.all(next)).toEqual([[], [], []]);
      expect(checker.threaded).toBe(true);
    }
  });

  it('interrupts the real thing', async () => {
    const checker = make({ threads: 1, timeLimit: 20 });
    const long = generateDocument(1, 'claims', 40_000);
    await expect(checker.check(long, 'long.md')).rejects.toMatchObject({ code: 'claim/time-limit' });
  });

  it('works without threads where the worker is not there', async () => {
    const checker = make({ worker: join(folder, 'nothing.cjs') });
    const found = await Promise.all(documents.slice(0, 3).map((text) => checker.check(text, 'a.md')));
    expect(found).toEqual(documents.slice(0, 3).map((text) => checkDocument(text, 'a.md', emptyEvidence)));
    expect(checker.threaded).toBe(false);
  });

  it('is done when it is disposed of', async () => {
    const checker = make({ threads: 1 });
    const checks = documents.map((text) => checker.check(text, 'a.md'));
    checker.dispose();
    for (const check of checks) await expect(check).rejects.toMatchObject({ code: 'claim/stopped' });
    await expect(checker.check('a', 'a.md')).rejects.toMatchObject({ code: 'claim/stopped' });
  });
});
