import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWorker } from '../../../src/worker/client';
import { collectArrays } from '../../../src/worker/lean';
import type { WorkerJob } from '../../../src/worker/protocol';

const mebibyte = 2 ** 20;

describe('the collection of typed arrays', () => {
  const before = globalThis.gc;
  const size = vi.spyOn(process, 'memoryUsage');
  let arrayBuffers = 0;
  beforeEach(() => {
    vi.useFakeTimers();
    size.mockImplementation((() => ({ arrayBuffers })) as unknown as typeof process.memoryUsage);
  });
  afterEach(() => {
    vi.useRealTimers();
    size.mockReset();
    if (before === undefined) Reflect.deleteProperty(globalThis, 'gc');
    else globalThis.gc = before;
  });

  it('is called for what has piled up since the last one, and for nothing less', () => {
    const needed = 100 * mebibyte;
    // What has piled up is old, so that collecting the young frees none of it.
    const collect = vi.fn((options?: { type: string }) => {
      if (options?.type !== 'minor') arrayBuffers = needed;
    });
    globalThis.gc = collect as unknown as NonNullable<typeof globalThis.gc>;
    arrayBuffers = 80 * mebibyte;
    collectArrays();
    const look = (mib: number) => {
      arrayBuffers = mib * mebibyte;
      vi.advanceTimersByTime(2000);
      return collect.mock.calls.filter(([options]) => options === undefined).length;
    };
    expect(look(103)).toBe(0);
    expect(look(104)).toBe(1);
    // What is still needed is no garbage.
    expect(look(123)).toBe(1);
    expect(look(124)).toBe(2);
    // V8 has collected by itself.
    expect(look(10)).toBe(2);
    expect(look(33)).toBe(2);
    expect(look(34)).toBe(3);
  });

  it('is not tried where the collector cannot be called', () => {
    Reflect.deleteProperty(globalThis, 'gc');
    expect(collectArrays).not.toThrow();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the process of a job', () => {
  it('has a collector to call, small half-spaces, and large blocks from the system', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lean-'));
    try {
      const script = join(folder, 'worker.cjs');
      writeFileSync(
        script,
        `process.once('message', () => {
           for (let i = 0, kept = []; i < 3e6; i++) { kept.push({ i }); if (kept.length > 2e5) kept = []; }
           const spaces = require('node:v8').getHeapSpaceStatistics();
           const young = spaces.find(({ space_name: name }) => name === 'new_space').space_size;
           const { MALLOC_ARENA_MAX: arenas, MALLOC_MMAP_THRESHOLD_: block } = process.env;
           process.send({ type: 'result', result: { collector: typeof gc, young, arenas, block } }, () => process.exit());
         });`,
      );
      const job = { kind: 'inspect', modelPath: 'none.onnx' } as unknown as WorkerJob;
      const said = (await startWorker(script, job, { onMessage: () => {} }).result) as { readonly young: number };
      expect(said).toMatchObject({ collector: 'function', arenas: '2', block: String(mebibyte) });
      expect(said.young).toBeLessThanOrEqual(16 * mebibyte);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
