import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { kept } from '../../../src/engine/data/kept';
import type { ExampleSource } from '../../../src/engine/data/source';
import { Spill } from '../../../src/engine/data/spill';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const elements = 1000;

/** Examples whose values tell which they are, with targets; counts how many were read. */
function numbered(count: number, depth: 'uint8' | 'number', more: Partial<ExampleSource> = {}) {
  const reads = { examples: 0 };
  const source: ExampleSource = {
    path: 'numbers',
    files: [],
    available: count,
    kind: 'vector',
    shape: [elements],
    depth,
    classes: null,
    features: null,
    inferred: [],
    targets: 2,
    async *examples(start, end) {
      // One buffer for all, as the readers of files have it.
      const values = depth === 'uint8' ? new Uint8Array(elements) : new Float32Array(elements);
      for (let i = start; i < end; i++) {
        values[0] = i % 251;
        values[1] = Math.floor(i / 251);
        values[elements - 1] = i % 251;
        reads.examples++;
        yield { values, label: i % 7, target: Float32Array.of(i, -i) };
      }
    },
    ...more,
  };
  return { source, reads };
}

async function read(source: ExampleSource, start: number, end: number): Promise<number[][]> {
  const rows: number[][] = [];
  for await (const { values, label, target } of source.examples(start, end)) {
    if (values.length !== elements || values[elements - 1] !== values[0])
      throw new Error(`example ${rows.length} is torn`);
    rows.push([values[0]! + 251 * values[1]!, label, ...target!]);
  }
  return rows;
}

const rowsOf = (start: number, end: number) =>
  Array.from({ length: end - start }, (_, k) => [start + k, (start + k) % 7, start + k, -(start + k)]);

describe('kept examples', () => {
  // Four million bytes are the most that stay in memory.
  it.each([
    ['in memory', 1000, 'number'],
    ['in a file', 2000, 'number'],
    ['in a file', 6000, 'uint8'],
  ] as const)('are read once: %s, %i examples of %s', async (_, count, depth) => {
    const { source, reads } = numbered(count, depth);
    const once = kept(source, count);
    expect(await read(once, 0, count)).toEqual(rowsOf(0, count));
    for (const [start, end] of [
      [0, count],
      [count - 3, count],
      [17, 900],
    ] as const)
      expect(await read(once, start, end)).toEqual(rowsOf(start, end));
    expect(reads.examples).toBe(count);
    once.drop();
    expect(await read(once, 5, 8)).toEqual(rowsOf(5, 8));
    expect(reads.examples).toBe(count + 3);
    once.drop();
  });

  it('come from the file as far as it goes, and from the source behind it', async () => {
    const { source, reads } = numbered(3000, 'number');
    const once = kept(source, 3000);
    await read(once, 0, 700);
    expect(await read(once, 0, 3000)).toEqual(rowsOf(0, 3000));
    expect(await read(once, 0, 3000)).toEqual(rowsOf(0, 3000));
    // 700, and those that were not in a whole block yet; the last reading none.
    expect(reads.examples).toBeLessThan(700 + 3000);
    once.drop();
  });

  it('serve two readers at once', async () => {
    const { source } = numbered(2000, 'number');
    const once = kept(source, 2000);
    const both = await Promise.all([read(once, 0, 2000), read(once, 300, 1500)]);
    expect(both).toStrictEqual([rowsOf(0, 2000), rowsOf(300, 1500)]);
    once.drop();
  });

  it('leave no file behind, by whatever name', async () => {
    const { source } = numbered(2000, 'number');
    const once = kept(source, 2000);
    await read(once, 0, 2000);
    // Windows keeps the name until the file is closed.
    if (process.platform !== 'win32') expect(await readdir(join(folder, 'robustness-inspector'))).toEqual([]);
    once.drop();
    expect(await readdir(join(folder, 'robustness-inspector'))).toEqual([]);
  });

  it('are not copied where the source is as fast as a copy', async () => {
    const { source, reads } = numbered(2000, 'number', { seekable: true });
    const once = kept(source, 2000);
    await read(once, 0, 2000);
    expect(await read(once, 0, 2000)).toEqual(rowsOf(0, 2000));
    expect(reads.examples).toBe(4000);
  });

  it('come from the source where there is no place for a file', async () => {
    await writeFile(join(folder, 'occupied'), '');
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'occupied'));
    expect(Spill.open()).toBe(null);
    const { source } = numbered(2000, 'number');
    const once = kept(source, 2000);
    expect(await read(once, 0, 2000)).toEqual(rowsOf(0, 2000));
    expect(await read(once, 0, 2000)).toEqual(rowsOf(0, 2000));
    once.drop();
  });

  it('come from the source behind what a full disk took', async () => {
    const { source, reads } = numbered(2000, 'number');
    const once = kept(source, 2000);
    const whole = Spill.prototype.append;
    let calls = 0;
    vi.spyOn(Spill.prototype, 'append').mockImplementation(function (this: Spill, bytes) {
      return ++calls > 1 ? false : whole.call(this, bytes);
    });
    expect(await read(once, 0, 2000)).toEqual(rowsOf(0, 2000));
    vi.restoreAllMocks();
    expect(await read(once, 0, 2000)).toEqual(rowsOf(0, 2000));
    expect(reads.examples).toBeGreaterThan(2000);
    expect(reads.examples).toBeLessThan(4000);
    once.drop();
  });
});

describe('Spill', () => {
  it('reads what was appended, and nothing beyond', () => {
    const spill = Spill.open()!;
    expect(spill.append(Uint8Array.of(1, 2, 3))).toBe(true);
    expect(spill.append(Uint8Array.of(4, 5))).toBe(true);
    const into = new Uint8Array(3);
    spill.read(2, into);
    expect([...into]).toEqual([3, 4, 5]);
    expect(() => spill.read(3, into)).toThrow(RangeError);
    spill.close();
  });
});
