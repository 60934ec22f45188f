import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collectArrays, lean } from '../../../src/worker/lean';

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

describe('a process that is started to be lean', () => {
  it('has a collector to call, and small half-spaces', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lean-'));
    try {
      const script = join(folder, 'child.cjs');
      writeFileSync(
        script,
        `for (let i = 0, kept = []; i < 3e6; i++) { kept.push({ i }); if (kept.length > 2e5) kept = []; }
         const spaces = require('node:v8').getHeapSpaceStatistics();
         const young = spaces.find(({ space_name: name }) => name === 'new_space').space_size;
         process.send({ collector: typeof gc, young });`,
      );
      const child = fork(script, { execArgv: [...lean.execArgv], env: { ...process.env, ...lean.env } });
      const [said] = (await once(child, 'message')) as [{ collector: string; young: number }];
      expect(said.collector).toBe('function');
      expect(said.young).toBeLessThanOrEqual(16 * mebibyte);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
