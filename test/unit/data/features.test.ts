import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { infeasibility } from '../../../src/engine/attack/verifyConstraints';
import type { OpenDataset } from '../../../src/engine/data/assemble';
import { checkFeasible, constraintsOf, scaledDataset } from '../../../src/engine/data/features';
import { openDataset } from '../../../src/engine/data/open';
import { parseSpec } from '../../../src/engine/spec/read';
import type { FeatureSpec } from '../../../src/engine/spec/schema';

let folder: string;
let dataset: OpenDataset;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'features-'));
  await writeFile(join(folder, 'a.csv'), 'area,rooms,gas,oil,price\n80,3,1,0,5\n33.5,1,0,1,6\n');
  dataset = await openDataset({ path: 'a.csv', labels: 'price' }, folder, { answers: 'targets' });
});
afterAll(() => rm(folder, { recursive: true }));

const features: FeatureSpec[] = [
  { name: 'area', scale: 5, min: 10 },
  { name: 1, integer: true, max: 8, direction: 'increase' },
  { name: 'gas', group: 'heating' },
  { name: 'oil', group: 'heating', immutable: true },
];

describe('declared features', () => {
  it('become constraints in units of their scales', () => {
    expect(constraintsOf(features, dataset)).toEqual({
      scale: [5, 1, 1, 1],
      low: [2, Number.NEGATIVE_INFINITY, 0, 0],
      high: [Number.POSITIVE_INFINITY, 8, 1, 1],
      held: [false, false, false, true],
      direction: [0, 1, 0, 0],
      integer: [false, true, false, false],
      groups: [[2, 3]],
    });
    expect(constraintsOf([], { ...dataset, range: [0, 100] }).high).toEqual([100, 100, 100, 100]);
  });

  it('scale the data', async () => {
    const scaled = scaledDataset(dataset, constraintsOf(features, dataset));
    for (let reading = 0; reading < 2; reading++) {
      for await (const { x } of scaled.batches(2)) {
        expect([...x]).toEqual([16, 3, 1, 0, Math.fround(33.5 / 5), 1, 0, 1]);
      }
    }
  });

  it('are held against every example', async () => {
    const check = (more: FeatureSpec[]) => {
      const constraints = constraintsOf(more, dataset);
      return checkFeasible(scaledDataset(dataset, constraints), constraints, infeasibility);
    };
    await expect(check(features)).resolves.toBeUndefined();
    for (const [more, words] of [
      [[{ name: 'area', integer: true }], 'Example 1 .*“area” is 33.5'],
      [[{ name: 'area', max: 50 }], 'Example 0 .*“area” is 80'],
      [
        [
          { name: 'rooms', group: 'g' },
          { name: 'gas', group: 'g' },
        ],
        'not one-hot|outside',
      ],
    ] as const) {
      await expect(check([...more])).rejects.toMatchObject({
        code: 'data/infeasible',
        message: expect.stringMatching(new RegExp(words)),
      });
    }
  });

  it('must be features of the data', () => {
    const make =
      (more: FeatureSpec[], of: Parameters<typeof constraintsOf>[1] = dataset) =>
      () =>
        constraintsOf(more, of);
    expect(make([{ name: 'aera' }])).toThrow('no feature called “aera”');
    expect(make([{ name: 9 }])).toThrow('position 9');
    expect(make([{ name: 'area' }, { name: 0 }])).toThrow('twice');
    expect(make([{ name: 'gas', group: 'alone' }])).toThrow('one feature');
    expect(make([{ name: 'area' }], { ...dataset, features: null })).toThrow('no feature called “area”');
    expect(make([], { ...dataset, kind: 'image' })).toThrow('no table');
  });

  it('are read from a spec, strictly', () => {
    const spec = (feature: string) =>
      parseSpec(`model: m.onnx\ndata: {test: {path: a.csv}, features: [${feature}]}`, 'robustness.yaml');
    expect(spec('{name: area, scale: 2, direction: decrease}').data.features).toHaveLength(1);
    for (const [feature, code] of [
      ['{name: area, imutable: true}', 'spec/unknown-key'],
      ['{name: area, scale: 0}', 'spec/invalid'],
      ['{name: area, min: 3, max: 3}', 'spec/invalid'],
      ['{name: area, direction: up}', 'spec/invalid'],
      ['{scale: 1}', 'spec/invalid'],
    ] as const) {
      expect(() => spec(feature)).toThrow(expect.objectContaining({ code }));
    }
    expect(() => spec('{name: area, imutable: true}')).toThrow(
      expect.objectContaining({ hint: 'Did you mean `immutable`?' }),
    );
  });
});
