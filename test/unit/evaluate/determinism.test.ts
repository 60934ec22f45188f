import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { comparable } from '../../../src/engine/evaluate/run';
import type { Report } from '../../../src/engine/report/schema';
import { readAnyReport } from '../../../src/engine/report/store';
import { bundles } from '../worker/bundle';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'same-'));
  for (const sample of ['digits', 'motors', 'reviews', 'flats'])
    await cp(join('samples', sample), join(root, sample), { recursive: true });
});
afterAll(() => rm(root, { recursive: true }));

const normal = { mean: 0.1307, std: 0.3081 };
const pixels = (limit: number) => ({
  test: { path: 'data/test.npz', inputs: 'x', labels: 'y', limit },
  range: [0, 255],
  unit: 255,
});
const attacker = {
  knowledge: 'white-box',
  goal: 'untargeted',
  suite: 'quick',
  iterations: 4,
  queries: 25,
  restarts: 1,
};
const linf = { name: 'linf', norm: 'linf', epsilon: 0.15, ...attacker };

/** [sample, spec]: what an evaluation can be of, each with random numbers of its own. */
const subjects: Readonly<Record<string, readonly [string, object]>> = {
  'a cascade in three norms with corruptions, curves and checks': [
    'digits',
    {
      model: 'models/plain.onnx',
      preprocess: normal,
      data: pixels(5),
      threatModels: [
        { ...linf, attacks: ['apgd-ce', 'apgd-t', 'fab-t', 'square'] },
        { ...linf, name: 'l2', norm: 'l2', epsilon: 1.2, attacks: ['pgd', 'apgd-ce', 'square'], restarts: 2 },
        { ...linf, name: 'l1', norm: 'l1', epsilon: 6, attacks: ['apgd-ce', 'square'] },
        { ...linf, name: 'l0', norm: 'l0', epsilon: 9, attacks: ['sigma-zero', 'sparse-rs'] },
      ],
      corruptions: { only: ['gaussian_noise', 'glass_blur'], severities: [3] },
    },
  ],
  'targets, one by one and all of them': [
    'digits',
    {
      model: 'models/plain.onnx',
      preprocess: normal,
      data: pixels(3),
      threatModels: [
        { ...linf, name: 'all', goal: 'targeted', target: 'all', attacks: ['apgd-t', 'square'] },
        { ...linf, name: 'any', goal: 'targeted', target: 'random', attacks: ['pgd', 'fab-t'] },
      ],
      corruptions: false,
    },
  ],
  'labels alone': [
    'digits',
    {
      model: 'models/plain.onnx',
      preprocess: normal,
      data: pixels(5),
      threatModels: [
        { ...linf, knowledge: 'black-box-decision', attacks: ['rays', 'hopskipjump'], queries: 120 },
        {
          ...linf,
          name: 'l2',
          norm: 'l2',
          epsilon: 2,
          knowledge: 'black-box-decision',
          attacks: ['surfree'],
          queries: 120,
        },
      ],
      corruptions: false,
    },
  ],
  'an ensemble that votes': [
    'digits',
    {
      ensemble: {
        members: [
          { path: 'models/plain.onnx', preprocess: normal },
          { path: 'models/robust.onnx', preprocess: normal },
        ],
        combine: 'vote',
      },
      data: pixels(6),
      threatModels: [{ ...linf, attacks: ['pgd', 'square'] }],
      corruptions: false,
    },
  ],
  'time series': [
    'motors',
    {
      model: 'models/fault.onnx',
      data: { test: { path: 'data/test.npz', sampleRate: 1000, limit: 7 }, range: [-8, 8] },
      threatModels: [
        { ...linf, epsilon: 0.1, attacks: ['pgd', 'square'] },
        { ...linf, name: 'l0', norm: 'l0', epsilon: 40, attacks: ['sparse-rs'] },
      ],
      corruptions: { only: ['white_noise', 'time_shift'], severities: [3] },
    },
  ],
  texts: [
    'reviews',
    {
      model: 'models/misspelt.onnx',
      data: { test: { path: 'data/test.csv', text: 'text', limit: 7 } },
      threatModels: [
        { name: 'scores', norm: 'edits', epsilon: 2, knowledge: 'black-box-score', goal: 'untargeted', queries: 40 },
        { name: 'labels', norm: 'edits', epsilon: 2, knowledge: 'black-box-decision', goal: 'untargeted', queries: 40 },
      ],
      corruptions: { set: 'text', severities: [3] },
    },
  ],
  'numbers of a table': [
    'flats',
    {
      model: 'models/price.onnx',
      task: 'regression',
      tolerance: '15 %',
      data: {
        test: { path: 'data/test.csv', labels: 'price', limit: 9 },
        features: [
          { name: 'area', scale: 5, min: 10, max: 300 },
          { name: 'rooms', integer: true, min: 1, max: 10 },
        ],
      },
      threatModels: [{ ...linf, epsilon: 1, attacks: ['pgd', 'apgd-ce', 'square'] }],
    },
  ],
};

describe('the same seed gives the same report, to the bit', { timeout: 120_000 }, () => {
  it.each(Object.entries(subjects))('of %s, whatever the batch size', async (name, [sample, spec]) => {
    const specPath = join(root, sample, `${name.replaceAll(/\W/g, '-')}.json`);
    await writeFile(specPath, JSON.stringify({ seed: 11, ...spec }));
    const reportOf = async (options: object) => {
      const out = join(root, sample, 'out.robustness.json');
      await evaluate({ specPath, out, threads: 1, ...options });
      return JSON.stringify(comparable((await readAnyReport(out)) as Parameters<typeof comparable>[0]));
    };
    const first = await reportOf({ batchSize: 64 });
    for (const batchSize of sample === 'digits' ? [3] : [1, 3]) expect(await reportOf({ batchSize })).toBe(first);
    // Not because nothing is random.
    expect(await reportOf({ batchSize: 64, seed: 12 })).not.toBe(first);
  });

  it('of two models, one after the other or both at once', async () => {
    const built = await bundles();
    try {
      const specPath = join(root, 'digits', 'jobs.json');
      const spec = {
        models: ['models/plain.onnx', 'models/robust.onnx'],
        preprocess: normal,
        data: pixels(5),
        threatModels: [{ ...linf, attacks: ['pgd', 'square'] }],
        corruptions: false,
      };
      await writeFile(specPath, JSON.stringify(spec));
      const reportsOf = async (jobs: number) => {
        const args = ['evaluate', specPath, '--threads', '1', '--jobs', String(jobs), '--json'];
        const { stdout } = await promisify(execFile)(process.execPath, [built.cli, ...args], { maxBuffer: 2 ** 26 });
        return (JSON.parse(stdout) as Report[]).map((report) => JSON.stringify(comparable(report)));
      };
      const alone = await reportsOf(1);
      expect(alone).toHaveLength(2);
      expect(await reportsOf(2)).toEqual(alone);
    } finally {
      await built.remove();
    }
  });
});
