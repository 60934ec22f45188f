import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder } from '../../../src/engine/cacheFolder';
import { estimateBatchSize, largestThatFits, measureBatchSize } from '../../../src/engine/oracle/batchSize';
import { type BatchKey, rememberBatchSize, rememberedBatchSize } from '../../../src/engine/oracle/batchSizeCache';

/** A machine on which a batch of n takes `overhead + n · each` milliseconds, and more where it leaves the cache. */
function machine(overhead: number, each: number, cache: number) {
  let clock = 0;
  const sizes: number[] = [];
  return {
    sizes,
    now: () => clock,
    run: async (n: number) => {
      sizes.push(n);
      clock += overhead + each * (n + Math.max(0, n - cache));
    },
    rate: (n: number) => n / (overhead + each * (n + Math.max(0, n - cache))),
  };
}

describe('measureBatchSize', () => {
  it('takes the smallest size within a tenth of the best throughput', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.05, max: 5, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 128 }),
        fc.integer({ min: 1, max: 128 }),
        async (overhead, each, cache, largest) => {
          const m = machine(overhead, each, cache);
          const size = await measureBatchSize(m.run, largest, 1e9, m.now);
          const powers = [1, 2, 4, 8, 16, 32, 64, 128].filter((n) => n <= largest);
          const best = Math.max(...powers.map(m.rate));
          // Sums of the clock round otherwise than the formula: at exactly a tenth either size is right.
          const smallest = (share: number) => powers.find((n) => m.rate(n) >= share * best);
          expect([smallest(0.9 - 1e-9), smallest(0.9 + 1e-9)]).toContain(size);
        },
      ),
    );
  });

  it('stays within its time, but for what the smallest batch takes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0.01, max: 2000, noNaN: true }), async (each) => {
        const m = machine(0.1, each, 128);
        await measureBatchSize(m.run, 128, 1500, m.now);
        expect(m.now()).toBeLessThanOrEqual(1500 + 2 * (0.1 + each));
      }),
    );
  });

  it('does not go beyond what fits', async () => {
    const m = machine(100, 0.001, 128);
    await measureBatchSize(m.run, 12, 1e9, m.now);
    expect(Math.max(...m.sizes)).toBe(8);
  });

  it('bounds sizes by memory, and never gives less than one', () => {
    expect(largestThatFits(1)).toBe(128);
    expect(largestThatFits(2 ** 40)).toBe(1);
    expect(estimateBatchSize(0)).toBe(128);
    expect(estimateBatchSize(2 ** 40)).toBe(1);
    // ResNet-50's tensors: 2 GiB over 2.5 times 11 M floats of 4 bytes.
    expect(largestThatFits(11e6)).toBeLessThanOrEqual(19);
  });
});

describe('remembered batch sizes', () => {
  const key: BatchKey = {
    modelSha256: 'a'.repeat(64),
    exampleShape: [3, 8, 8],
    provider: 'cpu',
    threads: null,
    gradient: true,
  };
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ri-cache-'));
  });
  afterEach(async () => {
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true, force: true });
  });

  it('are found again by model, provider and threads, and leave no litter', async () => {
    await rememberBatchSize(key, 16, folder);
    await rememberBatchSize(key, 32, folder);
    expect(await rememberedBatchSize(key, folder)).toBe(32);
    for (const other of [{ threads: 1 }, { provider: 'cuda' }, { gradient: false }, { modelSha256: 'b'.repeat(64) }]) {
      expect(await rememberedBatchSize({ ...key, ...other }, folder)).toBeUndefined();
    }
    expect(await readdir(join(folder, 'batch-size'))).toHaveLength(1);
  });

  it.each(['', '{', 'null', '{"batchSize":0}', '{"batchSize":1e9}', '{"batchSize":"8"}', '[8]', '\u0000\uffff'])(
    'are measured again where the file holds %j',
    async (text) => {
      await rememberBatchSize(key, 16, folder);
      const [file] = await readdir(join(folder, 'batch-size'));
      await writeFile(join(folder, 'batch-size', file!), text);
      expect(await rememberedBatchSize(key, folder)).toBeUndefined();
      await rememberBatchSize(key, 8, folder);
      expect(await rememberedBatchSize(key, folder)).toBe(8);
    },
  );

  it('do without a folder that can be written', async () => {
    // A file where the folder should be stops root too.
    const blocked = join(folder, 'blocked');
    await writeFile(blocked, '');
    await expect(rememberBatchSize(key, 16, blocked)).resolves.toBeUndefined();
    expect(await rememberedBatchSize(key, blocked)).toBeUndefined();
    await mkdir(join(folder, 'batch-size'));
    await chmod(join(folder, 'batch-size'), 0o500);
    await expect(rememberBatchSize(key, 16, folder)).resolves.toBeUndefined();
  });

  it('lie where the system keeps such things', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: join('/', 'x') }, 'linux')).toBe(join('/', 'x', 'robustness-inspector'));
    expect(cacheFolder({}, 'linux')).toMatch(/\.cache.robustness-inspector$/);
    expect(cacheFolder({}, 'darwin')).toMatch(/Library.Caches.robustness-inspector$/);
    expect(cacheFolder({ LOCALAPPDATA: 'L' }, 'win32')).toBe(join('L', 'robustness-inspector', 'Cache'));
  });
});
