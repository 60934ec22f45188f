import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { FeatureConstraints } from '../../../src/engine/attack/constraint';
import { corruptionByName } from '../../../src/engine/corruption/registry';
import { type Columns, columnsOf } from '../../../src/engine/corruption/tabular/columns';
import type { Batch } from '../../../src/engine/data/types';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { Random } from '../../../src/engine/random';
import { readReport } from '../../../src/engine/report/store';
import { tabularCorruptionNames } from '../../../src/engine/spec/corruptions';
import { irisWorkspace } from '../evaluate/workspace';

// Columns: three numbers, one of them about a large mean, a whole number, a flag, a one-hot group of three, one held, one constant.
const size = 10;
const count = 400;
const table = (() => {
  const random = Random.of(1, 'table');
  const x = new Float32Array(count * size);
  for (let row = 0; row < count; row++) {
    const hot = random.uniform() < 0.6 ? 5 : random.uniform() < 0.5 ? 6 : 7;
    const values = [
      random.normal(),
      10_000 + 0.5 * random.normal(),
      5 + 2 * random.normal(),
      random.integer(90),
      Number(random.uniform() < 0.3),
      0,
      0,
      0,
      random.normal(),
      7,
    ];
    values[hot] = 1;
    x.set(values, row * size);
  }
  return x;
})();
const dataset = {
  shape: [size],
  range: null,
  count,
  async *batches(): AsyncGenerator<Batch> {
    for (let start = 0; start < count; start += 100) {
      const x = table.slice(start * size, (start + 100) * size);
      yield { start, count: 100, x, y: new Int32Array(100) } as Batch;
    }
  },
};
const at = <T>(value: T, changes: Record<number, T>): T[] =>
  Array.from({ length: size }, (_, i) => changes[i] ?? value);
const constraints: FeatureConstraints = {
  scale: at(1, {}),
  low: at(-Infinity, { 0: -2, 3: 0, 5: 0, 6: 0, 7: 0 }),
  high: at(Infinity, { 0: 2, 3: 120, 5: 1, 6: 1, 7: 1 }),
  held: at(false, { 8: true }),
  direction: at<-1 | 0 | 1>(0, {}),
  integer: at(false, { 3: true }),
  groups: [[5, 6, 7]],
};
const row = (i: number) => table.slice(i * size, (i + 1) * size);
const apply = (name: (typeof tabularCorruptionNames)[number], severity: number, i: number, columns: Columns) =>
  corruptionByName(name).apply(
    row(i),
    [size],
    severity,
    [-Infinity, Infinity],
    Random.of(0, name, severity, i),
    columns,
  );

describe('the columns of a table', () => {
  it('have the moments of the sample, also about a large mean', async () => {
    const { mean, deviation, low, high } = await columnsOf(dataset, constraints, 0);
    const values = Array.from({ length: count }, (_, i) => row(i)[1]!);
    const average = values.reduce((sum, value) => sum + value, 0) / count;
    expect(mean[1]).toBeCloseTo(average, 8);
    expect(deviation[1]).toBeCloseTo(
      Math.sqrt(values.reduce((sum, value) => sum + (value - average) ** 2, 0) / count),
      8,
    );
    expect([low[1], high[1]]).toEqual([Math.min(...values), Math.max(...values)]);
  });

  it('are told apart: numbers that vary, flags, groups, and what nobody can change', async () => {
    const columns = await columnsOf(dataset, constraints, 0);
    expect([...columns.continuous].sort()).toEqual([0, 1, 2, 3]);
    expect(columns.binary).toEqual([4]);
    expect(columns.groups).toEqual([[5, 6, 7]]);
  });
});

describe.each(tabularCorruptionNames)('%s', (name) => {
  it('keeps to what the features allow, at every severity', async () => {
    const columns = await columnsOf(dataset, constraints, 0);
    for (let severity = 1; severity <= 5; severity++) {
      for (let i = 0; i < 60; i++) {
        const before = row(i);
        const after = apply(name, severity, i, columns);
        expect(row(i)).toEqual(before);
        expect([after[8], after[9]]).toEqual([before[8], before[9]]);
        expect(after[0]).toBeGreaterThanOrEqual(Math.min(-2, before[0]!));
        expect(after[0]).toBeLessThanOrEqual(Math.max(2, before[0]!));
        expect(Number.isInteger(after[3])).toBe(true);
        expect([0, 1]).toContain(after[4]);
        expect([...after.subarray(5, 8)].sort()).toEqual([0, 0, 1]);
      }
    }
  });

  it('changes more at severity 5 than at 1, and the same with the same seed', async () => {
    const columns = await columnsOf(dataset, undefined, 0);
    const moved = (severity: number) => {
      let sum = 0;
      for (let i = 0; i < count; i++) {
        const [before, after] = [row(i), apply(name, severity, i, columns)];
        for (const k of columns.continuous)
          sum += Math.min(100, Math.abs(after[k]! - before[k]!) / columns.deviation[k]!);
      }
      return sum;
    };
    expect(moved(1)).toBeGreaterThan(0);
    expect(moved(5)).toBeGreaterThan(1.2 * moved(1));
    expect(apply(name, 3, 5, columns)).toEqual(apply(name, 3, 5, await columnsOf(dataset, undefined, 0)));
  });

  it('refuses a table that it knows nothing of, and severities that there are not', async () => {
    const columns = await columnsOf(dataset, constraints, 0);
    const bare = () => corruptionByName(name).apply(row(0), [size], 1, [0, 1], Random.of(0, name));
    expect(bare).toThrow(expect.objectContaining({ code: 'data/columns' }));
    expect(() => apply(name, 6, 0, columns)).toThrow(expect.objectContaining({ code: 'spec/severity' }));
    expect(() => corruptionByName(name).describe(0, [size])).toThrow(
      expect.objectContaining({ code: 'spec/severity' }),
    );
  });
});

describe('faults of a table, by what they are', () => {
  it('fills what is missing with the mean, as often as it says', async () => {
    const columns = await columnsOf(dataset, undefined, 0);
    let filled = 0;
    for (let i = 0; i < count; i++) {
      if (apply('missing_values', 4, i, columns)[2] === Math.fround(columns.mean[2]!)) filled++;
    }
    // Binomial of 400 with 0.3: four standard deviations are 37.
    expect(Math.abs(filled - 120)).toBeLessThan(37);
  });

  it('drifts every example the same way, and swaps what stands in the file', async () => {
    const columns = await columnsOf(dataset, undefined, 0);
    for (let i = 0; i < 20; i++) {
      const drifted = apply('drifted_columns', 3, i, columns);
      for (const k of [0, 2]) {
        expect(drifted[k]! - row(i)[k]!).toBeCloseTo(columns.sign[k]! * columns.deviation[k]!, 4);
      }
      const [a, b] = columns.continuous as [number, number];
      const swapped = apply('swapped_columns', 1, i, columns);
      expect([swapped[a], swapped[b]]).toEqual([row(i)[b], row(i)[a]]);
    }
  });

  it('leaves as many levels as it says, and stuck columns one', async () => {
    const columns = await columnsOf(dataset, undefined, 0);
    const values = (name: 'quantised_sensors' | 'stuck_at', severity: number, k: number) =>
      new Set(Array.from({ length: count }, (_, i) => apply(name, severity, i, columns)[k])).size;
    expect(values('quantised_sensors', 5, 2)).toBe(2);
    expect(values('quantised_sensors', 4, 2)).toBe(4);
    expect(values('stuck_at', 5, columns.continuous[0]!)).toBe(1);
    expect(values('stuck_at', 5, columns.continuous.at(-1)!)).toBeGreaterThan(20);
  });
});

describe('a model on a table', () => {
  it('is measured under all seven, without a range of the data', async () => {
    const { specPath, root } = await irisWorkspace({
      data: { test: { path: 'iris.csv', labels: 'species' } },
      corruptions: { severities: [1, 3, 5] },
    });
    try {
      const { reportPaths } = await evaluate({ specPath, epsilon: '0.5', norm: 'l2' });
      const { corruptions, clean } = await readReport(reportPaths[0]!);
      expect([...new Set(corruptions!.byCorruption.map((each) => each.name))]).toEqual([...tabularCorruptionNames]);
      const of = (name: string, severity: number) =>
        corruptions!.byCorruption.find((each) => each.name === name && each.severity === severity)!.accuracy.value;
      expect(of('drifted_columns', 5)).toBeLessThan(of('drifted_columns', 1));
      expect(of('stuck_at', 5)).toBeLessThan(clean!.accuracy.value);
      expect(corruptions!.worst!.accuracy.value).toBeLessThan(clean!.accuracy.value - 0.1);
    } finally {
      await rm(root, { recursive: true });
    }
  }, 60_000);
});
